import { readFile } from 'node:fs/promises';
import { DocumentError } from '../../lib/config/document.ts';
import { type DocumentName, documentNames } from '../endpoints.ts';
import { documentParsers } from '../operate/documents/document-parsers.ts';
import type { GivenDocuments } from './documents.ts';
import { StartError } from './start-error.ts';

/**
 * The documents that a file gives in place of the generated ones, each as the functions will accept it.
 * @throws StartError naming what is wrong, and never a value
 */
export async function readSecretsFile(file: string): Promise<GivenDocuments> {
  const documents = parse(file, await read(file));
  for (const [name, document] of Object.entries(documents)) validate(file, name, document);
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
  if (typeof documents !== 'object' || documents === null || Array.isArray(documents)) {
    throw new StartError(`SETTLE_SECRETS_FILE: ${file} must hold one object of documents`);
  }
  return documents;
}

function validate(file: string, name: string, document: unknown): void {
  if (!Object.hasOwn(documentParsers, name)) {
    const known = documentNames.join(', ');
    throw new StartError(
      `SETTLE_SECRETS_FILE: ${file}: unknown document ${JSON.stringify(name)}; known: ${known}`,
    );
  }
  try {
    documentParsers[name as DocumentName](document);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw new StartError(`SETTLE_SECRETS_FILE: ${file}: ${error.message}`);
  }
}
