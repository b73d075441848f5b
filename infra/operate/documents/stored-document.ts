import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { isJsonObject } from '../../../lib/json.ts';
import type { DocumentName } from '../../endpoints.ts';
import { patience } from '../aws.ts';

export type Document = Readonly<Record<string, unknown>>;

/** What Secrets Manager holds under a document's name. */
export type Stored =
  | { readonly state: 'stored'; readonly document: Document }
  | { readonly state: 'absent' }
  /** Somebody deleted it, and it can still be restored. */
  | { readonly state: 'deleted' }
  | { readonly state: 'malformed' };

export const connectSecretsManager = (): SecretsManagerClient => new SecretsManagerClient(patience);

/** Why there is no document, in words that follow its name. */
export const whyMissing: Readonly<Record<Exclude<Stored['state'], 'stored'>, string>> = {
  absent: 'is not stored',
  deleted: 'is deleted, and can still be restored',
  malformed: 'is not a JSON object',
};

/** Brings back what was deleted, as long as Secrets Manager keeps it. */
export const restoreCommand = (id: string): string => `aws secretsmanager restore-secret --secret-id ${id}`;

/** Where a stage's document lies in Secrets Manager. */
export const secretName = (stage: string, name: DocumentName): string => `settle/${stage}/${name}`;

/** @throws Error of Secrets Manager, when it does not say */
export async function readStored(client: SecretsManagerClient, id: string): Promise<Stored> {
  try {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: id }));
    const document = parse(SecretString);
    return isJsonObject(document) ? { state: 'stored', document } : { state: 'malformed' };
  } catch (error) {
    return explain(error);
  }
}

/** Under the name that was read before. @throws Error of Secrets Manager */
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

function explain(error: unknown): Stored {
  const { name, message } = error as Error;
  if (name === 'ResourceNotFoundException') return { state: 'absent' };
  // There is no code of its own for it.
  if (name === 'InvalidRequestException' && /deletion|deleted/.test(message)) return { state: 'deleted' };
  throw error;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
