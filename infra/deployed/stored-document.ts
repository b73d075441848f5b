import { DocumentError } from '../../lib/config/document.ts';
import type { ReadDocument } from '../../lib/config/documents.ts';
import { isJsonObject } from '../../lib/json.ts';

/** What Secrets Manager holds under a document's name. */
export type Stored =
  | { readonly state: 'stored'; readonly document: Readonly<Record<string, unknown>> }
  | { readonly state: 'absent' }
  /** Somebody deleted it, and it can still be restored. */
  | { readonly state: 'deleted' }
  | { readonly state: 'malformed' };

/** @throws Error of Secrets Manager, when it does not say */
export async function readStored(read: ReadDocument, name: string): Promise<Stored> {
  let text: string;
  try {
    text = await read(name);
  } catch (error) {
    return explain(error);
  }
  const document = parse(text);
  return isJsonObject(document) ? { state: 'stored', document } : { state: 'malformed' };
}

function explain(error: unknown): Stored {
  if (error instanceof DocumentError) return { state: 'malformed' };
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
