import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsClientConfig } from '../aws-client.ts';
import { createReadThroughCache } from '../read-through-cache.ts';
import { DocumentError } from './document.ts';

/** How long a document is used before it is read again: a rotated key arrives without a deployment. */
const LIFETIME_MS = 5 * 60_000;

/** How long a document that is not there is not looked for again: one that is added needs no deployment either. */
const ABSENT_MS = 60_000;

/** Where documents come from, and who hears of one that is of no use while the one before stays in use. */
export interface DocumentSource {
  /** Null where there is none of this name. */
  readonly read: (name: string) => Promise<string | null>;
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
    const command = new GetSecretValueCommand({ SecretId: `settle/${stage}/${name}` });
    const answer = await client.send(command).catch((error: unknown) => {
      if (isAbsence(error)) return null;
      throw error;
    });
    if (answer && answer.SecretString === undefined) {
      throw new DocumentError(name, '(document)', 'is missing');
    }
    return answer?.SecretString ?? null;
  };
}

/** There is no such secret, or it is to be deleted (Secrets Manager, GetSecretValue, "Errors"). */
const isAbsence = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'ResourceNotFoundException' || error.name === 'InvalidRequestException');

/**
 * A document that is kept; null where there is none.
 * @param since milliseconds; what was read before then is read again, and what cannot be read again is not given
 * @throws DocumentError when it is refused and there was none before (none since then), and what reading it throws then
 */
export type LoadDocument<T> = (since?: number) => Promise<T | null>;

/**
 * A document, parsed once and kept, and anew only when it has changed: what was made of it may hold connections, or
 * keys from elsewhere. The first read begins at once, so that a cold start does it while it loads the rest; one that
 * failed is tried again by the next call; one whose document is refused, a while later.
 */
export function createDocumentLoader<T>(
  { read, onFailure }: DocumentSource,
  name: string,
  parse: (document: unknown) => T,
  now: () => number = Date.now,
): LoadDocument<T> {
  const cache = createReadThroughCache<{ readonly text: string | null; readonly value: T | null }>({
    read: async (held) => {
      const text = await read(name);
      const lasts_ms = text === null ? ABSENT_MS : LIFETIME_MS;
      if (held && text === held.text) return { value: held, lasts_ms };
      return { value: { text, value: text === null ? null : parse(parseJson(name, text)) }, lasts_ms };
    },
    now,
    onFailure: (error) => onFailure(name, error),
    isLasting: (error) => error instanceof DocumentError,
  });
  const load: LoadDocument<T> = async (since) => (await cache(since)).value;
  load().catch(() => {});
  return load;
}

/** A document that every stage has. @throws DocumentError where it is not there, and as `LoadDocument` */
export const required =
  <T>(name: string, load: LoadDocument<T>): (() => Promise<T>) =>
  async () => {
    const value = await load();
    if (value === null) throw new DocumentError(name, '(document)', 'is missing');
    return value;
  };

function parseJson(name: string, document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    // The parser's own message quotes the document.
    throw new DocumentError(name, '(document)', 'is not JSON');
  }
}
