import { AlipaySdk } from 'alipay-sdk';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseAlipayDocument } from '../../../../lib/config/alipay.ts';
import { systemIo } from '../../../../lib/io.ts';
import { createAlipayGateway } from '../../../../lib/providers/alipay/gateway.ts';
import { createAlipayParty } from '../../../support/alipay.ts';
import { appCertificate, rootCertificates } from '../../../support/alipay-certificates.ts';
import {
  type LoopbackServer,
  type ServerAnswer,
  type ServerCall,
  startLoopbackServer,
} from '../../../support/loopback-server.ts';

const { app, document, signAnswer } = createAlipayParty();
const other = createAlipayParty();
const NOW = Date.parse('2024-05-13T09:49:22.500Z');
const payment_no = 'p01HXTESTQ000000000007ABCDE';
const notifyUrl = 'https://pay.example/api/pay/callback/alipay';
const payment = {
  payment_no,
  amount: 8888,
  currency: 'CNY',
  appid: null,
  begun_at: '2024-05-13T09:40:00.000Z',
  expires_at: '2024-05-13T11:40:00.000Z',
  description: '租户 7 订单',
  attempt: 1,
  return_url: null,
  handed_out: null,
};
const refund = {
  payment_no,
  refund_no: `${payment_no}-r1`,
  transaction_id: '2024051322001498491428765432',
  paid_amount: 8888,
  amount: 1050,
  currency: 'CNY',
  reason: '不要了',
};
const trade = {
  code: '10000',
  msg: 'Success',
  out_trade_no: payment_no,
  trade_no: '2024051322001498491428765432',
  trade_status: 'TRADE_SUCCESS',
  total_amount: '88.88',
  send_pay_date: '2024-05-13 17:49:21',
  buyer_pay_amount: '0.00',
  invoice_amount: '0.00',
  point_amount: '0.00',
  receipt_amount: '0.00',
};
const event = {
  type: 'succeeded',
  payment_no,
  provider: 'alipay',
  merchant: '2021000122671080.2088101122136241',
  amount: 8888,
  currency: 'CNY',
  transaction_id: '2024051322001498491428765432',
  paid_at: '2024-05-13T09:49:21.000Z',
};
const { paid_at: _, ...unpaid } = event;
const refused = (sub_code: string) => ({ code: '40004', msg: 'Business Failed', sub_code, sub_msg: '秘密' });
const callError = (status: number | null, code: string | null = null) =>
  expect.objectContaining({ name: 'ProviderCallError', provider: 'alipay', status, code });
const failure = (method: string, status: number | null, reason: string) =>
  expect.objectContaining({
    name: 'ProviderCallError',
    provider: 'alipay',
    status,
    code: null,
    message: `${method}: ${reason}`,
  });
const unusable = (method: string, field: string) => failure(method, 200, `the answer has no usable ${field}`);

let server: LoopbackServer | undefined;
afterEach(async () => {
  vi.useRealTimers();
  await server?.close();
  server = undefined;
});

type Answers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const methodOf = ({ query }: ServerCall) => query.get('method') ?? '';
const bizContentOf = ({ form }: ServerCall) => JSON.parse(form.get('biz_content') ?? 'null');

/** A gateway whose Alipay answers so. */
async function startGateway(answer: (call: ServerCall) => ServerAnswer, changes: object = {}) {
  server = await startLoopbackServer(answer);
  const gateway_url = `${server.baseUrl}/alipay/gateway.do`;
  const config = parseAlipayDocument({ ...document, gateway_url, ...changes });
  return createAlipayGateway(config, { fetch: systemIo.fetch, now: () => NOW }, notifyUrl);
}

/** A gateway whose Alipay gives each method its answer, signed. */
const startSigned = (answers: Answers) =>
  startGateway((call) => ({
    body: signAnswer(methodOf(call), answers[methodOf(call)] ?? refused('isp.unknow-error')),
  }));

describe('a call', () => {
  it('is what alipay-sdk sends, signed for the app', async () => {
    const gateway = await startSigned({ 'alipay.trade.query': trade });
    await gateway.query(payment);
    const sdk = new AlipaySdk({
      appId: document.app_id,
      privateKey: document.private_key,
      keyType: 'PKCS8',
      alipayPublicKey: document.alipay_public_key,
      gateway: `${server?.baseUrl}/alipay/gateway.do`,
    });
    const answer = await sdk.exec(
      'alipay.trade.query',
      { format: 'JSON', timestamp: '2024-05-13 17:49:22', bizContent: { out_trade_no: payment_no } },
      { validateSign: true },
    );
    expect(answer).toMatchObject({ tradeNo: trade.trade_no });
    const [ours, theirs] = server?.calls ?? [];
    expect(ours).toMatchObject({ method: 'POST', path: '/alipay/gateway.do' });
    expect(ours?.headers['content-type']).toMatch('application/x-www-form-urlencoded');
    expect(ours?.headers).toMatchObject({ accept: 'application/json', 'user-agent': 'settle' });
    expect(ours?.form.toString()).toBe(theirs?.form.toString());
    expect(Object.fromEntries(ours?.query ?? [])).toEqual(Object.fromEntries(theirs?.query ?? []));
  });

  it('names the certificates in certificate mode', async () => {
    const certificates = { app_cert: appCertificate, alipay_root_cert: rootCertificates };
    const gateway = await startGateway(
      () => ({ body: signAnswer('alipay.trade.query', { ...trade }, { signFirst: true }) }),
      certificates,
    );
    await gateway.query(payment);
    const { query, form } = server?.calls[0] ?? {};
    expect(query?.get('app_cert_sn')).toMatch(/^[0-9a-f]{32}$/);
    expect(query?.get('alipay_root_cert_sn')).toMatch(/^[0-9a-f]{32}_[0-9a-f]{32}$/);
    const sdk = new AlipaySdk({
      appId: document.app_id,
      privateKey: document.private_key,
      alipayPublicKey: app.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    });
    expect(sdk.checkNotifySignV2(Object.fromEntries([...(query ?? []), ...(form ?? [])]))).toBe(true);
  });
});

describe('an answer that is no use', () => {
  const QUERY = 'alipay.trade.query';
  const good = signAnswer(QUERY, trade);
  const unsigned = (fields: object) => JSON.stringify({ alipay_trade_query_response: fields });
  const unverified = (details: string) => `the answer is not verified: ${details}`;

  it.each([
    ['signed by another', null, unverified('signature_mismatch'), { body: other.signAnswer(QUERY, trade) }],
    ['altered', null, unverified('signature_mismatch'), { body: good.replace('88.88', '88.89') }],
    ['without a signature', null, unverified('signature_missing'), { body: unsigned(trade) }],
    ['with an empty signature', null, unverified('signature_missing'), { body: '{"sign":""}' }],
    [
      'to another method',
      null,
      unverified('signature_mismatch'),
      { body: signAnswer('alipay.trade.close', trade) },
    ],
    ['with a signature of nothing', null, unverified('signature_mismatch'), { body: '{"sign":"AAAA"}' }],
    ['500', 500, 'no answer of the gateway', { status: 500, body: good }],
    ['a redirect', null, 'redirected', { status: 302, headers: { location: '/elsewhere' }, body: good }],
    ['text', null, unverified('not JSON'), { body: '<html>' }],
    ['nothing', null, unverified('not JSON'), { body: '' }],
    ['null', null, unverified('not JSON'), { body: 'null' }],
    [
      'not UTF-8',
      null,
      unverified('not JSON'),
      { body: Buffer.concat([Buffer.from(good.slice(0, -1)), Buffer.from([0xd6])]) },
    ],
    ['too large', 200, 'the answer is too large', { body: good + ' '.repeat(300 * 1024) }],
  ])('is refused: %s', async (_name, status, reason, answer) => {
    const gateway = await startGateway(() => answer);
    await expect(gateway.query(payment)).rejects.toEqual(failure(QUERY, status, reason));
    expect(server?.calls).toHaveLength(1);
  });

  it.each([
    ['of another payment', 'out_trade_no', { out_trade_no: 'p2' }],
    ['in an unknown state', 'trade_status', { trade_status: 'X' }],
    ['without a state', 'trade_status', { trade_status: undefined }],
    ['of no amount', 'total_amount', { total_amount: '1e3' }],
    ['of no transaction', 'trade_no', { trade_no: '' }],
    ['with a time that is none', 'send_pay_date', { send_pay_date: '昨天' }],
  ])('is refused, and its field named: %s', async (_name, field, changes) => {
    const gateway = await startSigned({ [QUERY]: { ...trade, ...changes } });
    await expect(gateway.query(payment)).rejects.toEqual(unusable(QUERY, field));
    expect(server?.calls).toHaveLength(1);
  });

  it('tells the reason that it names, and nothing else of it', async () => {
    const gateway = await startGateway(() => ({ body: unsigned({ ...refused('isv.invalid-app-id') }) }));
    await expect(gateway.query(payment)).rejects.toThrow(
      /^alipay\.trade\.query: the answer is not verified: signature_missing isv\.invalid-app-id$/,
    );
    await server?.close();
    const signed = await startSigned({ 'alipay.trade.query': refused('ACQ.SYSTEM_ERROR') });
    await expect(signed.query(payment)).rejects.toEqual(callError(200, 'ACQ.SYSTEM_ERROR'));
    await expect(signed.query(payment)).rejects.toThrow(/^alipay\.trade\.query: refused: ACQ\.SYSTEM_ERROR$/);
  });

  it.each([undefined, 40004, '秘密 isv.x', 'isv.x 秘密', ''])(
    'names no reason in what is no code: %j',
    async (sub_code) => {
      const answer = { code: '40004', msg: '秘密', sub_code };
      const gateway = await startGateway(() => ({ body: unsigned(answer) }));
      await expect(gateway.query(payment)).rejects.toEqual(
        failure(QUERY, null, unverified('signature_missing')),
      );
      await server?.close();
      const signed = await startSigned({ [QUERY]: answer });
      await expect(signed.query(payment)).rejects.toThrow(/^alipay\.trade\.query: refused: no reason$/);
    },
  );

  it('names no reason that stands beside what would be signed', async () => {
    const gateway = await startGateway(() => ({ body: JSON.stringify(refused('isv.invalid-app-id')) }));
    await expect(gateway.query(payment)).rejects.toEqual(
      failure(QUERY, null, unverified('signature_missing')),
    );
  });

  it('takes no unsigned word that there is no trade', async () => {
    const gateway = await startGateway(() => ({ body: unsigned(refused('ACQ.TRADE_NOT_EXIST')) }));
    await expect(gateway.query(payment)).rejects.toEqual(callError(null));
    await expect(gateway.close(payment)).rejects.toEqual(callError(null));
  });

  it('is waited for 5 s', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
    const gateway = await startGateway(() => 'hang');
    await expect(gateway.query(payment)).rejects.toEqual(callError(null));
    expect(timeout).toHaveBeenCalledWith(5_000);
    timeout.mockRestore();
  });
});

describe('createPayment', () => {
  const request = {
    ...payment,
    scene: 'desktop' as const,
    description: '租户 7 订单',
    openid: null,
    payer_client_ip: null,
    attempt: 1,
    return_url: null,
  };

  it('computes the page as of when the payment was begun, and asks nobody', async () => {
    const gateway = await startSigned({});
    const created = await gateway.createPayment(request);
    const handed_out = { page: null, id: null, good_until: payment.expires_at };
    expect(created).toEqual({
      outcome: 'created',
      page: expect.stringContaining('alipay.trade.page.pay'),
      handed_out,
    });
    const { searchParams } = new URL(created.outcome === 'created' ? created.page : '');
    expect(searchParams.get('timestamp')).toBe('2024-05-13 17:40:00');
    expect(searchParams.get('notify_url')).toBe(notifyUrl);
    expect(JSON.parse(searchParams.get('biz_content') ?? '')).toMatchObject({
      out_trade_no: payment_no,
      total_amount: '88.88',
    });
    expect(await gateway.createPayment({ ...request, handed_out })).toEqual(created);
    expect(server?.calls).toEqual([]);
  });

  it("gives a payer's client the address", async () => {
    const gateway = await startSigned({});
    const page = 'https://openapi.alipay.com/gateway.do?app_id=1';
    expect(gateway.clientParameters(payment, page)).toEqual({ pay_url: page });
  });
});

describe('query', () => {
  it.each([
    ['paid', {}, event],
    ['paid and past its refunds', { trade_status: 'TRADE_FINISHED' }, event],
    [
      'closed unpaid',
      { trade_status: 'TRADE_CLOSED', send_pay_date: undefined },
      { ...unpaid, type: 'closed' },
    ],
    ['closed since all was returned', { trade_status: 'TRADE_CLOSED' }, { ...event, returned: 8888 }],
    ['returned in part', { refund_fee: '10.50' }, { ...event, returned: 1050 }],
    ['returned in no part', { refund_fee: '0.00' }, event],
    ['returned in no part, which it leaves empty', { refund_fee: null }, event],
    [
      'closed unpaid, and so of nothing returned or reduced',
      {
        trade_status: 'TRADE_CLOSED',
        send_pay_date: null,
        refund_fee: '10.50',
        receipt_amount: '80.00',
        buyer_pay_amount: '70.00',
      },
      { ...unpaid, type: 'closed' },
    ],
    [
      'paid with what others gave',
      { receipt_amount: '80.00', buyer_pay_amount: '70.00' },
      { ...event, discount: { merchant: 888, provider: 1000 } },
    ],
    [
      'returned in part, past its refunds',
      { trade_status: 'TRADE_FINISHED', refund_fee: '88.88' },
      { ...event, returned: 8888 },
    ],
    [
      'of another amount, for the payment to be compared with',
      { total_amount: '88.89' },
      { ...event, amount: 8889 },
    ],
  ])('says of a trade that it is %s', async (_name, changes, expected) => {
    const gateway = await startSigned({ 'alipay.trade.query': { ...trade, ...changes } });
    expect(await gateway.query(payment)).toEqual({ state: 'decided', event: expected });
    expect(bizContentOf(server?.calls[0] as ServerCall)).toEqual({ out_trade_no: payment_no });
  });

  it('says that a trade waits, or is not there', async () => {
    const waiting = await startSigned({ 'alipay.trade.query': { ...trade, trade_status: 'WAIT_BUYER_PAY' } });
    expect(await waiting.query(payment)).toEqual({ state: 'open' });
    await server?.close();
    const absent = await startSigned({ 'alipay.trade.query': refused('ACQ.TRADE_NOT_EXIST') });
    expect(await absent.query(payment)).toEqual({ state: 'absent' });
  });
});

describe('close', () => {
  const close = async (answer: Readonly<Record<string, unknown>>, of: object = {}) =>
    (await startSigned({ 'alipay.trade.close': answer })).close({ ...payment, ...of });

  it('closes a trade that waits', async () => {
    expect(await close({ code: '10000', out_trade_no: payment_no, trade_no: '1' })).toBe('closed');
    expect(bizContentOf(server?.calls[0] as ServerCall)).toEqual({ out_trade_no: payment_no });
  });

  it.each(['2024-05-13T11:40:00.000Z', '2024-05-13T09:45:00.000Z'])(
    'never takes a trade that is not there for closed, though it ends at %s',
    async (expires_at) => {
      expect(await close(refused('ACQ.TRADE_NOT_EXIST'), { expires_at })).toBe('absent');
    },
  );

  it.each(['ACQ.TRADE_STATUS_ERROR', 'ACQ.REASON_TRADE_STATUS_INVALID', 'ACQ.REASON_ILLEGAL_STATUS'])(
    'leaves a trade that does not wait: %s',
    async (sub_code) => {
      expect(await close(refused(sub_code))).toBe('not_closed');
    },
  );

  it.each([
    ['another payment', { code: '10000', out_trade_no: 'p2' }],
    ['no payment', { code: '10000' }],
  ])('does not take an answer about %s for closed', async (_name, answer) => {
    await expect(close(answer)).rejects.toEqual(unusable('alipay.trade.close', 'out_trade_no'));
  });

  it.each([
    ['a failure', refused('ACQ.SYSTEM_ERROR'), 'ACQ.SYSTEM_ERROR'],
    ['a failure whose code is no text', { code: '40004', sub_code: 40004 }, null],
    ['an overload', { code: '20000', sub_code: 'isp.unknow-error' }, 'isp.unknow-error'],
    ['one that is to wait', { code: '10003', out_trade_no: payment_no }, null],
  ])('does not take an answer of %s for closed', async (_name, answer, code) => {
    await expect(close(answer)).rejects.toEqual(callError(200, code));
  });
});

describe('refund', () => {
  const REFUND = 'alipay.trade.refund';
  const QUERY = 'alipay.trade.fastpay.refund.query';
  const accepted = { code: '10000', out_trade_no: payment_no, fund_change: 'Y', refund_fee: '50.50' };
  const made = {
    code: '10000',
    out_trade_no: payment_no,
    out_request_no: refund.refund_no,
    refund_amount: '10.50',
    refund_status: 'REFUND_SUCCESS',
    total_amount: '88.88',
  };
  const none = { code: '10000', msg: 'Success' };
  const succeeded = { state: 'succeeded', refund_id: null };

  it('returns part of a payment, under its own number', async () => {
    const gateway = await startSigned({ [REFUND]: accepted });
    expect(await gateway.refund(refund)).toEqual(succeeded);
    expect(server?.calls).toHaveLength(1);
    expect(bizContentOf(server?.calls[0] as ServerCall)).toEqual({
      out_trade_no: payment_no,
      trade_no: refund.transaction_id,
      out_request_no: refund.refund_no,
      refund_amount: '10.50',
      refund_reason: '不要了',
    });
  });

  it('is not made by an answer that is to wait', async () => {
    const gateway = await startSigned({ [REFUND]: { ...accepted, code: '10003' }, [QUERY]: none });
    await expect(gateway.refund(refund)).rejects.toEqual(callError(200));
    expect(server?.calls.map(methodOf)).toEqual([REFUND]);
  });

  it.each([
    ['a repeat, made before', 'N', made, succeeded],
    ['a repeat, not seen yet', 'N', none, { state: 'open' }],
    ['no word, made', undefined, made, succeeded],
  ])('asks about %s', async (_name, fund_change, found, expected) => {
    const gateway = await startSigned({ [REFUND]: { ...accepted, fund_change }, [QUERY]: found });
    expect(await gateway.refund(refund)).toEqual(expected);
    expect(server?.calls.map(methodOf)).toEqual([REFUND, QUERY]);
  });

  it.each([
    'ACQ.TRADE_HAS_FINISHED',
    'ACQ.TRADE_HAS_CLOSE',
    'ACQ.TRADE_NOT_ALLOW_REFUND',
    'ACQ.NOT_ALLOW_PARTIAL_REFUND',
    'ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND',
    'ACQ.REASON_TRADE_REFUND_FEE_ERR',
    'ACQ.REFUND_FEE_ERROR',
    'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL',
    'ACQ.BUYER_NOT_EXIST',
    'ACQ.TRADE_STATUS_ERROR',
    'ACQ.REASON_TRADE_STATUS_INVALID',
  ])('fails for good on %s, unless it was made before', async (sub_code) => {
    const failed = await startSigned({ [REFUND]: refused(sub_code), [QUERY]: none });
    expect(await failed.refund(refund)).toEqual({ state: 'failed', refund_id: null });
    await server?.close();
    const echo = await startSigned({ [REFUND]: refused(sub_code), [QUERY]: made });
    expect(await echo.refund(refund)).toEqual(succeeded);
    await server?.close();
    const unclear = await startSigned({ [REFUND]: refused(sub_code), [QUERY]: refused('ACQ.SYSTEM_ERROR') });
    await expect(unclear.refund(refund)).rejects.toEqual(callError(200, 'ACQ.SYSTEM_ERROR'));
  });

  it.each([
    'ACQ.SYSTEM_ERROR',
    'ACQ.SELLER_BALANCE_NOT_ENOUGH',
    'ACQ.REASON_TRADE_BEEN_FREEZEN',
    'ACQ.BUYER_ENABLE_STATUS_FORBID',
    'ACQ.CUSTOMER_VALIDATE_ERROR',
    'ACQ.REFUND_CHARGE_ERROR',
    'ACQ.DISCORDANT_REPEAT_REQUEST',
    'ACQ.TRADE_NOT_EXIST',
    'ACQ.INVALID_PARAMETER',
    'isp.unknow-error',
    'isv.app-call-limited',
    'aop.ACQ.SYSTEM_ERROR',
  ])('decides nothing on %s, and is asked for again', async (sub_code) => {
    const gateway = await startSigned({ [REFUND]: refused(sub_code), [QUERY]: none });
    for (let time = 1; time <= 2; time++) {
      await expect(gateway.refund(refund)).rejects.toEqual(callError(200, sub_code));
      expect(server?.calls.map(methodOf)).toEqual(Array(time).fill(REFUND));
    }
  });

  it('has not failed while Alipay has its amount, if without a state', async () => {
    const said = {
      ...made,
      refund_status: undefined,
      total_amount: '88.88',
      trade_no: refund.transaction_id,
    };
    const gateway = await startSigned({ [REFUND]: refused('ACQ.TRADE_HAS_FINISHED'), [QUERY]: said });
    await expect(gateway.refund(refund)).rejects.toEqual(unusable(QUERY, 'refund_status'));
  });

  it('decides nothing on a refusal that nobody signed', async () => {
    const unsigned = { alipay_trade_refund_response: refused('ACQ.TRADE_HAS_FINISHED') };
    const gateway = await startGateway(() => ({ body: JSON.stringify(unsigned) }));
    await expect(gateway.refund(refund)).rejects.toEqual(callError(null));
    expect(server?.calls).toHaveLength(1);
  });

  it('takes no answer about another payment for its own', async () => {
    const gateway = await startSigned({ [REFUND]: { ...accepted, out_trade_no: 'p2' }, [QUERY]: made });
    await expect(gateway.refund(refund)).rejects.toEqual(unusable(REFUND, 'out_trade_no'));
  });

  it('is asked about by its number', async () => {
    const gateway = await startSigned({ [QUERY]: made });
    expect(await gateway.queryRefund(refund)).toEqual(succeeded);
    const { paid_amount: _, ...unknown } = refund;
    expect(await gateway.queryRefund(unknown)).toEqual(succeeded);
    expect(bizContentOf(server?.calls[0] as ServerCall)).toEqual({
      out_trade_no: payment_no,
      trade_no: refund.transaction_id,
      out_request_no: refund.refund_no,
    });
  });

  it('is not known by an answer about another trade under the number', async () => {
    const gateway = await startSigned({
      [REFUND]: { ...accepted, trade_no: '2024051322001498491428765433' },
      [QUERY]: { ...made, trade_no: '2024051322001498491428765433' },
    });
    await expect(gateway.refund(refund)).rejects.toEqual(unusable(REFUND, 'trade_no'));
    await expect(gateway.queryRefund(refund)).rejects.toEqual(unusable(QUERY, 'trade_no'));
    for (const trade_no of [refund.transaction_id, '', null]) {
      const answers = { [REFUND]: { ...accepted, trade_no }, [QUERY]: { ...made, trade_no } };
      const right = await startSigned(answers);
      expect(await right.refund(refund)).toEqual(succeeded);
      expect(await right.queryRefund(refund)).toEqual(succeeded);
    }
  });

  it('is of the trade that has the payment’s number where no other is known', async () => {
    const trade_no = refund.transaction_id;
    const gateway = await startSigned({
      [REFUND]: { ...accepted, trade_no },
      [QUERY]: { ...made, trade_no },
    });
    const unnamed = { ...refund, transaction_id: null };
    expect(await gateway.refund(unnamed)).toEqual(succeeded);
    expect(await gateway.queryRefund(unnamed)).toEqual(succeeded);
    const asked = server?.calls.map((call) => bizContentOf(call)) ?? [];
    expect(asked).toHaveLength(2);
    for (const content of asked) {
      expect(content).toMatchObject({ out_trade_no: payment_no });
      expect(content).not.toHaveProperty('trade_no');
    }
  });

  it.each([
    ['nothing', none],
    ['no state', { ...made, refund_status: '' }],
  ])('is absent when Alipay says %s of it', async (_name, answer) => {
    expect(await (await startSigned({ [QUERY]: answer })).queryRefund(refund)).toEqual({ state: 'absent' });
  });

  it.each([
    ['another payment', 'out_trade_no', { out_trade_no: 'p2' }],
    ['another refund', 'out_request_no', { out_request_no: `${payment_no}-r2` }],
    ['another amount', 'refund_amount', { refund_amount: '10.51' }],
    ['no amount', 'refund_amount', { refund_amount: undefined }],
    ['a trade of another amount', 'total_amount', { total_amount: '9.99' }],
    ['a trade of an amount that is none', 'total_amount', { total_amount: '1e3' }],
    ['an unknown state', 'refund_status', { refund_status: 'REFUND_MAYBE' }],
  ])('is not known by an answer of %s, which is told of', async (_name, field, changes) => {
    const gateway = await startSigned({ [QUERY]: { ...made, ...changes } });
    await expect(gateway.queryRefund(refund)).rejects.toEqual(unusable(QUERY, field));
  });
});
