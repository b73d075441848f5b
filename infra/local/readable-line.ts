import { isJsonObject } from '../../lib/json.ts';

/** What comes first of a line, in this order; all else that it holds follows by name. */
const leading = ['order_no', 'refund_no', 'provider', 'outcome', 'reason', 'status'] as const;

/** Told by the beginning of the line, the same of every line, or of no use at a terminal. */
const leftOut: ReadonlySet<string> = new Set([
  ...['timestamp', 'level', 'message', 'function', 'functionName', 'stage', 'version'],
  ...['request_id', 'requestId', 'latency_ms', 'stack', 'stackTrace', '_aws'],
]);

/** A function's line of JSON as a person reads it; whatever is none as it is. */
export function readableLine(line: string): string {
  const fields = parse(line);
  if (!fields) return line;
  const { timestamp, level, message, function: name, functionName, latency_ms, stack, stackTrace } = fields;
  const rest = Object.entries(fields).filter(
    ([key, value]) => !leftOut.has(key) && !isLeading(key) && !isMetric(fields, key) && isTold(value),
  );
  const parts = [
    typeof timestamp === 'string' ? timestamp.slice(11, 23) : '',
    String(level ?? 'INFO').padEnd(5),
    String(name ?? functionName ?? '').padEnd(NAME_WIDTH),
    String(message ?? ''),
    ...leading.map((key) => fields[key]).filter(isTold),
    ...rest.map(([key, value]) => `${key}=${JSON.stringify(value)}`),
    ...(typeof latency_ms === 'number' ? [`${latency_ms} ms`] : []),
  ];
  const trace = [stack ?? stackTrace ?? []].flat().map((frame) => `\n    ${String(frame).trim()}`);
  return `${parts.join(' ').trim()}${trace.join('')}`;
}

/** Of the longest but one or two. */
const NAME_WIDTH = 20;

const isLeading = (key: string): boolean => leading.some((known) => known === key);
const isTold = (value: unknown): boolean => value !== null && value !== undefined && value !== '';

/** CloudWatch's embedded metrics stand in the line by their names, which the line's own directive lists. */
const isMetric = (fields: Readonly<Record<string, unknown>>, key: string): boolean =>
  JSON.stringify(fields['_aws'] ?? null).includes(`"Name":"${key}"`);

function parse(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) && 'message' in value ? value : null;
  } catch {
    return null;
  }
}
