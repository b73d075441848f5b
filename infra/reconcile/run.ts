import { createDocumentSource } from '../../lib/config/documents.ts';
import type { Io } from '../../lib/io.ts';
import { MalformedMessageError } from '../../lib/providers/errors.ts';
import { reconcile } from '../../lib/reconciliation/reconcile.ts';
import { createStoreContext } from '../../lib/store/client.ts';
import { createReconciliationStore } from '../../lib/store/reconciliation-store.ts';
import type { TextOutput } from '../deployed/text-output.ts';
import { UsageError } from '../deployed/usage-error.ts';
import { readStage } from '../stages.ts';
import { readArguments, usage } from './arguments.ts';
import { openBill } from './bill.ts';
import { createProgress } from './progress.ts';
import { differenceLine, differs, summaryLine, tableHeader } from './report.ts';
import { findTableName } from './table-name.ts';

export interface Surroundings {
  readonly variables: NodeJS.ProcessEnv;
  readonly io: Io;
  /** Takes the differences and the summary. */
  readonly output: TextOutput;
  /** Takes the progress, and what went wrong. */
  readonly errors: TextOutput;
}

/** @returns the exit code: 0 when all agrees, 1 when something differs, 2 when it could not be found out */
export async function run(words: readonly string[], surroundings: Surroundings): Promise<0 | 1 | 2> {
  const progress = createProgress(surroundings.errors);
  try {
    return await compare(words, surroundings, progress);
  } catch (error) {
    progress.clear();
    surroundings.errors.write(`reconcile: ${describe(error)}\n`);
    if (error instanceof UsageError) surroundings.errors.write(`usage: ${usage}\n`);
    return 2;
  }
}

async function compare(
  words: readonly string[],
  { variables, io, output }: Surroundings,
  progress: ReturnType<typeof createProgress>,
): Promise<0 | 1> {
  const { provider, date, day, file, stage } = readArguments(words, io.now());
  const store = createReconciliationStore(createStoreContext(await findTableName(stage, variables), io));
  // Each is read once: none is ever in use while the next is refused.
  const documents = createDocumentSource(stage, () => {});
  const rows = openBill[provider]({ documents, io, date, file });
  let isHeaderShown = false;
  const show = (line: string): void => {
    progress.clear();
    output.write(`${line}\n`);
  };
  const summary = await reconcile(
    {
      store,
      orderPrefix: readStage(stage).orderPrefix ?? '',
      onProgress: progress.show,
      onDifference(difference) {
        if (!isHeaderShown) show(tableHeader);
        isHeaderShown = true;
        show(differenceLine(provider, difference));
      },
    },
    provider,
    day,
    rows,
  );
  show(summaryLine(provider, date, summary));
  return differs(summary) ? 1 : 0;
}

function describe(error: unknown): string {
  if (error instanceof MalformedMessageError)
    return `the bill is wrong: ${error.field ?? ''} ${error.message}`;
  return error instanceof Error ? error.message || error.name : String(error);
}
