import { createTelemetry } from '../../lib/telemetry/telemetry.ts';
import { type DataPoint, dataPointsOf } from './embedded-metrics.ts';
import { NOW } from './orders.ts';

/** Telemetry at a fixed time, and what came of it. */
export function captureLines() {
  const written: string[] = [];
  const telemetry = createTelemetry(
    { stage: 'test', function: 'a-function' },
    (line) => written.push(line),
    () => NOW,
  );
  return {
    telemetry,
    written,
    /** Each line without what all of them have in common, and what belongs to the metrics. */
    lines: () => written.map(withoutCommon),
    /** As `name dimension…: value`, the stage left out. */
    metrics: () => written.flatMap((line) => dataPointsOf(line, NOW)).map(describePoint),
  };
}

function withoutCommon(line: string): Record<string, unknown> {
  const { timestamp, stage, function: name, _aws, stack, ...rest } = JSON.parse(line);
  const common = { timestamp, stage, name };
  if (JSON.stringify(common) !== JSON.stringify(expectedCommon)) throw new Error(`whose line is ${line}?`);
  return rest;
}

const expectedCommon = { timestamp: new Date(NOW).toISOString(), stage: 'test', name: 'a-function' };

function describePoint({ name, dimensions, value }: DataPoint): string {
  const { stage, ...others } = dimensions;
  if (stage !== 'test') throw new Error(`${name} is not told apart by stage`);
  return `${[name, ...Object.values(others)].join(' ')}: ${value}`;
}
