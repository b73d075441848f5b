import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import type { DocumentField } from '../documents/document-fields.ts';
import { certificatesOf } from '../documents/inspect/certificates.ts';

/** An answer that cannot be taken; the message says why, in words for the person, and never holds the answer. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

/** The kinds of fields that take one answer. */
export type AnsweredKind = Exclude<DocumentField['kind'], 'keys' | 'serial' | 'apps'>;

/** The value that a field gets from what was typed. @throws AnswerError */
export function readAnswer(kind: AnsweredKind, answer: string): unknown {
  switch (kind) {
    case 'text':
    case 'secret':
      return answer;
    case 'switch':
      return readSwitch(answer);
    case 'list':
    case 'secrets':
      return answer.split(/[\s,]+/).filter((part) => part !== '');
    case 'pem':
      return readAnswerFile(answer);
    case 'json':
      return parseJson(readAnswerFile(answer));
  }
}

function readSwitch(answer: string): boolean {
  if (answer !== 'yes' && answer !== 'no') throw new AnswerError('must be yes or no');
  return answer === 'yes';
}

/** @throws AnswerError */
export function readAnswerFile(answer: string): string {
  const path = answer.replace(/^~(?=\/)/, homedir()).replace(/^(['"])(.*)\1$/, '$2');
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new AnswerError(code === 'ENOENT' ? 'must be the path of a file' : `cannot be read (${code})`);
  }
}

/** What WeChat Pay calls a certificate's serial. @throws AnswerError */
export function serialOf(pem: string): string {
  const [certificate] = certificatesOf(pem);
  if (!certificate) throw new AnswerError('must be a serial, or the path of a certificate');
  return certificate.serialNumber;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AnswerError('must be a JSON file');
  }
}
