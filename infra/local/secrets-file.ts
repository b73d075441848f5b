import { readFile } from 'node:fs/promises';
import { DocumentError } from '../../lib/config/document.ts';
import { isJsonObject } from '../../lib/json.ts';
import { type DocumentName, documentNames } from '../endpoints.ts';
import { documentParsers } from '../operate/documents/document-parsers.ts';
import type { GivenDocuments } from './documents.ts';
import { readKeptDocument, readTenantDocument, readWebhooks } from './given-merchants.ts';
import { StartError } from './start-error.ts';

/**
 * The documents that a file gives in place of the generated ones, each as the functions will accept it.
 * @throws StartError naming what is wrong, and never a value
 */
export async function readSecretsFile(file: string): Promise<GivenDocuments> {
  const documents = parse(file, await read(file));
  try {
    for (const [name, document] of Object.entries(documents)) validate(name, document);
  } catch (error) {
    if (!(error instanceof DocumentError || error instanceof StartError)) throw error;
    throw new StartError(`SETTLE_SECRETS_FILE: ${file}: ${error.message}`);
  }
  return documents;
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(`SETTLE_SECRETS_FILE: ${file} cannot be read (${code})`);
  }
}

function parse(file: string, text: string): GivenDocuments {
  let documents: unknown;
  try {
    documents = JSON.parse(text);
  } catch {
    // The parser's own message quotes the file.
    throw new StartError(`SETTLE_SECRETS_FILE: ${file} is not JSON`);
  }
  if (isJsonObject(documents)) return documents;
  throw new StartError(`SETTLE_SECRETS_FILE: ${file} must hold one object of documents`);
}

/** What is in the file besides the stage's documents, and how each document in there is read. */
const collections = { tenants: readTenantDocument, merchants: readKeptDocument } as const;

const parsers: Readonly<Record<DocumentName, (document: unknown) => unknown>> = {
  ...documentParsers,
  webhooks: (document) => readWebhooks('webhooks', document),
};

/** @throws DocumentError or StartError */
function validate(name: string, document: unknown): void {
  if (name === 'tenants' || name === 'merchants') {
    if (!isJsonObject(document)) throw new StartError(`"${name}" must be an object of documents by name`);
    for (const [key, one] of Object.entries(document)) collections[name](key, one);
    return;
  }
  const known = documentNames.find((candidate) => candidate === name);
  if (!known) {
    const names = [...documentNames, ...Object.keys(collections)].join(', ');
    throw new StartError(`unknown document ${JSON.stringify(name)}; known: ${names}`);
  }
  if (document === null && known !== 'auth') return;
  parsers[known](document);
}
