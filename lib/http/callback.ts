import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { applyEvent, type EventResult, type EventStore } from '../orders/apply-event.ts';
import type { Provider } from '../orders/order.ts';
import { UnexpectedRefusalError } from '../orders/unexpected-refusal.ts';
import { MalformedMessageError, VerificationError } from '../providers/errors.ts';
import type { RawMessage, ReceiveMessage } from '../providers/provider.ts';
import { describeSettlement } from '../telemetry/settlement-report.ts';
import type { LogDetails, LogFields, LogLevel, Telemetry } from '../telemetry/telemetry.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import { messages } from './api-error.ts';
import type { HttpResult } from './http-result.ts';
import { MAXIMUM_BODY_BYTES, rawMessage } from './raw-message.ts';

/** One of the forms a callback comes in: who verifies it, and how it is answered. */
export interface CallbackForm {
  readonly receiver: () => Promise<ReceiveMessage>;
  readonly acknowledgement: Acknowledgement;
}

export interface CallbackParts {
  readonly provider: Provider;
  /** The headers choose the form. */
  readonly chooseForm: (headers: RawMessage['headers']) => CallbackForm;
  /** Opens the store for one message, so that all it asks shares one deadline. */
  readonly openStore: () => EventStore;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

/** What a message came to: its answer, and what the log says of it. */
interface Decision extends LogDetails {
  readonly answer: HttpResult;
  readonly level: LogLevel;
  readonly fields: LogFields;
}

/** The stack of a callback: raw bytes, verify, normalise, settle, acknowledge. Nothing is parsed before it is verified. */
export function createCallback(parts: CallbackParts) {
  return async (event: APIGatewayProxyEventV2, context: Context): Promise<HttpResult> => {
    const { provider, chooseForm, telemetry, now } = parts;
    const started = now();
    const message = rawMessage(event);
    const form = chooseForm(message.headers);
    const decision = await receive(parts, form, message).catch((error: unknown) =>
      answerError(form.acknowledgement, error),
    );
    const { answer, level, fields, ...details } = decision;
    const { awsRequestId: request_id } = context;
    const status = answer.statusCode;
    const latency_ms = now() - started;
    telemetry.log(level, 'callback', { request_id, provider, ...fields, status, latency_ms }, details);
    return answer;
  };
}

async function receive(
  { openStore, now }: CallbackParts,
  { receiver, acknowledgement }: CallbackForm,
  message: RawMessage,
): Promise<Decision> {
  // From here on: what verifying takes counts too.
  const store = openStore();
  if (message.body.length === 0) throw new MalformedMessageError(null, '请求体不能为空');
  if (message.body.length > MAXIMUM_BODY_BYTES) return malformed(acknowledgement, 413, '请求体过大');
  const verifyAndNormalise = await receiver();
  const event = await verifyAndNormalise(message);
  if (!event) {
    return { answer: acknowledgement.success(null), level: 'info', fields: { outcome: 'no_action' } };
  }
  const result = await applyEvent(store, event, now);
  return {
    answer: acknowledge(acknowledgement, event.order_no, result),
    ...describeSettlement(event, result, now()),
  };
}

function acknowledge(acknowledgement: Acknowledgement, order_no: string, result: EventResult): HttpResult {
  if (result.outcome === 'not_found') return acknowledgement.failure(404, messages.orderNotFound);
  if (result.outcome === 'mismatch') {
    return acknowledgement.failure(400, `与订单不一致：${result.fields.join('、')}`);
  }
  return acknowledgement.success('status' in result ? { order_no, status: result.status } : null);
}

function answerError(acknowledgement: Acknowledgement, error: unknown): Decision {
  if (error instanceof VerificationError) {
    const { reason } = error;
    return {
      answer: acknowledgement.failure(401, '签名验证失败'),
      level: reason === 'probe' ? 'info' : 'warn',
      fields: { outcome: 'refused', reason },
      metrics: { VerificationFailed: 1 },
    };
  }
  if (error instanceof MalformedMessageError) {
    const { field, message } = error;
    return malformed(acknowledgement, 400, field === null ? message : `${field} ${message}`);
  }
  return {
    answer: acknowledgement.failure(500, messages.internal),
    level: 'error',
    fields: { outcome: 'failed' },
    metrics: error instanceof UnexpectedRefusalError ? { UnexpectedRefusal: 1 } : { CallbackFailed: 1 },
    error,
  };
}

function malformed(acknowledgement: Acknowledgement, statusCode: 400 | 413, reason: string): Decision {
  return {
    answer: acknowledgement.failure(statusCode, reason),
    level: 'warn',
    fields: { outcome: 'malformed', reason },
    metrics: { MessageMalformed: 1 },
  };
}
