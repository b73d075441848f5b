import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsClientConfig } from '../aws-client.ts';
import { DocumentError } from './document.ts';

/** How long a document is used before it is read again: a rotated key arrives without a deployment. */
const LIFETIME_MS = 5 * 60_000;

/** After a failed read the document in use stays in use, and the next read waits this long. */
const RETRY_MS = 15_000;

/** Where documents come from, and who hears of one that is of no use while the one before stays in use. */
export interface DocumentSource {
  readonly read: (name: string) => Promise<string>;
  /** The document cannot be read, or is refused with a DocumentError. */
  readonly onFailure: (name: string, error: unknown) => void;
}

/**
 * Reads the documents of a stage in AWS Secrets Manager. It takes two attempts of a second each at most, since a
 * callback that has to wait for one must be answered within 4 s.
 */
export function createDocumentReader(stage: string): DocumentSource['read'] {
  const client = new SecretsManagerClient(
    awsClientConfig('secretsmanager', { maxAttempts: 2, requestTimeout: 1_000 }),
  );
  return async (name) => {
    const { SecretString } = await client.send(
      new GetSecretValueCommand({ SecretId: `settle/${stage}/${name}` }),
    );
    if (SecretString === undefined) throw new DocumentError(name, '(document)', 'is missing');
    return SecretString;
  };
}

/**
 * A document, parsed once and kept, and anew only when it has changed: what was made of it may hold connections, or
 * keys from elsewhere. The first read begins at once, so that a cold start does it while it loads the rest; one that
 * failed is tried again by the next call.
 */
export function createDocumentLoader<T>(
  { read, onFailure }: DocumentSource,
  name: string,
  parse: (document: unknown) => T,
  now: () => number = Date.now,
): () => Promise<T> {
  let current: { readonly text: string; readonly value: T } | undefined;
  let staleAt = 0;
  let reading: Promise<T> | undefined;

  const refresh = async (): Promise<T> => {
    try {
      const text = await read(name);
      if (!current || text !== current.text) current = { text, value: parse(parseJson(name, text)) };
      staleAt = now() + LIFETIME_MS;
    } catch (error) {
      if (!current) throw error;
      staleAt = now() + RETRY_MS;
      onFailure(name, error);
    } finally {
      reading = undefined;
    }
    return current.value;
  };
  const load = (): Promise<T> => {
    if (current && now() < staleAt) return Promise.resolve(current.value);
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
