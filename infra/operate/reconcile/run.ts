import { createDocumentLoader, createDocumentReader } from '../../../lib/config/documents.ts';
import { createMerchants } from '../../../lib/merchants.ts';
import { faces } from '../../../lib/providers/all.ts';
import { allBills } from '../../../lib/providers/all-bills.ts';
import { MalformedMessageError } from '../../../lib/providers/message.ts';
import { createReconciler } from '../../../lib/reconciler.ts';
import { differs } from '../../../lib/reconciliation/tally.ts';
import { createStoreContext } from '../../../lib/store/client.ts';
import { runOperation, type Surroundings } from '../run-operation.ts';
import { findTableName, useRegionOf } from '../stage.ts';
import { type Arguments, command, readArguments } from './arguments.ts';
import { differenceLine, summaryLine, tableHeader } from './difference-table.ts';
import { createProgress } from './progress.ts';

/** @returns the exit code: 0 when all agrees, 1 when something differs, 2 when it could not be found out */
export function run(words: readonly string[], surroundings: Surroundings): Promise<0 | 1 | 2> {
  const progress = createProgress(surroundings.errors);
  return runOperation(command, words, surroundings, async (values) => {
    try {
      return await reconcile(readArguments(values, surroundings.io.now()), surroundings, progress);
    } catch (error) {
      progress.clear();
      if (!(error instanceof MalformedMessageError)) throw error;
      throw new Error(`the bill is wrong: ${error.field === null ? '' : `${error.field} `}${error.message}`, {
        cause: error,
      });
    }
  });
}

/** Nobody reads the log of a command: what it did is what it says. */
const silent = { log: () => {} };

async function reconcile(
  { provider, date, file, stage, isDryRun }: Arguments,
  { variables, io, output }: Surroundings,
  progress: ReturnType<typeof createProgress>,
): Promise<0 | 1> {
  useRegionOf(stage, variables);
  const store = createStoreContext(await findTableName(stage.name, variables), io);
  const orderPrefix = stage.orderPrefix ?? '';
  // Each is read once: none is ever in use while the next is refused.
  const documents = { read: createDocumentReader(stage.name), onFailure: () => {} };
  const openBill = allBills[provider]({ io, date, file });
  const { merchant, rows } = await createDocumentLoader(documents, provider, openBill, io.now)();
  // They are only asked: no payment is begun here, whose messages would come to an address.
  const merchants = createMerchants({ documents, io, publicUrl: '', orderPrefix }, [faces[provider]]);
  const reconciler = createReconciler({ io, store, orderPrefix, merchants, telemetry: silent });
  let isHeaderShown = false;
  const show = (line: string): void => {
    progress.clear();
    output.write(`${line}\n`);
  };
  const watch = {
    onProgress: progress.show,
    shouldStop: () => false,
    onDifference(difference: Parameters<typeof differenceLine>[1]) {
      if (!isHeaderShown) show(tableHeader);
      isHeaderShown = true;
      show(differenceLine(provider, difference));
    },
  };
  const day = { provider, merchant, day: date };
  const summary = isDryRun
    ? await reconciler.compare(day, () => rows, watch)
    : await finish(reconciler.reconcile(day, () => rows, watch, { afresh: true }));
  show(summaryLine(provider, date, summary));
  return differs(summary) ? 1 : 0;
}

/** @throws Error when there is no result */
async function finish(reconciled: ReturnType<ReturnType<typeof createReconciler>['reconcile']>) {
  const done = await reconciled;
  if (done.outcome === 'agreed' || done.outcome === 'differs') return done.result;
  throw new Error(
    done.outcome === 'late'
      ? 'the provider has no bill of that day yet'
      : 'the day is being reconciled by the stage at this moment: look at its result, or try again',
  );
}
