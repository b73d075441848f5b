import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type DocumentName, functions } from '../../infra/endpoints.ts';
import type { TestSystem } from './local-system.ts';

/** Puts another document in the place of one of a running system, which every function reads anew. */
export async function replaceDocument(
  { operatorEnvironment, crash }: Pick<TestSystem, 'operatorEnvironment' | 'crash'>,
  name: DocumentName,
  document: object,
): Promise<void> {
  const client = new SecretsManagerClient({
    endpoint: operatorEnvironment['AWS_ENDPOINT_URL_SECRETS_MANAGER'] ?? '',
    region: 'local',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
  });
  const SecretString = JSON.stringify(document);
  await client.send(new PutSecretValueCommand({ SecretId: `settle/local/${name}`, SecretString }));
  client.destroy();
  await Promise.all(functions.map((definition) => crash(definition.name)));
}
