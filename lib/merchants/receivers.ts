import type { ProviderEvent } from '../orders/event.ts';
import type { Provider } from '../orders/kinds.ts';
import { strangerMerchant } from '../orders/ledger.ts';
import {
  MalformedMessageError,
  type MessageForm,
  type RawMessage,
  type ReceivedEvent,
  type Receivers,
  VerificationError,
} from '../providers/message.ts';
import type { FromDocument } from '../providers/provider.ts';
import { createMerchantDocuments, type MerchantDocuments, type MerchantParts } from './merchant-documents.ts';

/** Receives messages in both forms, whosever of an address's merchants they are for. */
export type ReceiveAddressed = (form: MessageForm, message: RawMessage) => Promise<ReceivedEvent>;

/**
 * Who receives what comes to the stage's address at a provider, or, with a number, to a tenant's: known before anything
 * is read from a body. Null where nobody is.
 * @throws DocumentError, and what reading documents and register throws
 */
export type FindReceiver = (tenant_id: number | null) => Promise<ReceiveAddressed | null>;

export function createReceivers(
  parts: MerchantParts,
  provider: Provider,
  receive: FromDocument<Receivers>,
): FindReceiver {
  const documents = createMerchantDocuments(parts, provider, receive);
  return async (tenant_id) => {
    if (tenant_id === null) {
      const current = await documents.stage();
      return current && receiveByAny(documents, current, current.former);
    }
    const own = await documents.tenant(tenant_id);
    if (!own || (!own.current && own.former.length === 0)) return null;
    const receiveOwn = receiveByAny(documents, own.current, own.former);
    return async (form, message) => {
      const event = await receiveOwn(form, message);
      documents.prove({ tenant_id });
      return event;
    };
  };
}

/**
 * Tries a message under the keys of the current merchant, then of those of before. It is of the merchant whose key
 * verifies it and whom it names; one that names another is nobody's. A flat body names none: a relay that has kept its
 * key while merchants changed may tell of a payment to any of those.
 */
const receiveByAny =
  (
    { kept, prove }: Pick<MerchantDocuments<Receivers>, 'kept' | 'prove'>,
    current: Receivers | null,
    former: readonly string[],
  ): ReceiveAddressed =>
  async (form, message) => {
    let stranger: ReceivedEvent = null;
    let refusal: unknown;
    const loads = [async () => current, ...former.map((name) => () => kept(name))];
    for (const [index, load] of loads.entries()) {
      const receivers = await load();
      if (!receivers) continue;
      try {
        const event = await receivers[form](message);
        // Stryker disable next-line ConditionalExpression: nothing is kept of the current one to be proven
        if (receivers !== current) prove({ former: receivers.name });
        if (!event || event.merchant === receivers.name) {
          return event && form === 'flat' ? withOthers(event, loads.slice(index + 1), message) : event;
        }
        stranger ??= { ...event, merchant: strangerMerchant(receivers.name, event.merchant) };
      } catch (error) {
        if (!(error instanceof VerificationError || error instanceof MalformedMessageError)) throw error;
        refusal ??= error;
      }
    }
    if (stranger) return stranger;
    throw refusal ?? new VerificationError('unknown_key', 'there is no key of any merchant here');
  };

/** With the other merchants whose keys verify it. What is wrong with their documents is no fault of this message. */
async function withOthers(
  event: ProviderEvent,
  loads: readonly (() => Promise<Receivers | null>)[],
  message: RawMessage,
): Promise<ProviderEvent> {
  const nameOf = async (load: () => Promise<Receivers | null>) => {
    const receivers = await load();
    // Stryker disable next-line OptionalChaining: what throws here is no merchant either
    await receivers?.flat(message);
    // Stryker disable next-line OptionalChaining: what throws here is no merchant either
    return receivers?.name;
  };
  const names = await Promise.all(loads.map((load) => nameOf(load).catch(() => undefined)));
  const others = names.filter((name) => name !== undefined);
  return others.length > 0 ? { ...event, others } : event;
}
