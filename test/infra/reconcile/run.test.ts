import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpServer } from '../../../infra/local/http.ts';
import { startSecretsManager } from '../../../infra/local/secrets-manager.ts';
import { run } from '../../../infra/reconcile/run.ts';
import { type StageSettings, stages } from '../../../infra/stages.ts';
import { systemIo } from '../../../lib/io.ts';
import { type JournalEntry, providerAccount } from '../../../lib/orders/journal.ts';
import type { Order, Provider } from '../../../lib/orders/order.ts';
import { entryItem } from '../../../lib/store/journal-item.ts';
import { paymentEntryKey, refundEntryKey, refundKey } from '../../../lib/store/keys.ts';
import { putOrder } from '../../../lib/store/order-store.ts';
import { encodeGbk } from '../../support/alipay.ts';
import {
  type LoopbackServer,
  type ServerAnswer,
  startLoopbackServer,
} from '../../support/loopback-server.ts';
import { shopOrder, tenantOrder } from '../../support/orders.ts';
import { createParties } from '../../support/parties.ts';
import { useStore } from '../../support/store.ts';
import { zipOf } from '../../support/zip.ts';
import { alipayBill, type ListedPayment, wechatBill } from './bills.ts';

const store = useStore();
const { wechat, alipay, stripe } = createParties();
const now = Date.parse('2026-11-26T03:00:00Z');
const created_at = '2026-11-21T03:59:00.000Z';
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
      wechat: { ...wechat.document, base_url: provider.baseUrl },
      alipay: { ...alipay.document, gateway_url: `${provider.baseUrl}/gateway.do` },
      stripe: { ...stripe.document, base_url: provider.baseUrl },
    },
    functions: [{ name: 'test', documents: ['wechat', 'alipay', 'stripe'] }],
  });
  process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = secrets.url;
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([provider?.close(), secrets?.stop()]);
});

type Booked = Pick<JournalEntry, 'provider' | 'amount' | 'currency' | 'transaction_id'>;

async function put(item: object): Promise<void> {
  const { client, tableName } = store.context;
  await client.send(new PutCommand({ TableName: tableName, Item: { ...item } }));
}

/** An order whose payment is booked at noon in Beijing. */
async function book(order: Order, changes: Partial<Booked> = {}): Promise<string> {
  const { order_no, amount, currency } = order;
  const provider = order.provider as Provider;
  await putOrder(store.context, { ...order, created_at });
  const entry = { order_no, provider, amount, currency, transaction_id: `T-${order_no}`, booked_at };
  const accounts = { debit: providerAccount(provider), credit: 'shop:mall' };
  await put(entryItem(paymentEntryKey(order_no), { ...entry, ...accounts, ...changes }));
  return order_no;
}

async function bookRefund(order: Order, amount: number): Promise<string> {
  const { order_no, currency } = order;
  const provider = order.provider as Provider;
  await put({ ...refundKey(order_no, 1), created_at, status: 'succeeded' });
  const entry = { order_no, provider, amount, currency, transaction_id: `T-${order_no}`, booked_at };
  const accounts = { debit: 'shop:mall', credit: providerAccount(provider) };
  await put(entryItem(refundEntryKey(order_no, 1), { ...entry, ...accounts }));
  return `${order_no}-r1`;
}

const listed = (order_no: string, amount: string, refund_no?: string): ListedPayment => ({
  order_no,
  transaction_id: `T-${order_no}`,
  amount,
  ...(refund_no !== undefined && { refund_no }),
});

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
const header = ['kind', 'of', 'order_no', 'transaction', 'ours', 'theirs'];

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
  const data = payments.map(({ order_no, transaction_id, amount, refund_no }, index) => ({
    id: `txn_${index}`,
    object: 'balance_transaction',
    type: refund_no === undefined ? 'charge' : 'refund',
    amount: 1,
    currency: 'gbp',
    source: {
      object: refund_no === undefined ? 'charge' : 'refund',
      payment_intent: transaction_id,
      amount: Number(amount.replace('.', '')),
      currency: 'usd',
      metadata: { order_no, refund_no },
    },
  }));
  answer = () => ({ body: { object: 'list', url: '/v1/balance_transactions', data, has_more: false } });
}

// What is booked stays in the table: each provider's day is compared once, then later days.
describe('reconcile', () => {
  it("shows what differs from WeChat Pay's bill, downloaded or in a file", async () => {
    const first = shopOrder();
    const agreeing = await book(first);
    const refund_no = await bookRefund(first, 500);
    const smaller = await book(shopOrder(), { amount: 1200 });
    const unlisted = await book(shopOrder());
    const bill = wechatBill([
      listed(agreeing, '12.34'),
      listed(agreeing, '5.00', refund_no),
      listed(smaller, '12.34'),
      listed('meal-99', '8.80'),
      listed('cart-7', '1.00'),
    ]);
    serveWechat(bill);
    const downloaded = await reconcile(['--provider', 'wechat']);
    expect(downloaded.lines.map(cells)).toEqual([
      header,
      ['other_amount', 'payment', smaller, `T-${smaller}`, '12.00 CNY', '12.34 CNY'],
      ['missing_here', 'payment', 'meal-99', 'T-meal-99', '-', '8.80 CNY'],
      ['missing_there', 'payment', unlisted, `T-${unlisted}`, '12.34 CNY', '-'],
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
    const order = tenantOrder({ provider: 'alipay', currency: 'CNY', merchant: 'a/b' });
    const order_no = await book(order);
    const refund_no = await bookRefund(order, 1);
    const details = alipayBill([listed(order_no, '19.99'), listed(order_no, '0.01', refund_no)]);
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
    const dollars = tenantOrder();
    const order_no = await book(dollars);
    const refund_no = await bookRefund(dollars, 499);
    const yen = await book(tenantOrder({ currency: 'JPY' }));
    serveStripe(listed(order_no, '19.99'), listed(order_no, '5.00', refund_no), listed(yen, '19.99'));
    const { code, lines } = await reconcile(['--provider', 'stripe']);
    expect(lines.map(cells).slice(1, -1)).toEqual([
      ['other_amount', 'refund', order_no, refund_no, '4.99 USD', '5.00 USD'],
      ['other_amount', 'payment', yen, `T-${yen}`, '1999 JPY', '19.99 USD'],
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
    const order_no = await book(shopOrder());
    const path = file('later.csv', wechatBill([listed(order_no, '12.34')]));
    expect(await reconcile(['--provider', 'wechat', '--file', path], '2026-11-24')).toMatchObject({
      code: 0,
    });
  });
});

describe('reconcile, of a bill that cannot be trusted', () => {
  const bill = wechatBill([listed('cart-1', '1.00'), listed('cart-2', '1.00')]);
  const wrong = async (name: string, content: string | Buffer, provider = 'wechat') => {
    const answered = await reconcile(['--provider', provider, '--file', file(name, content)], '2026-11-24');
    expect(answered).toMatchObject({ code: 2, lines: [] });
    return answered.errors;
  };

  it('says what is wrong with it', async () => {
    expect(await wrong('count.csv', wechatBill([listed('cart-1', '1.00')], 2))).toMatch(/总交易单数/);
    expect(await wrong('cut.csv', bill.slice(0, bill.indexOf('总交易单数')))).toMatch(/总交易单数/);
    expect(await wrong('row.csv', bill.replace('`cart-1,', '`,'))).toMatch(/第 2 行/);
    expect(await wrong('page.csv', '<html>')).toMatch(/^reconcile: the bill is wrong: /);
    expect(await wrong('cut.gbk', alipayBill([]).subarray(0, -40), 'alipay')).toMatch(/业务明细列表/);
    expect(await wrong('no.zip', 'PK', 'alipay')).toMatch(/zip/);
  });

  it('refuses a file of another hash, whatever was found before its end', async () => {
    serveWechat(wechatBill([listed('meal-98', '1.00')]), bill);
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
    expect(errors).toContain('usage: npm run reconcile');
  });
});
