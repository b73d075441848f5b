import { beforeAll, describe, expect, it } from 'vitest';
import { reportDelivery, reportRelease } from '../../../lib/telemetry/webhook-report.ts';
import type { DeliveryOutcome } from '../../../lib/webhooks/deliver.ts';
import type { Attempt, Delivery } from '../../../lib/webhooks/delivery.ts';
import type { Released } from '../../../lib/webhooks/release.ts';
import { type DataPoint, dataPointsOf } from '../../support/embedded-metrics.ts';
import { captureLines } from '../../support/log-lines.ts';
import { NOW } from '../../support/orders.ts';
import { withWebhooks } from '../stack/webhooks-template.ts';
import { alarmsIn, isSetOff, metricsOf, type TemplateAlarm } from './template-alarms.ts';

type Log = ReturnType<typeof captureLines>;

const now = () => NOW;
const HOUR_MS = 3_600_000;

const delivery: Delivery = {
  receiver: 'tenant:7',
  timestamp: '2026-11-22T07:59:00.000Z',
  event_id: 'evt_1',
  type: 'order.paid',
  order_no: 'p1',
  body: '{}',
  state: 'due',
  version: 2,
  due_at: null,
  waits: false,
  since: '2026-11-22T07:59:00.000Z',
  tries: 1,
  attempts: [],
  ended_at: null,
  reason: null,
  redelivered: null,
};
const answered = (status: number): Attempt => ({ at: delivery.since, status, error: null, duration_ms: 30 });

const became = ({ telemetry }: Log, outcome: DeliveryOutcome, attempt: Attempt | null, times = 1) => {
  for (let time = 0; time < times; time++) reportDelivery(telemetry, now)(delivery, outcome, attempt);
};

const released = ({ telemetry }: Log, counts: Partial<Released> = {}) =>
  reportRelease(telemetry, now).ended({ released: 0, overdue: 0, oldest_ms: 0, failing: 0, ...counts });

describe('what sets off which alarm of webhooks', () => {
  let alarms: TemplateAlarm[];

  beforeAll(() => {
    alarms = alarmsIn(withWebhooks.webhooks);
  });

  const setOffBy = (points: readonly DataPoint[]) =>
    alarms
      .filter((alarm) => isSetOff(alarm, points))
      .map(({ AlarmName }) => String(AlarmName).replace('settle-test-', ''))
      .toSorted();

  it.each<[string, (log: Log) => void, string[]]>([
    ['what is taken', (log) => became(log, 'delivered', answered(200), 100), []],
    ['a receiver that does not answer', (log) => became(log, 'failed', answered(500), 100), []],
    [
      'what waits, comes again or is not wanted',
      (log) => {
        for (const outcome of ['waiting', 'repeated', 'not_wanted'] as const) became(log, outcome, null, 100);
      },
      [],
    ],
    [
      'a receiver that wants no more',
      (log) => became(log, 'given_up', answered(410)),
      ['deliveries-given-up'],
    ],
    [
      'what has waited for three days',
      ({ telemetry }) => reportRelease(telemetry, now).onGivenUp(delivery),
      ['deliveries-given-up'],
    ],
    [
      'an endpoint that has taken nothing for a day',
      (log) => released(log, { failing: 1 }),
      ['endpoint-failing'],
    ],
    ['deliveries that were due a while ago', (log) => released(log, { oldest_ms: HOUR_MS / 4 }), []],
    [
      'deliveries that have been due for an hour',
      (log) => released(log, { oldest_ms: HOUR_MS }),
      ['release-late'],
    ],
  ])('%s', (_, occasion, expected) => {
    const log = captureLines();
    released(log);
    occasion(log);
    expect(setOffBy(log.written.flatMap((line) => dataPointsOf(line, NOW)))).toEqual(expected);
  });

  it('a release that does not come to its end, or is not run', () => {
    const log = captureLines();
    reportRelease(log.telemetry, now).failed(new Error('no store'));
    expect(setOffBy(log.written.flatMap((line) => dataPointsOf(line, NOW)))).toEqual(['release-stopped']);
    expect(setOffBy([])).toEqual(['release-stopped']);
  });

  it.each([
    ['a message in the queue of batches that were given up', 'events-given-up', 1],
    ['a message among the dead letters', 'deliveries-set-aside', 1],
    ['a stream that is read an hour late', 'events-late', HOUR_MS],
    ['a message that has waited for an hour', 'deliveries-late', 3_600],
    ['three starts that EventBridge could not make', 'release-not-started', 3],
  ])('%s', (_, name, value) => {
    const alarm = alarms.find(({ AlarmName }) => AlarmName === `settle-test-${name}`);
    const points = (alarm ? metricsOf(alarm) : []).map(({ Namespace, MetricName, Dimensions = [] }) => ({
      namespace: Namespace,
      name: MetricName,
      dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value as string])),
      value,
      at: NOW,
    }));
    const log = captureLines();
    released(log);
    const quiet = log.written.flatMap((line) => dataPointsOf(line, NOW));
    expect(setOffBy([...quiet, ...points])).toEqual([name]);
  });
});
