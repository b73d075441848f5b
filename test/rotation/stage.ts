import type { DocumentSource } from '../../lib/config/documents.ts';
import { type Io, systemIo } from '../../lib/io.ts';
import { NOW } from '../support/orders.ts';

const MINUTE_MS = 60_000;

/** What the runbook waits after a document was put: the five minutes that it is kept for, and what is under way. */
const WAIT_MS = 6 * MINUTE_MS;

/** How far apart the environments have last read their documents when a rehearsal begins. */
const BETWEEN_STARTS_MS = 90_000;

type Documents = Readonly<Record<string, object>>;
type Check<Part> = (part: Part) => Promise<void>;

/** One way to rotate a key, gone through as its section in the runbook says. Rejects when something genuine is refused. */
export type Rehearsal = () => Promise<void>;

export interface StageParts<Part> {
  readonly documents: Documents;
  /** What an execution environment of a function does when it starts: `Part` is what is then asked of it. */
  readonly start: (documents: DocumentSource, io: Io) => Part;
  /** The provider. */
  readonly fetch?: typeof fetch;
}

/** A function in several execution environments, each with documents that it read at another time, under one clock. */
export async function createStage<Part>({ documents, start, fetch = systemIo.fetch }: StageParts<Part>) {
  const stored = { ...documents };
  const io: Io = { ...systemIo, now: () => now, fetch };
  const source: DocumentSource = {
    read: async (name) => JSON.stringify(stored[name]) ?? null,
    onFailure: (_name, error) => {
      throw error;
    },
  };
  const startOne = () => start(source, io);
  const warm: Part[] = [];
  let now = NOW;
  for (let begun = 0; begun < 4; begun++) {
    now += BETWEEN_STARTS_MS;
    warm.push(startOne());
    await new Promise(setImmediate);
  }

  /** In every environment that runs, and in one that starts now. */
  const everywhere = async (check: Check<Part>) => {
    for (const part of [...warm, startOne()]) await check(part);
  };
  return {
    now: () => now,
    /** As `put-secret-value` does: fields take the place of the stored ones. */
    put: (name: string, fields: object) => {
      stored[name] = { ...stored[name], ...fields };
    },
    everywhere,
    /** Lets so much time pass, while the check holds everywhere from the first moment on. */
    live: async (check: Check<Part>, duration_ms = WAIT_MS) => {
      const end = now + duration_ms;
      await everywhere(check);
      while (now < end) {
        now += MINUTE_MS;
        await everywhere(check);
      }
    },
  };
}
