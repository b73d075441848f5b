import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { applyEvent, type EventResult, type EventStore } from '../orders/apply-event.ts';
import type { Provider } from '../orders/order.ts';
import { UnexpectedRefusalError } from '../orders/unexpected-refusal.ts';
import { MalformedMessageError, VerificationError } from '../providers/errors.ts';
import type { RawMessage, ReceiveMessage } from '../providers/provider.ts';
import type { LogFields, Telemetry } from '../telemetry/telemetry.ts';
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

/** The stack of a callback: raw bytes, verify, normalise, settle, acknowledge. Nothing is parsed before it is verified. */
export function createCallback(parts: CallbackParts) {
  return async (event: APIGatewayProxyEventV2, context: Context): Promise<HttpResult> => {
    const started = parts.now();
    const message = rawMessage(event);
    const form = parts.chooseForm(message.headers);
    const report = (fields: LogFields, error?: unknown) =>
      parts.telemetry.log(
        error === undefined ? 'info' : 'warn',
        'callback',
        {
          provider: parts.provider,
          request_id: context.awsRequestId,
          latency_ms: parts.now() - started,
          ...fields,
        },
        error,
      );
    try {
      return await receive(parts, form, message, report);
    } catch (error) {
      return answerError(parts, form.acknowledgement, error, report);
    }
  };
}

type Report = (fields: LogFields, error?: unknown) => void;

async function receive(
  { provider, openStore, telemetry, now }: CallbackParts,
  { receiver, acknowledgement }: CallbackForm,
  message: RawMessage,
  report: Report,
): Promise<HttpResult> {
  // From here on: what verifying takes counts too.
  const store = openStore();
  if (message.body.length === 0) throw new MalformedMessageError(null, '请求体不能为空');
  if (message.body.length > MAXIMUM_BODY_BYTES) return acknowledgement.failure(413, '请求体过大');
  const verifyAndNormalise = await receiver();
  const event = await verifyAndNormalise(message);
  if (!event) {
    report({ outcome: 'no_action' });
    return acknowledgement.success(null);
  }
  const result = await applyEvent(store, event, now);
  telemetry.count('Settlement', { provider, outcome: result.outcome });
  report({ order_no: event.order_no, ...describeResult(result) });
  return acknowledge(acknowledgement, event.order_no, result);
}

function acknowledge(acknowledgement: Acknowledgement, order_no: string, result: EventResult): HttpResult {
  if (result.outcome === 'not_found') return acknowledgement.failure(404, messages.orderNotFound);
  if (result.outcome === 'mismatch') {
    return acknowledgement.failure(400, `与订单不一致：${result.fields.join('、')}`);
  }
  return acknowledgement.success('status' in result ? { order_no, status: result.status } : null);
}

function describeResult(result: EventResult): LogFields {
  return result.outcome === 'mismatch'
    ? { outcome: 'mismatch', fields: result.fields }
    : { outcome: result.outcome };
}

function answerError(
  { provider, telemetry }: CallbackParts,
  acknowledgement: Acknowledgement,
  error: unknown,
  report: Report,
): HttpResult {
  if (error instanceof VerificationError) {
    telemetry.count('VerificationFailed', { provider, reason: error.reason });
    report({ outcome: 'refused', reason: error.reason });
    return acknowledgement.failure(401, '签名验证失败');
  }
  if (error instanceof MalformedMessageError) {
    report({ outcome: 'malformed' }, error);
    return acknowledgement.failure(
      400,
      error.field === null ? error.message : `${error.field} ${error.message}`,
    );
  }
  telemetry.count(error instanceof UnexpectedRefusalError ? 'UnexpectedRefusal' : 'CallbackFailed', {
    provider,
  });
  report({ outcome: 'failed' }, error);
  return acknowledgement.failure(500, messages.internal);
}
