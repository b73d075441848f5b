import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContentionError } from '../../../lib/orders/commit.ts';
import { providers } from '../../../lib/orders/kinds.ts';
import { MissingMerchantError } from '../../../lib/orders/refund-at-provider.ts';
import { ProviderCallError } from '../../../lib/providers/call.ts';
import { UnexpectedRefusalError } from '../../../lib/store/conditional-write.ts';
import { type MetricName, metrics } from '../../../lib/telemetry/metrics.ts';
import { createTelemetry, withFields } from '../../../lib/telemetry/telemetry.ts';
import { dataPointsOf } from '../../support/embedded-metrics.ts';
import { captureLines } from '../../support/log-lines.ts';
import { NOW } from '../../support/orders.ts';

describe('a log line', () => {
  it('says when, how bad, what and whose, and then what is known', () => {
    const { telemetry, written } = captureLines();
    telemetry.log('warn', 'callback', { order_no: 'mall-1', provider: null, latency_ms: 3 });
    expect(JSON.parse(written[0] ?? '')).toEqual({
      timestamp: '2026-11-22T08:00:00.000Z',
      level: 'WARN',
      message: 'callback',
      stage: 'test',
      function: 'a-function',
      order_no: 'mall-1',
      provider: null,
      latency_ms: 3,
    });
  });

  it('names its request, without that having to be said each time', () => {
    const { telemetry, lines } = captureLines();
    const bound = withFields(withFields(telemetry, { request_id: 'r1', outcome: 'unknown' }), {
      provider: 'stripe',
    });
    bound.log('info', 'check', { outcome: 'open' });
    expect(lines()).toEqual([
      { level: 'INFO', message: 'check', request_id: 'r1', provider: 'stripe', outcome: 'open' },
    ]);
  });

  it('says of an error only what cannot come from outside', () => {
    const { telemetry, written } = captureLines();
    telemetry.log('error', 'a', {}, { error: new TypeError('Unexpected token: sk_live_secret') });
    telemetry.log('error', 'b', {}, { error: new ProviderCallError('stripe', 500, 'our own words') });
    telemetry.log('error', 'c', {}, { error: 'sk_live_secret' });
    expect(written.map((line) => JSON.parse(line))).toMatchObject([
      {
        error: 'TypeError',
        stack: [expect.stringMatching(/^at .*telemetry\.test\.ts/), ...Array(4).fill(expect.anything())],
      },
      { error: 'ProviderCallError', error_message: 'our own words' },
      { error: 'string' },
    ]);
    expect(written.join()).not.toContain('secret');
  });

  it.each([
    new ContentionError(),
    new MissingMerchantError(),
    new UnexpectedRefusalError('transaction cancelled: ValidationError'),
  ])('says what an error of our own says: $name', (error) => {
    const { telemetry, lines } = captureLines();
    telemetry.log('error', 'a', {}, { error });
    expect(lines()).toMatchObject([{ error: error.name, error_message: error.message }]);
  });

  it('is one line on standard output, with nothing before it', () => {
    const written: unknown[] = [];
    const { write } = process.stdout;
    process.stdout.write = ((text: unknown) => written.push(text)) as never;
    try {
      createTelemetry({ stage: 'test', function: 'a-function' }).log('info', 'a\nb', {
        reason: 'c\u2028\r\n',
      });
    } finally {
      process.stdout.write = write;
    }
    expect(written).toEqual([expect.stringMatching(/^\{[^\r\n]*\}\n$/)]);
  });
});

describe('the metrics of a line', () => {
  it('are taken by CloudWatch, whatever they are and whatever the line knows', () => {
    const names = Object.keys(metrics) as MetricName[];
    const values = fc.dictionary(fc.constantFrom(...names), fc.nat(), { minKeys: 1 });
    const fields = fc.record(
      {
        provider: fc.constantFrom(...providers, null),
        outcome: fc.constantFrom('settled', 'mismatch'),
        reason: fc.constantFrom('probe', 'unknown_key'),
        order_no: fc.string(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(values, fields, (given, known) => {
        const { telemetry, written } = captureLines();
        telemetry.log('info', 'callback', known, { metrics: given });
        const points = dataPointsOf(written[0] ?? '', NOW);
        const expected = (Object.keys(given) as MetricName[]).flatMap((name) =>
          metrics[name].dimensions.map((set) => [name, ['stage', ...set].toSorted().join(), given[name]]),
        );
        expect(
          points.map(({ name, dimensions, value }) => [
            name,
            Object.keys(dimensions).toSorted().join(),
            value,
          ]),
        ).toEqual(expect.arrayContaining(expected));
        expect(points).toHaveLength(expected.length);
        expect(new Set(points.map(({ namespace }) => namespace))).toEqual(new Set(['Settle']));
        for (const { dimensions } of points) {
          expect(dimensions['stage']).toBe('test');
          for (const name of ['provider', 'outcome', 'reason'] as const) {
            if (name in dimensions) expect(dimensions[name]).toBe(known[name] ?? 'none');
          }
        }
      }),
    );
  });

  it('are none where nothing is counted', () => {
    const { telemetry, written } = captureLines();
    telemetry.log('info', 'request', {}, { metrics: {} });
    telemetry.log('info', 'request', {}, { metrics: undefined });
    expect(written.filter((line) => line.includes('_aws'))).toEqual([]);
  });
});
