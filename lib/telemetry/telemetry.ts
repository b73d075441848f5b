/** Everything that a log line may hold. Nothing else can be logged, so that nothing secret is. */
export interface LogFields {
  readonly function?: string;
  readonly request_id?: string;
  readonly order_no?: string;
  readonly order_nos?: readonly string[];
  readonly provider?: string | null;
  readonly outcome?: string;
  readonly reason?: string;
  readonly fields?: readonly string[];
  readonly status?: number;
  readonly latency_ms?: number;
  readonly checked?: number;
  readonly failed?: number;
  readonly left?: number;
  readonly announced?: number;
}

export type LogLevel = 'info' | 'warn' | 'error';

export type MetricName =
  | 'Settlement'
  | 'Exception'
  | 'VerificationFailed'
  | 'UnexpectedRefusal'
  | 'CallbackFailed'
  | 'ApiFailed'
  | 'NotificationSent'
  | 'NotificationFailed'
  | 'RecordParked'
  | 'CheckFailed'
  | 'SweepChecked'
  | 'SweepLeft';

export interface Telemetry {
  /** One structured line. Of an error, only what is known to hold nothing from outside is written. */
  log(level: LogLevel, message: string, fields?: LogFields, error?: unknown): void;
  /** Counts in CloudWatch's embedded metric format. */
  count(metric: MetricName, dimensions?: Readonly<Record<string, string>>, value?: number): void;
}

const NAMESPACE = 'Settle';

/** Errors whose messages we write ourselves; any other may quote a message, a key or an item. */
const ownErrors = new Set([
  'DocumentError',
  'MalformedMessageError',
  'ProviderCallError',
  'UnexpectedRefusalError',
  'VerificationError',
  'WecomError',
]);

export function createTelemetry(
  // Not console.log, before whose lines Lambda puts text that would keep CloudWatch from reading the metrics.
  write: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
  now: () => number = Date.now,
): Telemetry {
  return {
    log(level, message, fields = {}, error) {
      const time = new Date(now()).toISOString();
      write(JSON.stringify({ time, level, message, ...fields, ...(error ? describeError(error) : {}) }));
    },
    count(metric, dimensions = {}, value = 1) {
      const metrics = [
        {
          Namespace: NAMESPACE,
          Dimensions: [Object.keys(dimensions)],
          Metrics: [{ Name: metric, Unit: 'Count' }],
        },
      ];
      write(
        JSON.stringify({
          _aws: { Timestamp: now(), CloudWatchMetrics: metrics },
          ...dimensions,
          [metric]: value,
        }),
      );
    },
  };
}

/** The error's kind, where it came from and, when the message is our own, what it says. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    error: error.name,
    ...(ownErrors.has(error.name) ? { error_message: error.message } : {}),
    stack: frames.slice(0, 5).map((line) => line.trim()),
  };
}
