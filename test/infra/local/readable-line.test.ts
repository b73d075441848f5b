import { expect, it } from 'vitest';
import { readableLine } from '../../../infra/local/readable-line.ts';
import { createTelemetry } from '../../../lib/telemetry/telemetry.ts';

function lineOf(log: (telemetry: ReturnType<typeof createTelemetry>) => void): string {
  let written = '';
  const now = () => Date.parse('2026-11-26T08:09:10.123Z');
  log(createTelemetry({ stage: 'local', function: 'wechat-notify' }, (line) => (written = line), now, '1'));
  return readableLine(written);
}

it('a decision reads as a sentence: when, where, about what, and what came of it', () => {
  const fields = { request_id: 'a-b', order_no: 'mall-1', provider: 'wechat', outcome: 'settled' };
  const line = lineOf(({ log }) => log('info', 'callback', { ...fields, status: 200, latency_ms: 12 }));
  expect(line).toBe('08:09:10.123 INFO  wechat-notify        callback mall-1 wechat settled 200 12 ms');
});

it('what is not common is named, and what is not there is left out', () => {
  const fields = { order_no: 'mall-1', provider: null, mismatched_fields: ['amount'] };
  const line = lineOf(({ log }) => log('warn', 'callback', fields));
  expect(line).toBe('08:09:10.123 WARN  wechat-notify        callback mall-1 mismatched_fields=["amount"]');
});

it('metrics stay out of it, and an error has its trace below', () => {
  const error = new Error('down');
  error.name = 'ContentionError';
  const line = lineOf(({ log }) => log('error', 'callback', {}, { error, metrics: { CallbackFailed: 1 } }));
  expect(line).not.toMatch(/CallbackFailed|_aws/);
  expect(line).toContain('error="ContentionError"');
  expect(line).toMatch(/\n {4}at /);
});

it.each(['', 'ready http://127.0.0.1:3000', '{"order_no":"mall-1"}', '[1]', '{'])(
  '%j, which is no line of a function, stays as it is',
  (line) => {
    expect(readableLine(line)).toBe(line);
  },
);
