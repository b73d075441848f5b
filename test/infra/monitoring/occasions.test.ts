import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesizeStage } from '../../../infra/stacks/template.ts';
import { announce } from '../../../lib/announcements/announce.ts';
import { readOwingItem } from '../../../lib/announcements/owing-item.ts';
import { DocumentError } from '../../../lib/config/document.ts';
import { createCallback } from '../../../lib/http/callback.ts';
import { callbackForms, wechatNotifyAcknowledgement } from '../../../lib/http/callback-form.ts';
import { systemIo } from '../../../lib/io.ts';
import type { FindReceiver } from '../../../lib/merchants/receivers.ts';
import { ContentionError, type OrderStore } from '../../../lib/orders/commit.ts';
import type { RefundEvent } from '../../../lib/orders/event.ts';
import type { SweepCounts } from '../../../lib/orders/sweep.ts';
import { ProviderCallError } from '../../../lib/providers/call.ts';
import {
  type ReceivedEvent,
  VerificationError,
  type VerificationReason,
} from '../../../lib/providers/message.ts';
import { UnexpectedRefusalError } from '../../../lib/store/conditional-write.ts';
import { reportDigest } from '../../../lib/telemetry/digest-report.ts';
import { reportDocumentFailure, reportProviderFailure } from '../../../lib/telemetry/failures.ts';
import { reportChecks, reportSweep } from '../../../lib/telemetry/sweep-report.ts';
import { mallPayment } from '../../lib/announcements/items.ts';
import { createMemoryStore } from '../../lib/orders/memory-store.ts';
import { type DataPoint, dataPointsOf } from '../../support/embedded-metrics.ts';
import { captureLines } from '../../support/log-lines.ts';
import { NOW, paidPayment, paymentOf, refundOf, shopOrder, successOf } from '../../support/orders.ts';
import { testStage } from '../stack/stage.ts';
import { alarmsIn, isSetOff, metricsOf, type TemplateAlarm } from './template-alarms.ts';

const DAY_MS = 24 * 3_600_000;

type Log = ReturnType<typeof captureLines>;

const io = { ...systemIo, now: () => NOW, sleep: async () => {} };

async function callback(
  { telemetry }: Log,
  receive: () => ReceivedEvent,
  store: OrderStore = createMemoryStore(),
  findReceiver: FindReceiver = async () => async () => receive(),
) {
  const handler = createCallback(
    { telemetry, io },
    { provider: 'wechat', findReceiver, chooseForm: callbackForms.wechat, openStore: () => store },
  );
  await handler({ headers: {}, body: '{}' } as APIGatewayProxyEventV2, { awsRequestId: 'r1' } as Context);
}

async function refused(log: Log, times: number, reason: VerificationReason) {
  for (let time = 0; time < times; time++) {
    await callback(log, () => {
      throw new VerificationError(reason, reason);
    });
  }
}

async function unaddressed(log: Log) {
  for (let time = 0; time < 30; time++) {
    await callback(
      log,
      () => null,
      createMemoryStore(),
      async () => null,
    );
  }
}

/** What the group would be told, of a stage without one. */
async function toldNobody({ telemetry }: Log, times: number) {
  const item = readOwingItem(mallPayment(1, NOW - DAY_MS));
  const store = { clearWork: async () => {}, replaceWork: async () => {}, parkWork: async () => {} };
  for (let time = 0; time < times; time++) {
    await announce([item], { send: async () => false, store, shipping: null, telemetry, now: io.now });
  }
}

async function notStored(log: Log, times: number, error = new Error('no store')) {
  const store = { ...createMemoryStore(), write: () => Promise.reject(error) };
  for (let time = 0; time < times; time++) {
    await callback(log, () => successOf(paymentOf(shopOrder())), store);
  }
}

function requested(log: Log, times: number) {
  for (let time = 0; time < times; time++) {
    log.telemetry.log('info', 'request', { provider: 'wechat' }, { metrics: { PaymentRequested: 1 } });
  }
}

function unanswered(log: Log, times: number, error: Error = new ProviderCallError('alipay', 503, 'down')) {
  for (let time = 0; time < times; time++)
    reportProviderFailure(log.telemetry, 'check', { provider: 'alipay' }, error);
}

/** A check of a payment whose merchant nobody knows any more. */
function lost(log: Log) {
  const { order_no, payment_no, provider } = paymentOf(shopOrder());
  const check = { order_no, payment_no, provider, latency_ms: 0 };
  reportChecks(log.telemetry).report(check, { outcome: 'merchant_missing' });
}

/** A check of a payment whose goods nobody sent in time. */
function notShipped(log: Log) {
  const { order_no, payment_no, provider } = paymentOf(shopOrder());
  const check = { order_no, payment_no, provider, latency_ms: 0 };
  reportChecks(log.telemetry).report(check, { outcome: 'not_shipped' });
}

const quiet = {
  checked: 0,
  failed: 0,
  left: 0,
  unreadable: 0,
  closed_late: 0,
  overdue: 0,
  oldest_check_ms: 0,
  oldest_refund_ms: 0,
};

function sweep(log: Log, counts: Partial<SweepCounts> = {}, oldest_ms = 0) {
  reportSweep(log.telemetry, {
    checks: { status: 'fulfilled', value: { ...quiet, ...counts } },
    announcements: { status: 'fulfilled', value: { overdue: 1, oldest_ms } },
    latency_ms: 10,
  });
}

function failedSweep(log: Log) {
  reportSweep(log.telemetry, {
    checks: { status: 'rejected', reason: new Error('no store') },
    announcements: { status: 'fulfilled', value: { overdue: 0, oldest_ms: 0 } },
    latency_ms: 10,
  });
}

interface DigestCounts {
  readonly overdue?: number;
  readonly differing?: number;
  readonly late?: number;
}

const counted = (counts: DigestCounts) => ({ overdue: 0, differing: 0, late: 0, ...counts });

const digest = ({ telemetry }: Log, counts: DigestCounts) =>
  reportDigest(telemetry, io.now).sent(counted(counts), 'delivered');

const undeliveredDigest = ({ telemetry }: Log, counts: DigestCounts) =>
  reportDigest(telemetry, io.now).failed(counted(counts), new Error('no group'));

/** A payment of another amount, merchant or time, or for an order that is closed. */
async function paid(log: Log, changes: object = {}, order = shopOrder()) {
  const payment = paymentOf(order);
  const store = createMemoryStore({ order, payments: [payment] });
  await callback(log, () => ({ ...successOf(payment), ...changes }), store);
}

const documentError = new DocumentError('wechat', 'serial_no', 'is missing');
const notRead = (times: number) => Array.from({ length: times }, () => new Error('no answer'));

function notTaken(log: Log, ...errors: Error[]) {
  for (const error of errors) reportDocumentFailure(log.telemetry)('wechat', error);
}

/** A notice of WeChat Pay's about a refund that is open. */
async function returned(log: Log, type: RefundEvent['type']) {
  const order = shopOrder({ status: 'refunding', paid_by: 1, refunds: 1 });
  const payment = paidPayment(order, { reserved: 400 });
  const refund = refundOf(payment);
  const { payment_no, provider, merchant, refund_no } = refund;
  const event = { type, payment_no, provider, merchant, refund_no, refund_id: 'R1' };
  await callback(log, () => event, createMemoryStore({ order, payments: [payment], refunds: [refund] }));
}

describe('what sets off which alarm', () => {
  let alarms: TemplateAlarm[];

  beforeAll(() => {
    alarms = alarmsIn(synthesizeStage(testStage).service);
  });

  async function setOffBy(occasion: (log: Log) => unknown): Promise<string[]> {
    const log = captureLines();
    await occasion(log);
    const points = log.written.flatMap((line) => dataPointsOf(line, NOW));
    return alarms
      .filter((alarm) => isSetOff(alarm, points))
      .map(({ AlarmName }) => String(AlarmName).replace('settle-test-', ''))
      .toSorted();
  }

  it.each<[string, (log: Log) => unknown, string[]]>([
    ['a payment', (log) => paid(log), []],
    ['another amount', (log) => paid(log, { amount: 1 }), ['amount-mismatch', 'exception']],
    ['another merchant', (log) => paid(log, { merchant: 'another' }), ['exception']],
    ['money for a closed order', (log) => paid(log, {}, shopOrder({ status: 'closed' })), ['exception']],
    [
      'a number that was paid last year',
      (log) => paid(log, { paid_at: '2025-11-22T08:00:00Z' }),
      ['exception'],
    ],
    ['a payment whose merchant is gone', lost, ['exception']],
    ['two messages under an unknown key', (log) => refused(log, 2, 'unknown_key'), []],
    ['three messages under an unknown key', (log) => refused(log, 3, 'unknown_key'), ['verification-failed']],
    ['thirty messages to an address where nobody is paid', unaddressed, []],
    ['a payment that nobody is told of', (log) => toldNobody(log, 2), []],
    ["WeChat Pay's probes", (log) => refused(log, 30, 'probe'), []],
    ['a stranger without a signature', (log) => refused(log, 30, 'signature_missing'), []],
    ['two callbacks that are not stored', (log) => notStored(log, 2), []],
    ['three callbacks that are not stored', (log) => notStored(log, 3), ['callbacks-failing']],
    [
      'a write that the table refuses for no reason of ours',
      (log) => notStored(log, 1, new UnexpectedRefusalError('transaction cancelled: ValidationError')),
      ['unexpected-refusal'],
    ],
    ['a check of an order that never stands still', (log) => unanswered(log, 1, new ContentionError()), []],
    [
      "a tenant's document that is refused",
      (log) => reportDocumentFailure(log.telemetry)('tenants/7', documentError),
      ['document-refused'],
    ],
    ['a document that is refused', (log) => notTaken(log, documentError), ['document-refused']],
    ['two documents that cannot be read', (log) => notTaken(log, ...notRead(2)), []],
    ['three documents that cannot be read', (log) => notTaken(log, ...notRead(3)), ['document-unread']],
    ['nineteen who did not pay', (log) => requested(log, 19), []],
    ['twenty who did not pay', (log) => requested(log, 20), ['payments-stopped-wechat']],
    ['a provider that failed four times', (log) => unanswered(log, 4), []],
    ['a provider that failed five times', (log) => unanswered(log, 5), ['provider-failing-alipay']],
    ['checks that wait for 14 minutes', (log) => sweep(log, { oldest_check_ms: 14 * 60_000 }), []],
    [
      'a check that waits for 15 minutes',
      (log) => sweep(log, { oldest_check_ms: 15 * 60_000 }),
      ['checks-late'],
    ],
    ['an item that is not understood', (log) => sweep(log, { unreadable: 1 }), ['item-unreadable']],
    ['nine orders that are closed late', (log) => sweep(log, { closed_late: 9 }), []],
    ['ten orders that are closed late', (log) => sweep(log, { closed_late: 10 }), ['orders-closed-late']],
    ['a sold order that nobody sent', (log) => notShipped(log), ['exception']],
    ['a refund of yesterday', (log) => sweep(log, { oldest_refund_ms: DAY_MS }), []],
    ['a refund of three days ago', (log) => sweep(log, { oldest_refund_ms: 3 * DAY_MS }), ['refund-open']],
    [
      'a refund that its bank has refused',
      (log) => returned(log, 'refund_abnormal'),
      ['exception', 'refund-abnormal'],
    ],
    ['a refund that has succeeded', (log) => returned(log, 'refund_succeeded'), []],
    ['a digest of a day on which all agrees', (log) => digest(log, {}), []],
    ['a day that differs', (log) => digest(log, { differing: 1 }), ['reconciliation-differs']],
    ['a day that does not come to its end', (log) => digest(log, { late: 1 }), ['reconciliation-late']],
    ['an exception that nobody has seen to', (log) => digest(log, { overdue: 1 }), ['exception-overdue']],
    [
      'the same, where the group cannot be told',
      (log) => undeliveredDigest(log, { overdue: 1 }),
      ['exception-overdue'],
    ],
    ['news of five minutes ago', (log) => sweep(log, {}, 5 * 60_000), []],
    ['news of 15 minutes ago', (log) => sweep(log, {}, 15 * 60_000), ['announcement-late']],
  ])('%s', async (_, occasion, expected) => {
    const besides = async (log: Log) => {
      sweep(log);
      await occasion(log);
    };
    expect(await setOffBy(besides)).toEqual(expected);
  });

  /** Each answer of the API that WeChat Pay's address of the seed gave, as API Gateway counts it. */
  async function answered(answer: (log: Log) => Promise<{ statusCode: number }>): Promise<string[]> {
    const log = captureLines();
    sweep(log);
    const alarm = alarms.find(({ AlarmName }) => AlarmName === 'settle-test-api-errors');
    const counted = alarm && metricsOf(alarm).find(({ Namespace }) => Namespace === 'AWS/ApiGateway');
    if (!counted) throw new Error('no alarm watches the API');
    const { Namespace: namespace, MetricName: name, Dimensions = [] } = counted;
    // A reference in a template: the stage's own API.
    const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value as string]));
    const points: DataPoint[] = [];
    for (let time = 0; time < 10; time++) {
      const { statusCode } = await answer(log);
      expect(statusCode).toBe(500);
      points.push({ namespace, name, dimensions, value: 1, at: NOW });
    }
    points.push(...log.written.flatMap((line) => dataPointsOf(line, NOW)));
    return alarms
      .filter((each) => isSetOff(each, points))
      .map(({ AlarmName }) => String(AlarmName).replace('settle-test-', ''))
      .toSorted();
  }
  const receiveSuccess: FindReceiver = async () => async () => successOf(paymentOf(shopOrder()));
  const notify = (
    log: Log,
    body: string,
    store: OrderStore = createMemoryStore(),
    findReceiver: FindReceiver = receiveSuccess,
  ) => {
    const handler = createCallback(
      { telemetry: log.telemetry, io },
      {
        provider: 'wechat',
        findReceiver,
        chooseForm: () => ({ receiver: 'native', acknowledgement: wechatNotifyAcknowledgement }),
        openStore: () => store,
      },
    );
    return handler({ headers: {}, body } as APIGatewayProxyEventV2, { awsRequestId: 'r1' } as Context);
  };

  it.each([
    ['ten empty bodies at the address of the seed', ''],
    ['ten bodies at the address of the seed that are too large', 'x'.repeat(300_000)],
  ])('%s: none', async (_, body) => {
    expect(await answered((log) => notify(log, body))).toEqual([]);
  });

  it('ten messages there of a stage that has no WeChat Pay: none', async () => {
    expect(await answered((log) => notify(log, '{}', createMemoryStore(), async () => null))).toEqual([]);
  });

  it('ten messages there that are not stored', async () => {
    const store = { ...createMemoryStore(), write: () => Promise.reject(new Error('no store')) };
    expect(await answered((log) => notify(log, '{}', store))).toEqual(['api-errors', 'callbacks-failing']);
  });

  it('twenty who did not pay, and one who did', async () => {
    const names = await setOffBy(async (log) => {
      sweep(log);
      requested(log, 20);
      await paid(log);
    });
    expect(names).toEqual([]);
  });

  it('silence: the sweep does not run', async () => {
    expect(await setOffBy(() => {})).toEqual(['sweep-stopped']);
  });

  it('a sweep that does not come to its end', async () => {
    expect(await setOffBy(failedSweep)).toEqual(['sweep-stopped']);
  });
});
