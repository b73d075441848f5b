import type { Io } from '../../../lib/io.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import type { Arguments } from './arguments.ts';
import type { Collected } from './collect-document.ts';
import type { Step, StoredDocuments } from './plan.ts';
import type { Prompts } from './prompts.ts';

/** What a call has to go by. */
export interface SetupContext {
  readonly options: Arguments;
  /** Null where the call has nothing to do with the table. */
  readonly store: StoreContext | null;
  /** What is stored, by name below the stage. */
  readonly documents: StoredDocuments;
  readonly prompts: Prompts;
  readonly io: Io;
  readonly say: (line: string) => void;
  /** What a field's question says besides its hint. */
  readonly notes: Readonly<Record<string, string>>;
}

/** What a call is to do. */
export interface Proposal {
  /** What was read or answered, and what is stored and good. */
  readonly collected: readonly Collected[];
  /** What keeps it from being done besides what is wrong with a document. */
  readonly faults: readonly string[];
  readonly steps: readonly Step[];
}
