import { DocumentError } from '../../../lib/config/document.ts';
import type { DocumentName } from '../../endpoints.ts';
import { type DocumentField, documentFields } from '../command/document-fields.ts';
import { certificatesOf } from '../command/inspect/certificates.ts';
import { topField } from '../command/inspect/texts.ts';
import { documentParsers } from '../documents/document-parsers.ts';
import type { Document } from './document-file.ts';
import type { FindField } from './find-field.ts';
import { AnswerError, readAnswer, readAnswerFile, serialOf } from './read-answer.ts';
import type { Terminal } from './terminal.ts';

/** What there is before anybody is asked. */
export interface Known {
  /** What Enter keeps. */
  readonly stored: Document | null;
  /** The fields of it that are wrong. */
  readonly wrong: ReadonlySet<string>;
  /** What a field's question says besides its hint. */
  readonly notes: Readonly<Record<string, string>>;
  readonly findField: FindField;
}

export interface Asked {
  readonly document: Document;
  /** PEM, where `serial_no` was read from it. */
  readonly merchantCertificate?: string | undefined;
}

/** Leaves an optional field out. */
const LEAVE_OUT = '-';

/**
 * Asks for a document field by field, and for a field again until its parser takes it.
 * @throws Error when the person ends it
 */
export async function askDocument(name: DocumentName, terminal: Terminal, known: Known): Promise<Asked> {
  let asked: Asked = { document: {} };
  for (const field of documentFields[name]) {
    const { value, ...more } = await answerField(field, name, asked.document, terminal, known);
    asked = { ...asked, ...more };
    if (value !== undefined) asked = { ...asked, document: { ...asked.document, [field.name]: value } };
  }
  return asked;
}

interface Answer extends Omit<Asked, 'document'> {
  /** Undefined when the field is left out. */
  readonly value: unknown;
}

async function answerField(
  field: DocumentField,
  name: DocumentName,
  document: Document,
  terminal: Terminal,
  known: Known,
): Promise<Answer> {
  if (!isAsked(field, name, document, known)) return { value: keptUnasked(field, known.stored) };
  const found = await known.findField(field, document);
  if (found === null) return askField(field, name, document, terminal, known);
  terminal.write(`\n${name}.${field.name}: ${found}, as ${name} says\n`);
  return { value: found };
}

const keptUnasked = ({ name, unasked }: DocumentField, stored: Document | null): unknown =>
  unasked ? stored?.[name] : undefined;

function isAsked(field: DocumentField, name: DocumentName, document: Document, { wrong }: Known): boolean {
  if (field.unasked) return wrong.has(field.name);
  if (field.with !== undefined && document[field.with] === undefined) return false;
  return !documentFields[name].some(
    (other) => field.oneOf !== undefined && other.oneOf === field.oneOf && document[other.name] !== undefined,
  );
}

async function askField(
  field: DocumentField,
  name: DocumentName,
  document: Document,
  terminal: Terminal,
  { stored, notes }: Known,
): Promise<Answer> {
  const kept = stored?.[field.name];
  const note = notes[field.name];
  terminal.write(`\n${name}.${field.name}: ${field.hint}${note === undefined ? '' : `\n${note}`}\n`);
  for (;;) {
    const answer = await askOnce(field, terminal, promptOf(field, kept !== undefined));
    if (answer === '' && kept !== undefined) return { value: kept };
    if (answer === '' && field.generate) return { value: field.generate() };
    if (field.optional && (answer === '' || answer === LEAVE_OUT)) return { value: undefined };
    const problems = answer === '' ? ['is needed'] : [];
    try {
      const read = await readValue(field, answer, terminal);
      problems.push(...problemsOf(name, field, { ...document, [field.name]: read.value }));
      if (problems.length === 0) return read;
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      if (answer !== '') problems.push(error.message);
    }
    for (const problem of problems) terminal.write(`  ${field.name} ${problem}\n`);
  }
}

const askOnce = ({ kind }: DocumentField, terminal: Terminal, prompt: string): Promise<string> =>
  kind === 'secret' || kind === 'secrets' ? terminal.askSecret(prompt) : terminal.ask(prompt);

function promptOf({ kind, optional, generate }: DocumentField, isKept: boolean): string {
  const isFile = kind === 'pem' || kind === 'keys' || kind === 'json';
  const enter = isKept
    ? 'Enter keeps what is stored'
    : generate
      ? 'Enter makes one'
      : optional
        ? 'Enter leaves it out'
        : null;
  const words = [
    ...(isFile ? ['path of a file'] : []),
    ...(kind === 'secret' || kind === 'secrets' ? ['not shown'] : []),
    ...(enter === null ? [] : [enter]),
    ...(optional && isKept ? [`${LEAVE_OUT} leaves it out`] : []),
  ];
  return words.length > 0 ? `  (${words.join('; ')}) > ` : '  > ';
}

async function readValue({ kind }: DocumentField, answer: string, terminal: Terminal): Promise<Answer> {
  if (kind === 'keys') return { value: await readKeys(answer, terminal) };
  if (kind !== 'serial') return { value: readAnswer(kind, answer) };
  if (/^[0-9A-Za-z]+$/.test(answer)) return { value: answer };
  const merchantCertificate = readAnswerFile(answer);
  return { value: serialOf(merchantCertificate), merchantCertificate };
}

/** A certificate is named by its serial; the id of a public key stands nowhere in it. @throws AnswerError */
async function readKeys(first: string, terminal: Terminal): Promise<Readonly<Record<string, string>>> {
  const keys: Record<string, string> = {};
  for (
    let answer = first;
    answer !== '';
    answer = await terminal.ask('  (path of another; Enter when that is all) > ')
  ) {
    const pem = readAnswerFile(answer);
    const id =
      certificatesOf(pem).length > 0 ? serialOf(pem) : await terminal.ask('  its id, PUB_KEY_ID_… > ');
    keys[id] = pem;
  }
  return keys;
}

/** What the functions would refuse of this field. */
function problemsOf(name: DocumentName, field: DocumentField, document: Document): string[] {
  try {
    documentParsers[name](document);
    return [];
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.issues.filter((issue) => topField(issue.field) === field.name).map(({ reason }) => reason);
  }
}
