import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpServer } from '../../../../infra/local/http.ts';
import { startSecretsManager } from '../../../../infra/local/secrets-manager.ts';
import { run } from '../../../../infra/operate/reconcile/run.ts';
import { type StageSettings, stages } from '../../../../infra/stages.ts';
import { systemIo } from '../../../../lib/io.ts';
import { providers } from '../../../../lib/orders/kinds.ts';
import { providerAccount } from '../../../../lib/orders/ledger.ts';
import { paymentNumber } from '../../../../lib/orders/order-number.ts';
import type { Payment } from '../../../../lib/orders/payment.ts';
import { putTenant } from '../../../../lib/store/tenant-store.ts';
import { encodeGbk } from '../../../support/alipay.ts';
import { refundEntryOf } from '../../../support/items.ts';
import {
  type LoopbackServer,
  type ServerAnswer,
  startLoopbackServer,
} from '../../../support/loopback-server.ts';
import { paidPayment, refundOf } from '../../../support/orders.ts';
import { type Begun, createParties } from '../../../support/parties.ts';
import { useStore } from '../../../support/store.ts';
import { createWechatParty } from '../../../support/wechat.ts';
import { zipOf } from '../../../support/zip.ts';
import { alipayBill, type ListedPayment, wechatBill } from './bills.ts';

const store = useStore();
const { wechat, alipay, stripe, documents, orders } = createParties();
const now = Date.parse('2026-11-26T03:00:00Z');
const stageMerchant = '1230000109';
const begun_at = '2026-11-21T03:59:00.000Z';
const booked_at = '2026-11-21T04:00:00.000Z';
const folder = mkdtempSync(join(tmpdir(), 'reconcile-test-'));

let provider: LoopbackServer;
let secrets: HttpServer;
let answer: (path: string, query: URLSearchParams) => ServerAnswer;

beforeAll(async () => {
  provider = await startLoopbackServer(({ path, query }) => answer(path, query));
  secrets = await startSecretsManager({
    stage: 'test',
    documents: {
      auth: {},
      wecom: {},
      wechat: { ...documents.wechat, base_url: provider.baseUrl },
      alipay: { ...documents.alipay, gateway_url: `${provider.baseUrl}/gateway.do` },
      stripe: { ...documents.stripe, base_url: provider.baseUrl },
      'tenants/7': { paid_to: 'own', wechat: createWechatParty({ mchid: '1900000071' }).document },
      'tenants/8': { paid_to: 'stage' },
      'merchants/wechat/1900000009': createWechatParty({ mchid: '1900000009' }).document,
    },
    functions: [{ name: 'test', documents: [...providers, 'former', 'tenants'] }],
  });
  process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = secrets.url;
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([provider?.close(), secrets?.stop()]);
});

/** Books a payment at noon in Beijing. */
async function book({ order, payment }: Begun, changes: Partial<Payment> = {}): Promise<Payment> {
  const paid = paidPayment(order, {
    ...payment,
    begun_at,
    transaction_id: `T-${order.order_no}`,
    ...changes,
  });
  const booking = { debit: providerAccount(paid), credit: paid.payee, booked_at };
  const record = { ...paid, booking, paid_at: booked_at };
  await store.put({ put: 'order', record: order }, { put: 'payment', record });
  return record;
}

async function bookRefund(payment: Payment, amount: number): Promise<string> {
  const record = refundOf(payment, { amount, status: 'succeeded', version: 2, created_at: begun_at });
  await store.put({ put: 'refund', record }, { put: 'entry', record: refundEntryOf(payment, record) });
  return record.refund_no;
}

/** In the bill as it was booked, but for the amount. */
const listed = (
  { payment_no, transaction_id }: Pick<Payment, 'payment_no' | 'transaction_id'>,
  amount: string,
  refund_no?: string,
): ListedPayment => ({
  payment_no,
  transaction_id: transaction_id ?? '',
  amount,
  ...(refund_no !== undefined && { refund_no }),
});

const unknown = (payment_no: string) => ({ payment_no, transaction_id: `T-${payment_no}` });

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Runs the command for the day of the bookings, or for a later day, on which nothing was booked. */
async function reconcile(words: readonly string[], date = '2026-11-21') {
  let [output, errors] = ['', ''];
  const code = await run(['--stage', 'test', '--date', date, ...words], {
    variables: { TABLE_NAME: store.context.tableName },
    io: { ...systemIo, now: () => now },
    output: { write: (text: string) => (output += text) },
    errors: { write: (text: string) => (errors += text) },
  });
  return { code, lines: output.split('\n').filter(Boolean), errors };
}

const cells = (line: string | undefined) => line?.split(/ {2,}/);
const header = ['kind', 'of', 'payment_no', 'transaction', 'ours', 'theirs'];

/** The signed answer that names the bill, and the bill. */
function serveWechat(content: string, hashed = content): void {
  const hash_value = createHash('sha1').update(hashed).digest('hex');
  answer = (path) => {
    if (path === '/file') return { body: content };
    const download_url = `${provider.baseUrl}/file?token=1`;
    const { headers, body } = wechat.signText(
      JSON.stringify({ hash_type: 'SHA1', hash_value, download_url }),
      now,
    );
    return { headers: headers as Record<string, string>, body };
  };
}

function serveAlipay(details: Buffer): void {
  const zip = zipOf([{ name: encodeGbk('20881_20261121_业务明细.csv'), content: details }]);
  const method = 'alipay.data.dataservice.bill.downloadurl.query';
  const bill_download_url = `${provider.baseUrl}/bill.zip`;
  answer = (path) =>
    path === '/bill.zip'
      ? { body: zip }
      : { body: alipay.signAnswer(method, { code: '10000', bill_download_url }) };
}

function serveStripe(...payments: readonly ListedPayment[]): void {
  const data = payments.map(({ payment_no, transaction_id, amount, refund_no }, index) => ({
    id: `txn_${index}`,
    object: 'balance_transaction',
    type: refund_no === undefined ? 'charge' : 'refund',
    amount: 1,
    currency: 'gbp',
    created: Date.parse('2026-11-21T10:00:00Z') / 1000,
    fee: 0,
    source: {
      id: `re_${index}`,
      object: refund_no === undefined ? 'charge' : 'refund',
      status: 'succeeded',
      payment_intent: transaction_id,
      amount: Number(amount.replace('.', '')),
      currency: 'usd',
      metadata: { order_no: payment_no, refund_no },
    },
  }));
  answer = () => ({ body: { object: 'list', url: '/v1/balance_transactions', data, has_more: false } });
}

// What is booked stays in the table: each provider's day is compared once, then later days.
describe('reconcile', () => {
  it("shows what differs from WeChat Pay's bill, downloaded or in a file", async () => {
    const agreeing = await book(orders.shop());
    const refund_no = await bookRefund(agreeing, 500);
    const smaller = await book(orders.shop(), { amount: 1200 });
    const further = orders.shop();
    const unlisted = await book(further, { n: 2, payment_no: paymentNumber(further.order.order_no, 2) });
    await book(orders.shop(), { merchant: '1900000009' });
    const bill = wechatBill([
      listed(agreeing, '12.34'),
      listed(agreeing, '5.00', refund_no),
      listed(smaller, '12.34'),
      listed(unknown('meal-99'), '8.80'),
      listed(unknown('cart-7'), '1.00'),
    ]);
    serveWechat(bill);
    const downloaded = await reconcile(['--provider', 'wechat']);
    expect(downloaded.lines.map(cells)).toEqual([
      header,
      ['other_amount', 'payment', smaller.payment_no, smaller.transaction_id, '12.00 CNY', '12.34 CNY'],
      ['missing_here', 'payment', 'meal-99', 'T-meal-99', '-', '8.80 CNY'],
      ['missing_there', 'payment', unlisted.payment_no, unlisted.transaction_id, '12.34 CNY', '-'],
      [
        'wechat 2026-11-21: 5 rows, 2 agree; 1 missing here, 1 missing there, 1 of another amount; 1 rows of orders that are not ours',
      ],
    ]);
    expect(downloaded).toMatchObject({ code: 1, errors: '' });
    expect(provider.calls[0]?.query.get('bill_date')).toBe('2026-11-21');
    expect(await reconcile(['--provider', 'wechat', '--file', file('wechat.csv', `\uFEFF${bill}`)])).toEqual(
      downloaded,
    );
  });

  it("reads Alipay's bill, downloaded, in a zip or out of it", async () => {
    const payment = await book(orders.alipay());
    const refund_no = await bookRefund(payment, 1);
    const details = alipayBill([listed(payment, '19.99'), listed(payment, '0.01', refund_no)]);
    serveAlipay(details);
    const agreed = {
      code: 0,
      lines: ['alipay 2026-11-21: 2 rows, 2 agree; 0 missing here, 0 missing there, 0 of another amount'],
      errors: '',
    };
    const zip = zipOf([{ name: encodeGbk('业务明细.csv'), content: details }]);
    expect(await reconcile(['--provider', 'alipay'])).toEqual(agreed);
    expect(await reconcile(['--provider', 'alipay', '--file', file('bill.ZIP', zip)])).toEqual(agreed);
    expect(await reconcile(['--provider', 'alipay', '--file', file('bill.csv', details)])).toEqual(agreed);
  });

  it("reads Stripe's balance transactions, with each currency's decimals", async () => {
    const dollars = await book(orders.stripe());
    const refund_no = await bookRefund(dollars, 499);
    const yen = await book(orders.stripe(), { currency: 'JPY' });
    serveStripe(listed(dollars, '19.99'), listed(dollars, '5.00', refund_no), listed(yen, '19.99'));
    const { code, lines } = await reconcile(['--provider', 'stripe']);
    expect(lines.map(cells).slice(1, -1)).toEqual([
      ['other_amount', 'refund', dollars.payment_no, 're_1', '4.99 USD', '5.00 USD'],
      ['other_amount', 'payment', yen.payment_no, yen.transaction_id, '1999 JPY', '19.99 USD'],
    ]);
    expect(code).toBe(1);
  });

  it('agrees on a day without any trade', async () => {
    answer = () => {
      const { headers, body } = wechat.signText('{"code":"NO_STATEMENT_EXIST"}', now);
      return { status: 400, headers: headers as Record<string, string>, body };
    };
    expect(await reconcile(['--provider', 'wechat'], '2026-11-24')).toEqual({
      code: 0,
      lines: ['wechat 2026-11-24: 0 rows, 0 agree; 0 missing here, 0 missing there, 0 of another amount'],
      errors: '',
    });
  });

  it('finds a row whenever it was booked', async () => {
    const payment = await book(orders.shop());
    const date = '2026-11-24';
    const path = file('later.csv', wechatBill([listed(payment, '12.34')], { date }));
    expect(await reconcile(['--provider', 'wechat', '--file', path], date)).toMatchObject({
      code: 0,
    });
  });
});

describe('reconcile, once more', () => {
  const date = '2026-11-23';
  const words = (...payments: readonly ListedPayment[]) => {
    const path = file(`${payments.length}-${payments[0]?.payment_no}.csv`, wechatBill(payments, { date }));
    return ['--provider', 'wechat', '--file', path];
  };
  const kinds = async (order_no: string) =>
    (await store.items(order_no)).map(({ sk }) => String(sk).split('#').slice(0, 2).join('#'));

  it('settles what the books do not have, unless it only looks', async () => {
    const { order, payment } = orders.shop();
    const record = { ...payment, begun_at: '2026-11-21T02:00:00.000Z' };
    await store.put({ put: 'order', record: order }, { put: 'payment', record });
    const paid = words(listed({ ...payment, transaction_id: 'T-late' }, '12.34'));
    const looked = await reconcile([...paid, '--dry-run'], date);
    expect(looked).toMatchObject({
      code: 1,
      lines: [expect.any(String), expect.stringContaining('missing_here'), expect.any(String)],
    });
    expect(await store.items(order.order_no)).toHaveLength(2);
    expect(await reconcile(paid, date)).toMatchObject({
      code: 0,
      lines: [
        'wechat 2026-11-23: 1 rows, 0 agree; 0 missing here, 0 missing there, 0 of another amount; 1 settled',
      ],
    });
    expect(await store.items(order.order_no)).toContainEqual(
      expect.objectContaining({ sk: 'PAYMENT#1', state: 'paid', transaction_id: 'T-late' }),
    );
  });

  it('makes a difference an exception of its order', async () => {
    const payment = await book(orders.shop());
    await reconcile(words(listed(payment, '1.00')), date);
    expect(await kinds(payment.order_no)).toContain('EXCEPTION#other_amount');
  });
});

describe("reconcile, of another than the stage's merchant", () => {
  const date = '2026-11-23';
  const words = (...more: readonly string[]) => wordsFor(stageMerchant, ...more);
  const wordsFor = (mchid: string, ...more: readonly string[]) => {
    const bill = wechatBill([listed(unknown('meal-97'), '1.00')], { mchid, date });
    return ['--provider', 'wechat', '--file', file('others.csv', bill), '--dry-run', ...more];
  };
  const sums = '1 rows, 0 agree; 1 missing here, 0 missing there, 0 of another amount';

  beforeAll(async () => {
    const merchants = { wechat: ['1900000071', '1900000070'] };
    await putTenant(store.context, { tenant_id: 7, paid_to: 'own', merchants });
    await putTenant(store.context, { tenant_id: 8, paid_to: 'stage', merchants: { wechat: ['1900000080'] } });
  });

  it("takes a tenant's own, or one of before by its name", async () => {
    const own = await reconcile(wordsFor('1900000071', '--tenant', '7'), date);
    expect(own).toMatchObject({ code: 1, errors: '' });
    expect(own.lines.at(-1)).toBe(`wechat 1900000071 ${date}: ${sums}`);
    const before = await reconcile(wordsFor('1900000009', '--merchant', '1900000009'), date);
    expect(before.lines.at(-1)).toBe(`wechat 1900000009 ${date}: ${sums}`);
    expect((await reconcile(words(), date)).lines.at(-1)).toBe(`wechat ${date}: ${sums}`);
  });

  it('books it to that merchant', async () => {
    const payment = await book(orders.shop(), { merchant: '1900000071' });
    const listedThere = file('own.csv', wechatBill([listed(payment, '12.34')], { mchid: '1900000071' }));
    const own = await reconcile(
      ['--provider', 'wechat', '--file', listedThere, '--tenant', '7'],
      '2026-11-21',
    );
    expect(own).toMatchObject({ code: 0, lines: [expect.stringContaining('1 rows, 1 agree')] });
    const result = (await store.items()).find(({ pk }) => pk === 'MERCHANT#wechat.1900000071');
    expect(result).toMatchObject({ sk: 'DAY#2026-11-21', state: 'agreed' });
  });

  it.each([
    [['--tenant', '9'], "tenant 9 is paid to the stage's merchants"],
    [['--tenant', '8'], "tenant 8 is paid to the stage's merchants: --merchant 1900000080 is of before"],
    [['--merchant', '1900000006'], 'wechat 1900000006 is no merchant of test, nor was it one'],
    [['--merchant', '1', '--tenant', '7'], '--merchant stands without --tenant'],
    [['--merchant', 'a/b'], '--merchant must be the name of a merchant'],
    [['--tenant', '0'], '--tenant must be a whole number'],
  ])('says where there is none: %j', async (more, problem) => {
    const { code, lines, errors } = await reconcile(words(...more), date);
    expect({ code, lines }).toEqual({ code: 2, lines: [] });
    expect(errors).toContain(problem);
  });

  it('says that a tenant has none there, or that its document is refused', async () => {
    const none = await reconcile(['--provider', 'stripe', '--tenant', '7'], date);
    expect(none.errors).toContain('tenant 7 has no merchant at stripe');
    await putTenant(store.context, { tenant_id: 7, paid_to: 'own', merchants: { wechat: ['1900000070'] } });
    const refused = await reconcile(words('--tenant', '7'), date);
    expect(refused.errors).toContain('"tenants/7": wechat is of a merchant that the register does not name');
  });
});

describe('reconcile, of a bill that cannot be trusted', () => {
  const date = '2026-11-24';
  const bill = wechatBill([listed(unknown('cart-1'), '1.00'), listed(unknown('cart-2'), '1.00')], { date });
  const wrong = async (name: string, content: string | Buffer, provider = 'wechat') => {
    const answered = await reconcile(['--provider', provider, '--file', file(name, content)], '2026-11-24');
    expect(answered).toMatchObject({ code: 2, lines: [] });
    return answered.errors;
  };

  it('says what is wrong with it', async () => {
    expect(
      await wrong('count.csv', wechatBill([listed(unknown('cart-1'), '1.00')], { count: 2, date })),
    ).toMatch(/总交易单数/);
    expect(await wrong('cut.csv', bill.slice(0, bill.indexOf('总交易单数')))).toMatch(/总交易单数/);
    expect(await wrong('row.csv', bill.replace('`CNY,', '`,'))).toMatch(/第 2 行/);
    expect(await wrong('day.csv', bill.replaceAll(date, '2026-11-22'))).toMatch(/交易时间/);
    expect(await wrong('others.csv', bill.replaceAll(stageMerchant, '1230000110'))).toMatch(/商户号/);
    expect(await wrong('page.csv', '<html>')).toMatch(/^reconcile: the bill is wrong: /);
    expect(await wrong('cut.gbk', alipayBill([]).subarray(0, -40), 'alipay')).toMatch(/业务明细列表/);
    expect(await wrong('no.zip', 'PK', 'alipay')).toMatch(/zip/);
  });

  it('refuses a file of another hash, whatever was found before its end', async () => {
    serveWechat(wechatBill([listed(unknown('meal-98'), '1.00')], { date }), bill);
    const { code, errors } = await reconcile(['--provider', 'wechat'], '2026-11-24');
    expect(code).toBe(2);
    expect(errors).toMatch(/not the one of its hash/);
  });

  it.each(['wechat', 'alipay', 'stripe'])('says that %s fails', async (name) => {
    answer = () => ({ status: 500, body: '' });
    const { code, lines, errors } = await reconcile(['--provider', name], '2026-11-24');
    expect({ code, lines }).toEqual({ code: 2, lines: [] });
    expect(errors).toMatch(/^reconcile: .*500|^reconcile: \w/);
    expect(errors).not.toContain(stripe.document.secret_key);
  });
});

it('looks in the region of the stage', async () => {
  const table = stages as Record<string, StageSettings | undefined>;
  table['far'] = { ...(stages['dev'] as StageSettings), region: 'ap-southeast-1' };
  const variables = { AWS_REGION: 'eu-central-1', TABLE_NAME: store.context.tableName };
  answer = () => ({ status: 500, body: '' });
  const words = ['--provider', 'wechat', '--date', '2026-11-24', '--stage', 'far'];
  const nowhere = { write: () => {} };
  await run(words, { variables, io: { ...systemIo, now: () => now }, output: nowhere, errors: nowhere });
  delete table['far'];
  expect(variables.AWS_REGION).toBe('ap-southeast-1');
});

describe('reconcile, called wrongly', () => {
  it.each([
    [['--provider', 'paypal'], '--provider'],
    [['--provider', 'wechat', '--date', '2026-02-30'], '--date'],
    [['--provider', 'wechat', '--date', '21.11.2026'], '--date'],
    [['--provider', 'wechat', '--date', '2026-11-27'], '--date'],
    [['--provider', 'wechat', '--stage', 'a/b'], '--stage'],
    [['--provider', 'wechat', '--file', join(folder, 'none.csv')], '--file'],
    [['--provider', 'wechat', '--file'], '--file'],
    [['--provider', 'stripe', '--file', 'bill.csv'], '--file'],
    [['--provider', 'wechat', '--other'], '--other'],
    [['--provider', 'wechat', 'bill.csv'], 'bill.csv'],
  ])('names the option of %j', async (words, option) => {
    const { code, lines, errors } = await reconcile(words);
    expect({ code, lines }).toEqual({ code: 2, lines: [] });
    expect(errors).toMatch(new RegExp(`^reconcile: .*${option}`));
    expect(errors).toContain('how it is called: npm run reconcile -- --help');
  });
});
