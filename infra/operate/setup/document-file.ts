import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject } from '../../../lib/json.ts';
import { UsageError } from '../../command/command.ts';
import type { Document } from '../documents/stored-document.ts';

/** Which documents a folder holds, by name. */
export const documentFileNames = (folder: string): readonly string[] =>
  readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []));

/** Without any of its documents it is the wrong one. @throws UsageError */
export function checkFolder(folder: string, names: readonly string[]): void {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--from ${folder} is no folder`);
  }
  const files = names.map((name) => `${name}.json`);
  if (files.some((file) => existsSync(join(folder, file)))) return;
  throw new UsageError(`--from ${folder} holds none of ${files.join(', ')}`);
}

/**
 * A document of the folder; null when it has none of that name.
 * @throws UsageError naming the file and nothing that is in it
 */
export function readDocumentFile(folder: string, name: string): Document | null {
  const file = join(folder, `${name}.json`);
  const text = readIfThere(file);
  if (text === null) return null;
  const document = parse(text);
  if (!isJsonObject(document)) throw new UsageError(`${file} is not a JSON object`);
  return document;
}

/** What WeChat Pay's certificate tool leaves beside `apiclient_key.pem`; no document holds it. */
export const readMerchantCertificate = (folder: string): string | undefined =>
  readIfThere(join(folder, 'apiclient_cert.pem')) ?? undefined;

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new UsageError(`${file} cannot be read (${code})`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the file.
    return undefined;
  }
}
