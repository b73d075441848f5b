import { createDocumentReader } from '../../../lib/config/documents.ts';
import type { MerchantParts } from '../../../lib/merchants/merchant-documents.ts';
import { createBills, createMerchants } from '../../../lib/merchants/merchants.ts';
import { createTenantRegister } from '../../../lib/merchants/tenant-register.ts';
import type { Merchants } from '../../../lib/orders/provider-gateway.ts';
import { faces } from '../../../lib/providers/all.ts';
import { allBills } from '../../../lib/providers/all-bills.ts';
import { MalformedMessageError } from '../../../lib/providers/message.ts';
import { createReconciler } from '../../../lib/reconciler.ts';
import { differs } from '../../../lib/reconciliation/tally.ts';
import { createStoreContext } from '../../../lib/store/client.ts';
import { readTenantRegister } from '../../../lib/store/tenant-store.ts';
import { reachStage } from '../local-stage.ts';
import { runOperation, type Surroundings } from '../run-operation.ts';
import { findTableName } from '../stage.ts';
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
  options: Arguments,
  { variables, io, output }: Surroundings,
  progress: ReturnType<typeof createProgress>,
): Promise<0 | 1> {
  const { provider, date, file, stage, isDryRun } = options;
  await reachStage(stage, variables, io);
  const store = createStoreContext(await findTableName(stage.name, variables), io);
  const orderPrefix = stage.orderPrefix ?? '';
  // Each is read once: none is ever in use while the next is refused.
  const documents = {
    read: createDocumentReader(stage.name),
    onFailure: (_name: string, error: unknown) => {
      throw error;
    },
  };
  const register = createTenantRegister(
    () => readTenantRegister(store),
    io.now,
    () => {},
  );
  // They are only asked: no payment is begun here, whose messages would come to an address.
  const parts: MerchantParts = { documents, register, io, publicUrl: '', orderPrefix };
  const merchants = createMerchants(parts, [faces[provider]]);
  const merchant = options.merchant ?? (await currentMerchant(merchants, parts, options));
  const bills = await createBills(parts, allBills)(provider, merchant);
  if (!bills) throw new Error(`${provider} ${merchant} is no merchant of ${stage.name}, nor was it one`);
  const rows = () => bills.rows({ date, file });
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
    ? await reconciler.compare(day, rows, watch)
    : await finish(reconciler.reconcile(day, rows, watch, { afresh: true }));
  const isStages = options.merchant === null && options.tenant_id === null;
  show(summaryLine(isStages ? provider : `${provider} ${merchant}`, date, summary));
  return differs(summary) ? 1 : 0;
}

/** Who is paid: at the stage, or of a tenant's own. @throws Error where nobody is */
async function currentMerchant(
  merchants: Merchants,
  { register }: MerchantParts,
  { provider, tenant_id, stage }: Arguments,
): Promise<string> {
  const registration = tenant_id === null ? null : await register.find(tenant_id);
  if (tenant_id !== null && registration?.paid_to !== 'own') {
    const before = registration?.merchants[provider] ?? [];
    const advice = before.length > 0 ? `: --merchant ${before.join(' or ')} is of before` : '';
    throw new Error(`tenant ${tenant_id} is paid to the stage's merchants${advice}`);
  }
  const current = await merchants.current(provider, tenant_id);
  if (current) return current.name;
  const who = tenant_id === null ? `stage ${stage.name}` : `tenant ${tenant_id}`;
  throw new Error(`${who} has no merchant at ${provider}`);
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
