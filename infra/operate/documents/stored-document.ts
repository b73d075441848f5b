import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { forEachConcurrently } from '../../../lib/concurrency.ts';
import { isJsonObject } from '../../../lib/json.ts';
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

/** Where a document lies in Secrets Manager, by its name below the stage. */
export const secretName = (stage: string, name: string): string => `settle/${stage}/${name}`;

/** What is deleted can be restored for so long: the longest that Secrets Manager takes. */
export const RECOVERY_DAYS = 30;

/** Secrets Manager takes thousands of reads a second, and a stage has a document for each tenant. */
const CONCURRENT_READS = 16;

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

/**
 * The names below the stage of all documents that are there; what is deleted is not. Secrets Manager lists what was
 * stored in the last minutes late at times.
 * @throws Error of Secrets Manager
 */
export async function listDocuments(client: SecretsManagerClient, stage: string): Promise<string[]> {
  const prefix = secretName(stage, '');
  const names: string[] = [];
  let NextToken: string | undefined;
  do {
    const Filters = [{ Key: 'name' as const, Values: [prefix] }];
    const page = await client.send(new ListSecretsCommand({ Filters, NextToken, MaxResults: 100 }));
    for (const { Name = '' } of page.SecretList ?? []) {
      if (Name.startsWith(prefix)) names.push(Name.slice(prefix.length));
    }
    ({ NextToken } = page);
  } while (NextToken);
  return names;
}

/** What is stored under each of these names. @throws Error of Secrets Manager */
export async function readAllStored(
  client: SecretsManagerClient,
  stage: string,
  names: Iterable<string>,
): Promise<Map<string, Stored>> {
  const all = new Map<string, Stored>();
  await forEachConcurrently(new Set(names), CONCURRENT_READS, async (name) => {
    all.set(name, await readStored(client, secretName(stage, name)));
  });
  return all;
}

/**
 * Under the name that was read before.
 * @param key the KMS key that it is encrypted with from now on; null leaves it as it is, for a new one the account's own
 * @throws Error of Secrets Manager
 */
export async function storeDocument(
  client: SecretsManagerClient,
  id: string,
  document: Document,
  { state }: Stored,
  key: string | null,
): Promise<void> {
  const SecretString = JSON.stringify(document);
  if (state === 'absent') {
    const encryption = key !== null && { KmsKeyId: key };
    await client.send(
      new CreateSecretCommand({ Name: id, SecretString, Description: 'Settle', ...encryption }),
    );
    return;
  }
  if (state === 'deleted') await client.send(new RestoreSecretCommand({ SecretId: id }));
  await (key === null
    ? client.send(new PutSecretValueCommand({ SecretId: id, SecretString }))
    : client.send(new UpdateSecretCommand({ SecretId: id, SecretString, KmsKeyId: key })));
}

/** It can be restored for 30 days, and counts as absent meanwhile. @throws Error of Secrets Manager */
export async function deleteDocument(client: SecretsManagerClient, id: string): Promise<void> {
  await client.send(new DeleteSecretCommand({ SecretId: id, RecoveryWindowInDays: RECOVERY_DAYS }));
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
