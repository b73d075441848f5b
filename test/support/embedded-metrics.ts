/** A point of a metric, as CloudWatch takes it from a log line. */
export interface DataPoint {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly at: number;
}

type Json = Readonly<Record<string, unknown>>;

const UNITS = new Set(['Count', 'Seconds', 'Milliseconds']);

/** Past this, or so far in the past, CloudWatch drops what a line says (PutMetricData, Timestamp). */
const AHEAD_MS = 2 * 3_600_000;
const BEHIND_MS = 14 * 24 * 3_600_000;

/**
 * The points that CloudWatch takes from a log line; none for a line that carries no metrics.
 * @throws Error for what breaks a rule of the embedded metric format, from which nothing would be taken
 */
export function dataPointsOf(line: string, now: number): readonly DataPoint[] {
  if (Buffer.byteLength(line) > 256 * 1024) throw new Error('the line is longer than 256 KB');
  if (/[\r\n]/.test(line)) throw new Error('it is more than one line');
  const root = object(JSON.parse(line), 'the line');
  if (!('_aws' in root)) return [];
  const metadata = object(root['_aws'], '_aws');
  const at = metadata['Timestamp'];
  if (!Number.isInteger(at)) throw new Error('Timestamp is no integer');
  const age_ms = now - Number(at);
  if (age_ms < -AHEAD_MS || age_ms > BEHIND_MS) throw new Error('Timestamp is not in milliseconds of now');
  return array(metadata['CloudWatchMetrics'], 'CloudWatchMetrics').flatMap((directive) =>
    pointsOfDirective(root, object(directive, 'a directive'), Number(at)),
  );
}

function pointsOfDirective(root: Json, directive: Json, at: number): DataPoint[] {
  const namespace = text(directive['Namespace'], 'Namespace', 1_024);
  const sets = array(directive['Dimensions'], 'Dimensions').map((set) => dimensionsOf(root, set));
  const metrics = array(directive['Metrics'], 'Metrics');
  if (sets.length === 0 || metrics.length === 0) throw new Error('a directive is without effect');
  if (metrics.length > 100) throw new Error('a directive has more than 100 metrics');
  return metrics.flatMap((each) => {
    const metric = object(each, 'a metric');
    const name = text(metric['Name'], 'Name', 1_024);
    if (!UNITS.has(String(metric['Unit']))) throw new Error(`${name} has the unit ${metric['Unit']}`);
    const value = root[name];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error(`${name} is no number`);
    return sets.map((dimensions) => ({ namespace, name, dimensions, value, at }));
  });
}

function dimensionsOf(root: Json, set: unknown): Record<string, string> {
  const names = array(set, 'a dimension set');
  if (names.length > 30) throw new Error('a dimension set has more than 30 keys');
  return Object.fromEntries(
    names.map((each) => {
      const name = text(each, 'a dimension', 250);
      const value = text(root[name], `the dimension ${name}`, 1_024);
      if (!/^[ -~]+$/.test(value)) throw new Error(`the dimension ${name} is not ASCII`);
      return [name, value];
    }),
  );
}

function object(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${what} is no object`);
  return value as Json;
}

function array(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${what} is no array`);
  return value;
}

function text(value: unknown, what: string, longest: number): string {
  if (typeof value !== 'string' || value === '' || value.length > longest)
    throw new Error(`${what} is no text`);
  return value;
}
