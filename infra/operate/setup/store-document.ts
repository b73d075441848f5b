import {
  CreateSecretCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Stored } from '../command/stored-document.ts';
import type { Document } from './document-file.ts';

/** @throws Error of Secrets Manager */
export async function storeDocument(
  client: SecretsManagerClient,
  id: string,
  document: Document,
  { state }: Stored,
): Promise<void> {
  const SecretString = JSON.stringify(document);
  if (state === 'absent') {
    await client.send(new CreateSecretCommand({ Name: id, SecretString, Description: 'Settle' }));
    return;
  }
  if (state === 'deleted') await client.send(new RestoreSecretCommand({ SecretId: id }));
  await client.send(new PutSecretValueCommand({ SecretId: id, SecretString }));
}
