import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const client = new SecretsManagerClient({});

/** Begins to read a secret while the function loads, as Settle does. */
export function readSecret<T>(name: string): Promise<T> {
  const secret = client
    .send(new GetSecretValueCommand({ SecretId: `settle/${process.env['STAGE']}/${name}` }))
    .then(({ SecretString = '' }) => JSON.parse(SecretString) as T);
  secret.catch(() => {});
  return secret;
}
