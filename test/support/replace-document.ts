import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { functions } from '../../infra/endpoints.ts';
import type { TestSystem } from './local-system.ts';

/**
 * Puts a document in the place of one of a running system, or where there was none; with null there is none from then on.
 * Every function reads it anew.
 */
export async function replaceDocument(
  { operatorEnvironment, crash }: Pick<TestSystem, 'operatorEnvironment' | 'crash'>,
  name: string,
  document: object | null,
): Promise<void> {
  const client = new SecretsManagerClient({
    endpoint: operatorEnvironment['AWS_ENDPOINT_URL_SECRETS_MANAGER'] ?? '',
    region: 'local',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
  });
  const SecretString = JSON.stringify(document);
  const id = `settle/local/${name}`;
  if (document === null) await client.send(new DeleteSecretCommand({ SecretId: id }));
  else {
    await client.send(new PutSecretValueCommand({ SecretId: id, SecretString })).catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
      return client.send(new CreateSecretCommand({ Name: id, SecretString }));
    });
  }
  client.destroy();
  await Promise.all(functions.map((definition) => crash(definition.name)));
}
