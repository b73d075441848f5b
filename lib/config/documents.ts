import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DocumentError } from './document.ts';

/** How long a document is used before it is read again: a rotated key arrives without a deployment. */
const LIFETIME_MS = 5 * 60_000;

/** After a failed read the document in use stays in use, and the next read waits this long. */
const RETRY_MS = 15_000;

export type ReadDocument = (name: string) => Promise<string>;

/**
 * Reads the documents of a stage from AWS Secrets Manager: two attempts of a second each, since a callback that has
 * to wait for them must be answered within 4 s.
 */
export function createDocumentReader(stage: string): ReadDocument {
  const client = new SecretsManagerClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 500, requestTimeout: 1_000, throwOnRequestTimeout: true },
  });
  return async (name) => {
    const { SecretString } = await client.send(
      new GetSecretValueCommand({ SecretId: `settle/${stage}/${name}` }),
    );
    if (SecretString === undefined) throw new DocumentError(name, '(document)', 'is missing');
    return SecretString;
  };
}

/**
 * A document, parsed once and kept. The first read begins at once, so that a cold start does it while it loads
 * the rest; one that failed is tried again by the next call.
 */
export function createDocumentLoader<T>(
  read: ReadDocument,
  name: string,
  parse: (document: unknown) => T,
  now: () => number = Date.now,
): () => Promise<T> {
  let current: T | undefined;
  let staleAt = 0;
  let reading: Promise<T> | undefined;

  const refresh = async (): Promise<T> => {
    try {
      current = parse(parseJson(name, await read(name)));
      staleAt = now() + LIFETIME_MS;
    } catch (error) {
      if (current === undefined) throw error;
      staleAt = now() + RETRY_MS;
    } finally {
      reading = undefined;
    }
    return current;
  };
  const load = (): Promise<T> => {
    if (current !== undefined && now() < staleAt) return Promise.resolve(current);
    reading ??= refresh();
    return reading;
  };
  load().catch(() => {});
  return load;
}

function parseJson(name: string, document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    // The parser's own message quotes the document.
    throw new DocumentError(name, '(document)', 'is not JSON');
  }
}
