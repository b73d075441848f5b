import type { TenantRegister } from '../merchants/tenant-register.ts';
import { type ExceptionRecord, exceptionId } from '../orders/exception.ts';
import type { MerchantName } from '../orders/ledger.ts';
import { previewResolutions, type ResolutionPreview } from '../orders/preview-resolution.ts';
import type { Snapshot } from '../orders/snapshot.ts';
import { amountText } from '../providers/facts.ts';
import { reachedMerchants, reachesMerchant, reachesMoney, reachesOrder } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { type ApiError, exceptionNotFound, forbidden } from './api-error.ts';
import { decodeExceptionId, type NamedException } from './exception-id.ts';
import { type Language, preferredLanguage } from './language.ts';
import { payEnvelope, success } from './reply.ts';
import { disposesOfMoney, isCountable, refusalError } from './resolution-refusal.ts';
import type { ExceptionView } from './responses/exceptions.ts';
import type { Claims } from './token.ts';
import { entryState, exceptionState } from './view-exception.ts';

export interface GetExceptionParts {
  readonly store: {
    read(order_no: string): Promise<Snapshot | null>;
    readMerchantException(merchant: MerchantName, id: string): Promise<ExceptionRecord | null>;
  };
  readonly register: TenantRegister;
}

/** An exception, and what each end that it can have would book and return now. */
export const createGetExceptionApi = (runtime: ApiRuntime, parts: GetExceptionParts) =>
  createApi(runtime, {
    envelope: payEnvelope,
    role: 'viewer',
    handle: async ({ claims, path, headers, annotate }) => {
      const named = decodeExceptionId(path['id'] ?? '');
      const found = named && (await find(parts, named, claims));
      if (!found) throw exceptionNotFound();
      const { exception, snapshot } = found;
      if (exception.order_no !== null) annotate({ order_no: exception.order_no });
      const previews = exception.resolved ? [] : previewResolutions(exception, snapshot, runtime.io.now());
      const reachesIt =
        snapshot === null || (await reachesMoney(claims, parts.register, exception, snapshot));
      const language = preferredLanguage(headers['accept-language']);
      return success(exceptionView(found, previews, { reachesIt, language }));
    },
  });

interface Found {
  readonly exception: ExceptionRecord;
  /** Of its order; null where it belongs to none. */
  readonly snapshot: Snapshot | null;
}

/** Another's exception looks like one that is not there. */
async function find(
  { store, register }: GetExceptionParts,
  named: NamedException,
  claims: Claims,
): Promise<Found | null> {
  if (!('order_no' in named)) {
    const reached = await reachedMerchants(claims, register);
    const exception = reachesMerchant(reached, named)
      ? await store.readMerchantException(named, named.id)
      : null;
    return exception && { exception, snapshot: null };
  }
  const snapshot = await store.read(named.order_no);
  const exception = snapshot?.exceptions.find((known) => exceptionId(known) === named.id);
  return snapshot && exception && reachesOrder(claims, snapshot.order) ? { exception, snapshot } : null;
}

/** Who looks. */
interface Viewer {
  /** Whether its token reaches the merchant that has the exception's money. */
  readonly reachesIt: boolean;
  readonly language: Language;
}

const exceptionView = (
  { exception, snapshot }: Found,
  previews: readonly ResolutionPreview[],
  viewer: Viewer,
): ExceptionView => ({
  exception: exceptionState(exception),
  status: snapshot?.order.status ?? null,
  previews: previews.map((preview) => previewState(exception, preview, viewer)),
});

function previewState(
  exception: ExceptionRecord,
  preview: ResolutionPreview,
  viewer: Viewer,
): ExceptionView['previews'][number] {
  const { resolution, entries, refund, checks_payment, status } = preview;
  const refusal = refusalOf(exception, preview, viewer);
  if (refusal) {
    const { word, wording } = refusal;
    return {
      resolution,
      refused: { error: word, message: wording[viewer.language] },
      entries: [],
      refund: null,
      checks_payment: false,
      status,
    };
  }
  return {
    resolution,
    refused: null,
    entries: entries.map((entry) => entryState(entry, exception.provider)),
    refund: refund && { amount: amountText(refund) ?? '', currency: refund.currency },
    checks_payment,
    status,
  };
}

/** What this end would be refused with, as `POST …/resolve` would; null where it would not. */
function refusalOf(
  exception: ExceptionRecord,
  { resolution, refused }: ResolutionPreview,
  { reachesIt }: Viewer,
): ApiError | null {
  if (disposesOfMoney(resolution) && !reachesIt) return forbidden();
  if (!isCountable(exception, resolution)) return refusalError({ outcome: 'amount_unknown' });
  return refused && refusalError(refused);
}
