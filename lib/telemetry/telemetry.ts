import { embedMetrics, type MetricValues } from './metrics.ts';
import { toSourceLines } from './source-lines.ts';

/** Everything that a log line may hold. Nothing else can be logged, so that nothing secret is. */
export interface LogFields {
  readonly request_id?: string;
  readonly order_no?: string;
  readonly order_nos?: readonly string[];
  /** Each by its type and its id. */
  readonly events?: readonly string[];
  readonly payment_no?: string;
  readonly refund_no?: string;
  readonly provider?: string | null;
  /** Of a day that is reconciled: whose it is. */
  readonly merchant?: string;
  /** By the provider's calendar, as YYYY-MM-DD. */
  readonly day?: string;
  /** The configuration document that it is about. */
  readonly document?: string;
  /** Whose webhook it is: `stage`, or a tenant's. */
  readonly receiver?: string;
  /** What was decided. */
  readonly outcome?: string;
  /** Why a message or a request was refused, in words of ours. */
  readonly reason?: string;
  /** In which a message and its payment or refund disagree. */
  readonly mismatched_fields?: readonly string[];
  /** Of the HTTP reply. */
  readonly status?: number;
  readonly latency_ms?: number;
}

export type LogLevel = 'info' | 'warn' | 'error';

export interface LogDetails {
  /** Only what is known to hold nothing from outside is written of it. */
  readonly error?: unknown;
  /** Counted by CloudWatch as they stand in the line. */
  readonly metrics?: MetricValues | undefined;
}

export interface Telemetry {
  /** One structured line for one decision; `message` is what was decided on. */
  log(level: LogLevel, message: string, fields?: LogFields, details?: LogDetails): void;
}

/** Whose lines they are. */
export interface TelemetryOrigin {
  readonly stage: string;
  /** The function's name in the table of endpoints. */
  readonly function: string;
}

/** Errors whose messages we write ourselves; any other may quote a message, a key or an item. */
const ownErrors = new Set([
  'BillNotReadyError',
  'ContentionError',
  'DocumentError',
  'DomainEventError',
  'LoginKeysError',
  'MalformedMessageError',
  'MissingMerchantError',
  'ProviderCallError',
  'SchemaVersionError',
  'UnexpectedRefusalError',
  'VerificationError',
  'WecomError',
]);

export function createTelemetry(
  origin: TelemetryOrigin,
  // Not console.log, before whose lines Lambda puts text that would keep CloudWatch from reading the metrics.
  write: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
  now: () => number = Date.now,
  // Lambda's own; the alarm that takes a deployment back tells the new version's lines by it.
  version = process.env['AWS_LAMBDA_FUNCTION_VERSION'],
): Telemetry {
  return {
    log(level, message, fields = {}, { error, metrics } = {}) {
      const at = now();
      write(
        JSON.stringify({
          // As in the lines that Lambda writes itself, by which it also knows ours for what they are.
          timestamp: new Date(at).toISOString(),
          level: level.toUpperCase(),
          message,
          ...origin,
          ...(version === undefined ? {} : { version }),
          ...fields,
          ...(error === undefined ? {} : describeError(error)),
          ...(metrics ? embedMetrics(metrics, fields, at) : {}),
        }),
      );
    },
  };
}

/** The same, with fields that every line has: which request it is about. */
export function withFields({ log }: Telemetry, common: LogFields): Telemetry {
  return {
    log: (level, message, fields, details) => log(level, message, { ...common, ...fields }, details),
  };
}

/** The error's kind, where it came from and, when the message is our own, what it says. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  // The message stands before the frames, and may have lines that look like one.
  const { stack = '', name, message } = error;
  const head = message === '' ? -1 : stack.indexOf(message);
  const frames = stack
    .slice(head === -1 ? 0 : head + message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
  return {
    error: name,
    ...(ownErrors.has(name) ? { error_message: message } : {}),
    stack: toSourceLines(frames.slice(0, 5).map((line) => line.trim())),
  };
}
