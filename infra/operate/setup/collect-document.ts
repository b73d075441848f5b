import type { DocumentName } from '../../endpoints.ts';
import type { Finding } from '../documents/inspect/finding.ts';
import { inspectDocument } from '../documents/inspect/inspect-document.ts';
import { topField } from '../documents/inspect/texts.ts';
import type { Document, Stored } from '../documents/stored-document.ts';
import { type Asked, askDocument } from './ask-document.ts';
import { completeDocument } from './complete-document.ts';
import { readDocumentFile, readMerchantCertificate } from './document-file.ts';
import type { FindField } from './find-field.ts';
import type { Prompts } from './prompts.ts';

export interface CollectOptions {
  readonly stage: string;
  /** Whose it is, in words before its name: nothing for the stage's. */
  readonly owner: string;
  readonly folder: string | null;
  /** Whether a good document that is stored is to be replaced. */
  readonly isReplacing: boolean;
  readonly prompts: Prompts;
  readonly say: (line: string) => void;
  /** What a field's question says besides its hint. */
  readonly notes: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly findField: FindField;
}

/** What becomes of a document. */
export interface Collected {
  readonly name: DocumentName;
  /** What it is called. */
  readonly label: string;
  readonly stored: Stored;
  /** Null when there is none to be had. */
  readonly document: Document | null;
  /** What was done to it or could not be checked, in words that follow its name. */
  readonly notes: readonly string[];
  readonly findings: readonly Finding[];
}

/** From the folder, else what is stored and good, else from the person at the terminal. */
export async function collectDocument(
  name: DocumentName,
  stored: Stored,
  options: CollectOptions,
): Promise<Collected> {
  const current = stored.state === 'stored' ? stored.document : null;
  const { stage, owner, now } = options;
  const label = owner + name;
  const inspect: Inspect = ({ document, merchantCertificate }) =>
    inspectDocument(name, document, { stage, isTenants: owner !== '', now, merchantCertificate });
  const collected = async (asked: Asked): Promise<Collected> => {
    const { document, generated, found } = await completeDocument(
      name,
      asked.document,
      current,
      options.findField,
    );
    const notes = [
      ...found.map((field) => `${field} was left out: ${name} says ${document[field]}`),
      ...generated.map((field) => `${field} was left out: one is made at random`),
      ...(name === 'wechat' && document !== current && !asked.merchantCertificate ? [uncheckedSerial] : []),
    ];
    return { name, label, stored, document, notes, findings: inspect({ ...asked, document }) };
  };
  const file = options.folder === null ? null : readDocumentFile(options.folder, name);
  if (file) return collected({ document: file, merchantCertificate: certificateBeside(options) });
  const isAsked =
    options.prompts.isInteractive &&
    (current === null || options.isReplacing || inspect({ document: current }).some(isFault));
  if (isAsked) {
    if (owner !== '') options.say(label);
    return collected(await askUntilGood(name, current, inspect, options));
  }
  if (current) return collected({ document: current });
  return { name, label, stored, document: null, notes: [], findings: [] };
}

const uncheckedSerial =
  "whether serial_no is of private_key's certificate shows at the first payment: to see it now, put " +
  'apiclient_cert.pem into the folder, or answer with its path';

type Inspect = (asked: Asked) => readonly Finding[];

const certificateBeside = ({ folder }: CollectOptions): string | undefined =>
  folder === null ? undefined : readMerchantCertificate(folder);

/** What was answered is what Enter keeps the next time round. */
async function askUntilGood(
  name: DocumentName,
  current: Document | null,
  inspect: Inspect,
  { owner, prompts, say, notes, findField }: CollectOptions,
): Promise<Asked> {
  let known: Asked | null = current && { document: current };
  for (;;) {
    const faults = known ? inspect(known).filter(isFault) : [];
    for (const { field, problem } of faults) say(`${name}: ${field} ${problem}`);
    const wrong = new Set(faults.map(({ field }) => topField(field)));
    const stored = known?.document ?? null;
    const isTenants = owner !== '';
    const answered = await askDocument(name, { prompts, say, stored, isTenants, wrong, notes, findField });
    const asked: Asked = { merchantCertificate: certificateStill(known, answered.document), ...answered };
    if (!inspect(asked).some(isFault)) return asked;
    known = asked;
  }
}

/** The certificate that `serial_no` was read from in an earlier round, unless another serial was given since. */
const certificateStill = (known: Asked | null, { serial_no }: Document): string | undefined =>
  known?.document['serial_no'] === serial_no ? known?.merchantCertificate : undefined;

export const isFault = ({ level }: Finding): boolean => level === 'fault';
