import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { Io } from '../io.ts';
import type { FindReceiver } from '../merchants/receivers.ts';
import type { OrderStore } from '../orders/commit.ts';
import type { ProviderEvent } from '../orders/event.ts';
import type { Provider } from '../orders/kinds.ts';
import { parsePaymentNumber, shopKindOf } from '../orders/order-number.ts';
import { applyEvent, type EventResult } from '../orders/settle.ts';
import {
  MalformedMessageError,
  type MessageForm,
  type RawMessage,
  VerificationError,
  wordings,
} from '../providers/message.ts';
import { isRefusal } from '../telemetry/failures.ts';
import type { MetricValues } from '../telemetry/metrics.ts';
import { describeSettlement } from '../telemetry/settlement-report.ts';
import type { LogDetails, LogFields, LogLevel, Telemetry } from '../telemetry/telemetry.ts';
import { type Wording, wordingAbout } from '../wording.ts';
import { ApiError, forged, internalError, orderNotFound } from './api-error.ts';
import type { AcknowledgedOrder, CallbackForm, ChooseForm } from './callback-form.ts';
import type { ErrorWord } from './error-words.ts';
import { type Language, preferredLanguage } from './language.ts';
import { bodyTooLarge, MAXIMUM_BODY_BYTES, rawMessage } from './raw-message.ts';
import type { Reply } from './reply.ts';

/** What every callback needs of the function that it is in. */
export interface CallbackRuntime {
  readonly io: Io;
  readonly telemetry: Telemetry;
}

export interface CallbackParts {
  readonly provider: Provider;
  readonly findReceiver: FindReceiver;
  readonly chooseForm: ChooseForm;
  /** Opens the store for one message, so that all it asks shares one deadline. */
  readonly openStore: () => OrderStore;
}

/** What a message came to: its reply, and what the log says of it. */
interface Decision extends LogDetails {
  readonly reply: Reply;
  readonly level: LogLevel;
  readonly fields: LogFields;
}

/** The stack of a callback: raw bytes, verify, normalise, settle, acknowledge. Nothing is parsed before it is verified. */
export function createCallback(runtime: CallbackRuntime, parts: CallbackParts) {
  const { telemetry, io } = runtime;
  return async (event: APIGatewayProxyEventV2, context: Context): Promise<Reply> => {
    const { provider, chooseForm } = parts;
    const started = io.now();
    const message = rawMessage(event);
    const form = chooseForm(message.headers);
    const { tenant_id: tenant } = event.pathParameters ?? {};
    const acknowledge = acknowledgeIn(preferredLanguage(message.headers['accept-language']), form);
    const decision = await receive(io, parts, form.receiver, acknowledge, message, tenant).catch(
      (error: unknown) => replyToError(acknowledge, error),
    );
    const { reply, level, fields, ...details } = decision;
    const { awsRequestId: request_id } = context;
    const status = reply.statusCode;
    const latency_ms = io.now() - started;
    telemetry.log(level, 'callback', { request_id, provider, ...fields, status, latency_ms }, details);
    return reply;
  };
}

/** How this sender is told. */
interface Acknowledge {
  readonly success: (order: AcknowledgedOrder | null) => Reply;
  readonly failure: (error: ApiError) => Reply;
}

const acknowledgeIn = (language: Language, { acknowledgement }: CallbackForm): Acknowledge => ({
  success: (order) => acknowledgement.success(order, language),
  failure: (error) => acknowledgement.failure(error, language),
});

async function receive(
  io: Io,
  { openStore, findReceiver }: CallbackParts,
  receiver: MessageForm,
  acknowledge: Acknowledge,
  message: RawMessage,
  tenant: string | undefined,
): Promise<Decision> {
  // From here on: what verifying takes counts too.
  const store = openStore();
  if (message.body.length === 0) throw new MalformedMessageError(null, emptyBody);
  if (message.body.length > MAXIMUM_BODY_BYTES) return malformed(acknowledge, bodyTooLarge());
  const verifyAndNormalise = await receiverOf(findReceiver, tenant);
  if (!verifyAndNormalise) return unaddressed(acknowledge);
  const event = await verifyAndNormalise(receiver, message);
  if (!event) {
    return { reply: acknowledge.success(null), level: 'info', fields: { outcome: 'no_action' } };
  }
  const result = await applyEvent({ store, io }, event);
  const isElsewhere = tenant !== undefined && isOfShop(event);
  return {
    reply: replyToResult(acknowledge, result, isElsewhere),
    ...describeSettlement(event, result, io.now()),
  };
}

const emptyBody = { zh: '请求体不能为空', en: 'The body must not be empty' };

/** The tenant's number stands in the path, where a stranger may have written anything. */
async function receiverOf(findReceiver: FindReceiver, tenant: string | undefined) {
  if (tenant === undefined) return findReceiver(null);
  const isNumber = /^[1-9][0-9]{0,15}$/.test(tenant) && Number.isSafeInteger(Number(tenant));
  return isNumber ? findReceiver(Number(tenant)) : null;
}

/** Nobody is paid there. */
function unaddressed(acknowledge: Acknowledge): Decision {
  const reply = acknowledge.failure(
    new ApiError(404, 'merchant_not_found', { zh: '没有这个收款商户', en: 'There is no such merchant' }),
  );
  return {
    reply,
    level: 'warn',
    fields: { outcome: 'no_merchant' },
    metrics: reply.statusCode >= 500 ? { MalformedAnswered500: 1 } : undefined,
  };
}

/** Of tenants' orders nobody can guess the numbers; those of shops are counted. */
function isOfShop({ payment_no }: ProviderEvent): boolean {
  const number = parsePaymentNumber(payment_no);
  return number !== null && shopKindOf(number) !== null;
}

/** At an address where the order is not to be seen, it looks like one that is not there: a tenant's relay may be asking. */
function replyToResult(acknowledge: Acknowledge, result: EventResult, isElsewhere: boolean): Reply {
  if (result.outcome === 'not_found') return acknowledge.failure(orderNotFound());
  if (result.outcome === 'mismatch') {
    return acknowledge.failure(isElsewhere ? orderNotFound() : mismatch(result.fields));
  }
  if (result.outcome === 'not_settled') {
    return acknowledge.failure(isElsewhere ? orderNotFound() : notSettled());
  }
  if (!('status' in result)) return acknowledge.success(null);
  const { order_no, status } = result;
  return acknowledge.success({ order_no, status });
}

const mismatch = (fields: readonly string[]): ApiError =>
  new ApiError(
    400,
    'payment_mismatch',
    {
      zh: `与订单不一致：${fields.join('、')}`,
      en: `Does not agree with the order: ${fields.join(', ')}`,
    },
    { field: fields },
  );

const notSettled = (): ApiError =>
  new ApiError(409, 'payment_not_settled', {
    zh: '对应的付款尚未入账，请稍后重发',
    en: 'The payment is not settled yet: send this again later',
  });

function replyToError(acknowledge: Acknowledge, error: unknown): Decision {
  if (error instanceof VerificationError) {
    const { reason } = error;
    return {
      reply: acknowledge.failure(forged()),
      level: reason === 'probe' ? 'info' : 'warn',
      fields: { outcome: 'refused', reason },
      metrics: { VerificationFailed: 1 },
    };
  }
  if (error instanceof MalformedMessageError) {
    const { field, wording, reason } = error;
    const said = field === null ? wording : wordingAbout(field, wording);
    const word = field === null ? 'invalid_body' : (fieldWords.get(wording) ?? 'invalid_field');
    return malformed(acknowledge, new ApiError(400, word, said, { field: field ?? [], reason }));
  }
  return {
    reply: acknowledge.failure(internalError()),
    level: 'error',
    fields: { outcome: 'failed' },
    metrics: failureMetrics(error),
    error,
  };
}

const fieldWords: ReadonlyMap<Wording, ErrorWord> = new Map<Wording, ErrorWord>([
  [wordings.missing, 'missing_field'],
  [wordings.empty, 'missing_field'],
  [wordings.unknown, 'unknown_field'],
]);

/** What the sender is told may name a field that it made up; the log's `reason` does not. */
function malformed(acknowledge: Acknowledge, error: ApiError): Decision {
  const reply = acknowledge.failure(error);
  return {
    reply,
    level: 'warn',
    fields: { outcome: 'malformed', reason: error.reason },
    metrics: { MessageMalformed: 1, ...(reply.statusCode >= 500 && { MalformedAnswered500: 1 }) },
  };
}

/** The store may have refused what the code took for allowed. */
const failureMetrics = (error: unknown): MetricValues =>
  isRefusal(error) ? { UnexpectedRefusal: 1 } : { CallbackFailed: 1 };
