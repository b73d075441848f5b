import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { Io } from '../io.ts';
import type { FindReceiver } from '../merchants/receivers.ts';
import type { OrderStore } from '../orders/commit.ts';
import type { Provider } from '../orders/kinds.ts';
import { applyEvent, type EventResult } from '../orders/settle.ts';
import { MalformedMessageError, type RawMessage, VerificationError } from '../providers/message.ts';
import { isRefusal } from '../telemetry/failures.ts';
import type { MetricValues } from '../telemetry/metrics.ts';
import { describeSettlement } from '../telemetry/settlement-report.ts';
import type { LogDetails, LogFields, LogLevel, Telemetry } from '../telemetry/telemetry.ts';
import type { Acknowledgement, CallbackForm, ChooseForm } from './callback-form.ts';
import { MAXIMUM_BODY_BYTES, rawMessage } from './raw-message.ts';
import { messages, type Reply } from './reply.ts';

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
    const decision = await receive(io, parts, form, message, tenant).catch((error: unknown) =>
      replyToError(form.acknowledgement, error),
    );
    const { reply, level, fields, ...details } = decision;
    const { awsRequestId: request_id } = context;
    const status = reply.statusCode;
    const latency_ms = io.now() - started;
    telemetry.log(level, 'callback', { request_id, provider, ...fields, status, latency_ms }, details);
    return reply;
  };
}

async function receive(
  io: Io,
  { openStore, findReceiver }: CallbackParts,
  { receiver, acknowledgement }: CallbackForm,
  message: RawMessage,
  tenant: string | undefined,
): Promise<Decision> {
  // From here on: what verifying takes counts too.
  const store = openStore();
  if (message.body.length === 0) throw new MalformedMessageError(null, '请求体不能为空');
  if (message.body.length > MAXIMUM_BODY_BYTES) return malformed(acknowledgement, 413, '请求体过大');
  const verifyAndNormalise = await receiverOf(findReceiver, tenant);
  if (!verifyAndNormalise) return unaddressed(acknowledgement);
  const event = await verifyAndNormalise(receiver, message);
  if (!event) {
    return { reply: acknowledgement.success(null), level: 'info', fields: { outcome: 'no_action' } };
  }
  const result = await applyEvent({ store, io }, event);
  return {
    reply: acknowledge(acknowledgement, result),
    ...describeSettlement(event, result, io.now()),
  };
}

/** The tenant's number stands in the path, where a stranger may have written anything. */
async function receiverOf(findReceiver: FindReceiver, tenant: string | undefined) {
  if (tenant === undefined) return findReceiver(null);
  const isNumber = /^[1-9][0-9]{0,15}$/.test(tenant) && Number.isSafeInteger(Number(tenant));
  return isNumber ? findReceiver(Number(tenant)) : null;
}

/** Nobody is paid there. */
function unaddressed(acknowledgement: Acknowledgement): Decision {
  const reply = acknowledgement.failure(404, '没有这个收款商户');
  return {
    reply,
    level: 'warn',
    fields: { outcome: 'no_merchant' },
    metrics: reply.statusCode >= 500 ? { MalformedAnswered500: 1 } : undefined,
  };
}

function acknowledge(acknowledgement: Acknowledgement, result: EventResult): Reply {
  if (result.outcome === 'not_found') return acknowledgement.failure(404, messages.orderNotFound);
  if (result.outcome === 'mismatch') {
    return acknowledgement.failure(400, `与订单不一致：${result.fields.join('、')}`);
  }
  if (!('status' in result)) return acknowledgement.success(null);
  const { order_no, status } = result;
  return acknowledgement.success({ order_no, status });
}

function replyToError(acknowledgement: Acknowledgement, error: unknown): Decision {
  if (error instanceof VerificationError) {
    const { reason } = error;
    return {
      reply: acknowledgement.failure(401, '签名验证失败'),
      level: reason === 'probe' ? 'info' : 'warn',
      fields: { outcome: 'refused', reason },
      metrics: { VerificationFailed: 1 },
    };
  }
  if (error instanceof MalformedMessageError) {
    const { field, message, reason } = error;
    return malformed(acknowledgement, 400, field === null ? message : `${field} ${message}`, reason);
  }
  return {
    reply: acknowledgement.failure(500, messages.internal),
    level: 'error',
    fields: { outcome: 'failed' },
    metrics: failureMetrics(error),
    error,
  };
}

/** What the sender is told may name a field that it made up; the log's `reason` does not. */
function malformed(
  acknowledgement: Acknowledgement,
  statusCode: 400 | 413,
  message: string,
  reason = message,
): Decision {
  const reply = acknowledgement.failure(statusCode, message);
  return {
    reply,
    level: 'warn',
    fields: { outcome: 'malformed', reason },
    metrics: { MessageMalformed: 1, ...(reply.statusCode >= 500 && { MalformedAnswered500: 1 }) },
  };
}

/** The store may have refused what the code took for allowed. */
const failureMetrics = (error: unknown): MetricValues =>
  isRefusal(error) ? { UnexpectedRefusal: 1 } : { CallbackFailed: 1 };
