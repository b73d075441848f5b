import type { MiddlewareObj, Request } from '@middy/core';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { ProviderCallError } from '../providers/call.ts';
import type { MetricValues } from '../telemetry/metrics.ts';
import { type LogDetails, type LogFields, type Telemetry, withFields } from '../telemetry/telemetry.ts';
import { ApiError } from './api-error.ts';
import type { Reply } from './reply.ts';

/** What a request tells of itself while it is served. */
export interface RequestLog {
  /** Adds what is known or decided to the one line that is written when the request is replied to. */
  readonly annotate: (fields: LogFields, metrics?: MetricValues) => void;
  /** For other decisions on the way. Their lines name the request. */
  readonly telemetry: Telemetry;
}

interface Line extends RequestLog {
  readonly started: number;
  fields: LogFields;
  metrics: MetricValues;
}

export type LoggedEvent = APIGatewayProxyEventV2 & { line?: Line };
type LoggedRequest = Request<LoggedEvent, Reply, Error, Context>;

/** Writes a line for each request. The first of the middlewares, so that it sees the reply and all of its time. */
export function logRequests(
  telemetry: Telemetry,
  now: () => number,
): MiddlewareObj<LoggedEvent, Reply, Error, Context> {
  const end = ({ event: { line }, response, error }: LoggedRequest) => {
    if (!line) return;
    const status = response?.statusCode ?? 500;
    const failure = error ? describeFailure(error, status) : null;
    const fields = failure
      ? { ...failure.fields, ...line.fields, outcome: status < 500 ? 'refused' : 'failed', status }
      : { outcome: 'served', ...line.fields, status };
    const level = status >= 500 ? 'error' : 'info';
    const metrics = { ...line.metrics, ...failure?.details.metrics };
    const latency_ms = now() - line.started;
    line.telemetry.log(level, 'request', { ...fields, latency_ms }, { ...failure?.details, metrics });
  };
  return {
    before: ({ event, context }) => {
      event.line = openLine(withFields(telemetry, { request_id: context.awsRequestId }), now());
    },
    after: end,
    onError: end,
  };
}

function openLine(telemetry: Telemetry, started: number): Line {
  const line: Line = {
    telemetry,
    started,
    fields: {},
    metrics: {},
    annotate: (fields, metrics) => {
      line.fields = { ...line.fields, ...fields };
      line.metrics = { ...line.metrics, ...metrics };
    },
  };
  return line;
}

/** Of a refusal, why, in words of ours; of a failure, the error. */
function describeFailure(
  error: unknown,
  status: number,
): { readonly fields: LogFields; readonly details: LogDetails } {
  if (error instanceof ProviderCallError) {
    const { provider, refusal } = error;
    // It is the request that cannot be served: the provider works.
    if (refusal)
      return { fields: { provider, reason: `${refusal.field} ${refusal.problem.zh}` }, details: {} };
    return { fields: { provider: error.provider }, details: { error, metrics: { ProviderFailed: 1 } } };
  }
  if (error instanceof ApiError) return { fields: { reason: error.reason }, details: {} };
  return { fields: {}, details: { error, ...(status === 500 && { metrics: { RequestFailed: 1 } }) } };
}
