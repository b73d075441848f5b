import { createDocumentReader } from '../../../lib/config/documents.ts';
import { MalformedMessageError } from '../../../lib/providers/errors.ts';
import { reconcile } from '../../../lib/reconciliation/reconcile.ts';
import { createStoreContext } from '../../../lib/store/client.ts';
import { createReconciliationStore } from '../../../lib/store/reconciliation-store.ts';
import { findTableName } from '../command/find-table-name.ts';
import { runCommand, type Surroundings } from '../command/run-command.ts';
import { useRegionOf } from '../command/stage-option.ts';
import { readArguments, usage } from './arguments.ts';
import { openBill } from './bill.ts';
import { createProgress } from './progress.ts';
import { differenceLine, differs, summaryLine, tableHeader } from './report.ts';

/** @returns the exit code: 0 when all agrees, 1 when something differs, 2 when it could not be found out */
export function run(words: readonly string[], surroundings: Surroundings): Promise<0 | 1 | 2> {
  const progress = createProgress(surroundings.errors);
  return runCommand({ name: 'reconcile', usage }, surroundings.errors, async () => {
    try {
      return await compare(words, surroundings, progress);
    } catch (error) {
      progress.clear();
      if (!(error instanceof MalformedMessageError)) throw error;
      throw new Error(`the bill is wrong: ${error.field ?? ''} ${error.message}`, { cause: error });
    }
  });
}

async function compare(
  words: readonly string[],
  { variables, io, output }: Surroundings,
  progress: ReturnType<typeof createProgress>,
): Promise<0 | 1> {
  const { provider, date, day, file, stage } = readArguments(words, io.now());
  useRegionOf(stage, variables);
  const tableName = await findTableName(stage.name, variables);
  const store = createReconciliationStore(createStoreContext(tableName, io));
  // Each is read once: none is ever in use while the next is refused.
  const documents = { read: createDocumentReader(stage.name), onFailure: () => {} };
  const { merchant, rows } = await openBill[provider]({ documents, io, date, file });
  let isHeaderShown = false;
  const show = (line: string): void => {
    progress.clear();
    output.write(`${line}\n`);
  };
  const summary = await reconcile(
    {
      store,
      orderPrefix: stage.orderPrefix ?? '',
      onProgress: progress.show,
      onDifference(difference) {
        if (!isHeaderShown) show(tableHeader);
        isHeaderShown = true;
        show(differenceLine(provider, difference));
      },
    },
    { provider, merchant },
    day,
    rows,
  );
  show(summaryLine(provider, date, summary));
  return differs(summary) ? 1 : 0;
}
