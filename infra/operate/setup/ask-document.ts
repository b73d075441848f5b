import { DocumentError } from '../../../lib/config/document.ts';
import { isJsonObject } from '../../../lib/json.ts';
import type { DocumentName } from '../../endpoints.ts';
import { type DocumentField, documentFields } from '../documents/document-fields.ts';
import { documentParsers } from '../documents/document-parsers.ts';
import { certificatesOf } from '../documents/inspect/certificates.ts';
import { topField } from '../documents/inspect/texts.ts';
import type { Document } from '../documents/stored-document.ts';
import { askRotation } from './ask-rotation.ts';
import type { FindField } from './find-field.ts';
import type { Prompts } from './prompts.ts';
import { AnswerError, type AnsweredKind, readAnswer, readAnswerFile, serialOf } from './read-answer.ts';

/** Who is asked, and what there is before. */
export interface Asking {
  readonly prompts: Prompts;
  /** Shows a line. */
  readonly say: (line: string) => void;
  /** What Enter keeps. */
  readonly stored: Document | null;
  /** Whether it is a tenant's part. */
  readonly isTenants: boolean;
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
export async function askDocument(name: DocumentName, asking: Asking): Promise<Asked> {
  let asked: Asked = { document: {} };
  for (const listed of documentFields[name]) {
    const field = listed.oneOf === undefined ? listed : await chooseField(listed, name, asking);
    if (!field) continue;
    const { value, ...more } = await answerField(field, name, asked.document, asking);
    asked = { ...asked, ...more };
    if (value !== undefined) asked = { ...asked, document: { ...asked.document, [field.name]: value } };
  }
  return asked;
}

/** The field of a group that is wanted, chosen at the group's first; null at the others. */
async function chooseField(
  { name: at, oneOf }: DocumentField,
  name: DocumentName,
  { prompts, stored }: Asking,
): Promise<DocumentField | null> {
  const group = documentFields[name].filter((field) => field.oneOf === oneOf);
  if (!group[0] || group[0].name !== at) return null;
  const isStored = (field: DocumentField) => stored?.[field.name] !== undefined;
  const choices = group
    .toSorted((one, other) => Number(isStored(other)) - Number(isStored(one)))
    .map((field) => ({ value: field.name, hint: field.hint }));
  const chosen = await prompts.choose(`${name}.${oneOf}: one of these`, choices);
  const { optional: _, ...needed } = group.find((field) => field.name === chosen) ?? group[0];
  return needed;
}

interface Answer extends Omit<Asked, 'document'> {
  /** Undefined when the field is left out. */
  readonly value: unknown;
}

async function answerField(
  field: DocumentField,
  name: DocumentName,
  document: Document,
  asking: Asking,
): Promise<Answer> {
  if (!isAsked(field, document, asking)) return { value: keptUnasked(field, asking.stored) };
  const found = await asking.findField(field, document);
  if (found === null) return askField(field, name, document, asking);
  asking.say(`${name}.${field.name}: ${found}, as ${name} says`);
  return { value: found };
}

const keptUnasked = ({ name, unasked }: DocumentField, stored: Document | null): unknown =>
  unasked ? stored?.[name] : undefined;

function isAsked(field: DocumentField, document: Document, { wrong, isTenants }: Asking): boolean {
  if (field.ofStage && isTenants) return false;
  if (field.unasked) return wrong.has(field.name);
  return field.with === undefined || document[field.with] !== undefined;
}

async function askField(
  field: DocumentField,
  name: DocumentName,
  document: Document,
  { prompts, stored, notes, wrong }: Asking,
): Promise<Answer> {
  const kept = stored?.[field.name];
  const note = notes[field.name];
  if (field.rotates && !wrong.has(field.name) && isSecretList(kept)) {
    const problemOf = (secrets: readonly string[]) => problemOfValue(name, field, document, secrets);
    const question = `${name}.${field.name}: ${field.hint}`;
    return { value: await askRotation({ field, question, secrets: kept, problemOf }, prompts) };
  }
  const question = [
    `${name}.${field.name}: ${field.hint}`,
    ...(note === undefined ? [] : [note]),
    ...howToAnswer(field, kept !== undefined),
  ].join('\n');
  const mayBeEmpty = kept !== undefined || field.generate !== undefined || field.optional === true;
  const problem = (answer: string) => problemOf(name, field, document, answer);
  const check = (answer: string) => {
    if (answer === '') return mayBeEmpty ? null : `${field.name} is needed`;
    return field.optional && answer === LEAVE_OUT ? null : problem(answer);
  };
  const answer = await (isSecret(field) ? prompts.askSecret : prompts.ask)(question, check);
  if (answer === '' && kept !== undefined) return { value: kept };
  if (answer === '' && field.generate) return { value: field.generate() };
  if (answer === '' || (field.optional && answer === LEAVE_OUT)) return { value: undefined };
  if (field.kind === 'apps') {
    const problemOfApps = (apps: object) => problemOfValue(name, field, document, apps);
    return { value: await askApps(answer, kept, prompts, problemOfApps) };
  }
  if (field.kind === 'keys') return { value: await askKeys(answer, prompts, problem) };
  return readValue(field.kind, answer);
}

/** What its parser has taken before. */
const isSecretList = (value: unknown): value is [string, ...string[]] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');

const isSecret = ({ kind }: DocumentField): boolean => kind === 'secret' || kind === 'secrets';

function howToAnswer(field: DocumentField, isKept: boolean): readonly string[] {
  const { kind, optional, generate } = field;
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
    ...(kind === 'switch' ? ['yes or no'] : []),
    ...(isSecret(field) ? ['masked'] : []),
    ...(enter === null ? [] : [enter]),
    ...(optional && isKept ? [`${LEAVE_OUT} leaves it out`] : []),
  ];
  return words.length > 0 ? [`(${words.join('; ')})`] : [];
}

function readValue(kind: AnsweredKind | 'serial', answer: string): Answer {
  if (kind !== 'serial') return { value: readAnswer(kind, answer) };
  if (/^[0-9A-Za-z]+$/.test(answer)) return { value: answer };
  const merchantCertificate = readAnswerFile(answer);
  return { value: serialOf(merchantCertificate), merchantCertificate };
}

/** A certificate is named by its serial; the id of a public key stands nowhere in it, and is asked for. */
async function askKeys(
  first: string,
  prompts: Prompts,
  check: (path: string) => string | null,
): Promise<Readonly<Record<string, string>>> {
  const keys: Record<string, string> = {};
  let path = first;
  while (path !== '') {
    const pem = readAnswerFile(path);
    keys[certificatesOf(pem).length > 0 ? serialOf(pem) : await askKeyId(prompts)] = pem;
    path = await prompts.ask('path of another\n(Enter when that is all)', (answer) =>
      answer === '' ? null : check(answer),
    );
  }
  return keys;
}

const askKeyId = (prompts: Prompts): Promise<string> =>
  prompts.ask('its id, PUB_KEY_ID_…', (answer) => (answer === '' ? 'the id is needed' : null));

/** What is named joins what is stored; an app keeps its secret until it is given another. */
async function askApps(
  first: string,
  kept: unknown,
  prompts: Prompts,
  problemOf: (apps: object) => string | null,
): Promise<object> {
  let apps = isJsonObject(kept) ? kept : {};
  let appid = first;
  while (appid !== '') {
    const named = appid;
    const before = apps[named];
    const enter = before === undefined ? 'leaves it out' : 'keeps what is stored';
    const secret = await prompts.askSecret(
      `AppSecret of ${named} (公众平台, 开发管理)\n(masked; Enter ${enter})`,
      (answer) => (answer === '' ? null : problemOf({ [named]: { secret: answer } })),
    );
    apps = { ...apps, [named]: secret === '' ? (before ?? {}) : { secret } };
    appid = await prompts.ask('AppID of another\n(Enter when that is all)', (answer) =>
      answer === '' ? null : problemOf({ [answer]: {} }),
    );
  }
  return apps;
}

/** Why an answer cannot be taken: it cannot be read, or the functions would refuse the field. */
function problemOf(
  name: DocumentName,
  field: DocumentField,
  document: Document,
  answer: string,
): string | null {
  try {
    return problemOfValue(name, field, document, valueToTry(field, answer));
  } catch (error) {
    if (error instanceof AnswerError) return `${field.name} ${error.message}`;
    throw error;
  }
}

/** What a field is tried with before all of it is known. @throws AnswerError */
function valueToTry({ kind }: DocumentField, answer: string): unknown {
  // Whatever a key's id is, it is the key that can be wrong.
  if (kind === 'keys') return { key: readAnswerFile(answer) };
  return kind === 'apps' ? { [answer]: {} } : readValue(kind, answer).value;
}

function problemOfValue(
  name: DocumentName,
  field: DocumentField,
  document: Document,
  value: unknown,
): string | null {
  try {
    documentParsers[name]({ ...document, [field.name]: value });
    return null;
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const problems = error.issues.filter((issue) => topField(issue.field) === field.name);
    return problems.length === 0 ? null : problems.map(({ reason }) => `${field.name} ${reason}`).join('; ');
  }
}
