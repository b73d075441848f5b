import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { localUser } from '../../infra/local/tokens.ts';
import { isoTime } from '../../lib/io.ts';
import { type ApiAnswer, createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import { openTable } from '../support/parties.ts';

/** What was sent, from the shop to WeChat, over HTTP; with WeChat's API as its documents have it, and as it fails. */

let system: TestSystem;
let call: ReturnType<typeof createHttpClient>;
let simulate: ReturnType<typeof createHttpClient>;
let table: ReturnType<typeof openTable>;
let admin: string;
let user: string;

// Nobody is told in a group, which takes so many messages a minute.
beforeAll(async () => {
  system = await startTestSystem({ documents: { wecom: null } });
  call = createHttpClient(system.url);
  simulate = createHttpClient(`${system.consoleUrl}/simulator`);
  table = openTable(system);
  admin = system.tokens?.admin ?? '';
  user = system.tokens?.user ?? '';
});
beforeEach(() => weixin({ fault: null }));
afterAll(() => system?.stop());

const data = ({ body }: ApiAnswer) => (body as { data: Record<string, unknown> }).data;
const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o';
let lastId = Date.now();

const weixin = (options: object) => simulate('POST', '/weixin', { body: options });

interface Shipment {
  readonly payment_no: string;
  readonly logistics_type: number;
  readonly delivery_mode: number;
  readonly times: number;
  readonly parcels: readonly Record<string, unknown>[];
}

const shipments = async () =>
  ((await simulate('GET', '/weixin')).body as { shipments: Shipment[] }).shipments;
const shipmentOf = async (order_no: string) =>
  (await shipments()).find(({ payment_no }) => payment_no === order_no);

const pathOf = (order_no: string) => `/v2/orders/${order_no.replace('-', '/')}`;

async function paidOrder(kind: 'mall' | 'meal' = 'mall'): Promise<string> {
  lastId += 1;
  const order_no = `${kind}-${lastId}`;
  const body = { user_id: localUser, openid, amount: 10, points: 0, description: '午餐套餐' };
  expect((await call('PUT', pathOf(order_no), { token: admin, body })).status).toBe(201);
  expect((await call('POST', `${pathOf(order_no)}/pay`, { token: user })).status).toBe(200);
  expect(await simulate('POST', `/payments/wechat/${order_no}/pay`, { body: {} })).toMatchObject({
    body: { deliveries: [{ status: 200 }] },
  });
  return order_no;
}

const parcel = { express_company: 'ZTO', tracking_no: '78794111518982' };
const byCourier = (changes: object = {}) => ({
  logistics_type: 'courier',
  items: '帆布鞋 × 1',
  parcels: [{ ...parcel, ...changes }],
});

const ship = (order_no: string, body: object = byCourier()) =>
  call('PUT', `${pathOf(order_no)}/shipping`, { token: admin, body });

const itemsOf = (order_no: string) => table.items({ order_no });
const shippingOf = async (order_no: string) => (await itemsOf(order_no)).find(({ sk }) => sk === 'SHIPPING');

/** All that the orders owe is due. */
async function makeDue(order_nos: readonly string[]): Promise<void> {
  await inParallel(order_nos, async (order_no) => {
    for (const item of await itemsOf(order_no)) await table.makeDue(item);
  });
}

/** They were paid so long ago that WeChat ought to know. */
const letTimePass = (order_nos: readonly string[]) =>
  inParallel(order_nos, (order_no) =>
    table.changePayment({ order_no }, { paid_at: isoTime(Date.now() - 25 * 3_600_000) }),
  );

async function sweepDue(...order_nos: string[]): Promise<void> {
  await makeDue(order_nos);
  await system.sweep();
}

const work = async (order_no: string) =>
  (await itemsOf(order_no)).flatMap(({ sk, work: owed }) => (owed === undefined ? [] : [String(sk)]));

/** The payment is announced, and then owes that somebody looks whether it was sent. */
const announced = (order_no: string) =>
  expect
    .poll(async () => (await itemsOf(order_no)).find(({ sk }) => sk === 'PAYMENT#1')?.['work'])
    .toMatch(/check/i);

const exceptionsOf = async (order_no: string) =>
  (await itemsOf(order_no)).filter(({ kind }) => kind === 'not_shipped').map(({ state }) => state);

const WORKERS = 16;

async function inParallel<T>(items: readonly T[], run: (item: T, index: number) => Promise<unknown>) {
  const queue = [...items.entries()];
  await Promise.all(
    Array.from({ length: WORKERS }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await run(next[1], next[0]);
    }),
  );
}

describe('what was sent', () => {
  it('by a courier is told of at once, with a number that is masked', async () => {
    const order_no = await paidOrder();
    const answer = await ship(order_no, byCourier({ express_company: 'SF', contact: '13812345678' }));
    expect(answer).toMatchObject({ status: 200, body: { data: { state: 'told' } } });
    expect(await shipmentOf(order_no)).toMatchObject({
      ...{ logistics_type: 1, delivery_mode: 1, times: 1 },
      parcels: [{ express_company: 'SF', contact: { receiver_contact: '138****5678' } }],
    });
    expect(JSON.stringify(await itemsOf(order_no))).not.toContain('13812345678');
  });

  it.each([
    ['city', 2],
    ['virtual', 3],
    ['pickup', 4],
  ])('%s is told of as WeChat numbers it', async (logistics_type, number) => {
    const order_no = await paidOrder();
    expect((await ship(order_no, { logistics_type, items: '蛋糕' })).status).toBe(200);
    expect(await shipmentOf(order_no)).toMatchObject({
      logistics_type: number,
      parcels: [{ item_desc: '蛋糕' }],
    });
  });

  it('in several parcels is told of as one delivery', async () => {
    const order_no = await paidOrder();
    const parcels = ['1', '2', '3'].map((tracking_no) => ({ ...parcel, tracking_no }));
    expect((await ship(order_no, { ...byCourier(), parcels })).status).toBe(200);
    expect(await shipmentOf(order_no)).toMatchObject({
      delivery_mode: 2,
      is_complete: true,
      parcels: [{ tracking_no: '1' }, { tracking_no: '2' }, { tracking_no: '3' }],
    });
  });

  it('is told of once, however often it is said; and corrected once', async () => {
    const order_no = await paidOrder();
    const answers = await Promise.all([ship(order_no), ship(order_no), ship(order_no)]);
    expect(answers.map(({ status }) => status).filter((status) => status >= 400)).toEqual([]);
    await sweepDue(order_no);
    expect(await shipmentOf(order_no)).toMatchObject({ times: 1 });
    expect((await ship(order_no, byCourier({ tracking_no: '2' }))).status).toBe(200);
    expect(await shipmentOf(order_no)).toMatchObject({ times: 2, parcels: [{ tracking_no: '2' }] });
    expect((await ship(order_no, byCourier({ tracking_no: '3' }))).status).toBe(409);
    expect(await shipmentOf(order_no)).toMatchObject({ times: 2 });
  });

  it('before it is paid is nothing to tell', async () => {
    lastId += 1;
    const order_no = `mall-${lastId}`;
    const body = { user_id: localUser, openid, amount: 10, points: 0, description: '鞋' };
    await call('PUT', pathOf(order_no), { token: admin, body });
    expect((await ship(order_no)).status).toBe(409);
  });
});

describe('WeChat’s API', () => {
  it.each(['http', 'busy'])('that is down (%s) is told later', async (fault) => {
    const order_no = await paidOrder();
    await weixin({ fault });
    expect(await ship(order_no)).toMatchObject({ status: 202, body: { data: { state: 'open' } } });
    await sweepDue(order_no);
    expect(await shippingOf(order_no)).toMatchObject({ state: 'open', told: 0 });
    expect(await work(order_no)).toContain('SHIPPING');
    await weixin({ fault: null });
    await sweepDue(order_no);
    expect(await shippingOf(order_no)).toMatchObject({ state: 'told', told: 1 });
    expect(await shipmentOf(order_no)).toMatchObject({ times: 1 });
    expect(await work(order_no)).not.toContain('SHIPPING');
  });

  it('that is down keeps no payment from being found', async () => {
    const sent = await Promise.all(Array.from({ length: 24 }, () => paidOrder()));
    await weixin({ fault: 'http' });
    for (const order_no of sent) expect((await ship(order_no)).status).toBe(202);
    const made = await call('POST', '/api/pay/checkout', {
      token: admin,
      body: { tenant_id: 7, amount: 10, provider: 'wechat' },
    });
    const order_no = String(data(made)['order_no']);
    await simulate('POST', `/payments/wechat/${order_no}/pay`, { body: { deliver: false } });
    await makeDue(sent);
    await sweepDue(order_no);
    const { status } = data(await call('GET', `/api/pay/orders/${order_no}`, { token: admin }));
    expect(status).toBe('paid');
    await weixin({ fault: null });
    await sweepDue(...sent);
    for (const order_no of sent) expect(await shipmentOf(order_no)).toMatchObject({ times: 1 });
  });

  it('is asked for another token once the first is over', async () => {
    const [first, second] = [await paidOrder(), await paidOrder()];
    expect((await ship(first)).status).toBe(200);
    await weixin({ tokens: 'expired' });
    expect((await ship(second)).status).toBe(200);
    expect(await shipmentOf(second)).toMatchObject({ times: 1 });
  });

  it('that refuses says why, a person is told, and what is mended is taken', async () => {
    const order_no = await paidOrder();
    const refused = await ship(order_no, byCourier({ express_company: 'SF' }));
    expect(refused.status).toBe(409);
    expect(JSON.stringify(refused.body)).toContain('10060014');
    expect(await exceptionsOf(order_no)).toEqual(['open']);
    expect((await ship(order_no, byCourier({ express_company: 'SF', contact: '13812345678' }))).status).toBe(
      200,
    );
    expect(await exceptionsOf(order_no)).toEqual(['resolved']);
  });
});

describe('what nobody tells of', () => {
  it('is told of by itself where it is a meal', async () => {
    const order_no = await paidOrder('meal');
    await announced(order_no);
    await sweepDue(order_no);
    await expect
      .poll(() => shipmentOf(order_no))
      .toMatchObject({
        logistics_type: 4,
        parcels: [{ item_desc: '午餐套餐' }],
      });
    expect(await exceptionsOf(order_no)).toEqual([]);
  });

  it('is told of once WeChat knows the payment, which may take a minute', async () => {
    await weixin({ known_after_ms: 3_600_000 });
    const order_no = await paidOrder('meal');
    await announced(order_no);
    await sweepDue(order_no);
    expect(await shippingOf(order_no)).toMatchObject({ state: 'open', told: 0 });
    await weixin({ known_after_ms: 0 });
    await sweepDue(order_no);
    expect(await shippingOf(order_no)).toMatchObject({ state: 'told', told: 1 });
    expect(await exceptionsOf(order_no)).toEqual([]);
  });

  it('is an exception once its time is over, which ends with the telling', async () => {
    const order_no = await paidOrder();
    await announced(order_no);
    await system.sweep();
    expect(await exceptionsOf(order_no)).toEqual([]);
    await letTimePass([order_no]);
    await sweepDue(order_no);
    expect(await exceptionsOf(order_no)).toEqual(['open']);
    expect((await ship(order_no)).status).toBe(200);
    expect(await exceptionsOf(order_no)).toEqual(['resolved']);
  });

  it('is nobody’s matter where all of it went back', async () => {
    const order_no = await paidOrder();
    await announced(order_no);
    const body = { order_no, reason: '缺货' };
    await call('POST', '/api/pay/refund', { token: admin, headers: { 'idempotency-key': order_no }, body });
    const status = async () =>
      data(await call('GET', `/api/pay/orders/${order_no}`, { token: admin }))['status'];
    await expect.poll(status).toBe('refunded');
    await sweepDue(order_no);
    expect(await exceptionsOf(order_no)).toEqual([]);
    expect((await ship(order_no)).status).toBe(409);
  });
});

/** Of which every other is sent late, and every tenth is corrected. */
const ORDERS = Number(process.env['MALL_ORDERS'] ?? 100);
const SWEEPS = 50;

describe('a day of a mall', () => {
  it('is told of whole, and nothing of it twice but for a correction', { timeout: 600_000 }, async () => {
    const order_nos: string[] = [];
    await inParallel(Array.from({ length: ORDERS }), async () => order_nos.push(await paidOrder()));
    const [early, late] = [0, 1].map((half) => order_nos.filter((_, index) => index % 2 === half)) as [
      string[],
      string[],
    ];
    await inParallel(order_nos, announced);

    // Half of what is sent in time is sent while the API works, half while it is down.
    await inParallel(early, async (order_no, index) => {
      if (index === Math.floor(early.length / 2)) await weixin({ fault: 'http' });
      expect([200, 202]).toContain((await ship(order_no)).status);
    });
    await weixin({ fault: 'http' });
    await makeDue(early);
    await system.sweep();
    const untold = early.length - (await toldOf(early)).length;
    expect(untold).toBeGreaterThan(0);
    await weixin({ fault: null, tokens: 'expired' });
    await sweepUntil(early, async () => (await toldOf(early)).length === early.length);

    await letTimePass(order_nos);
    await sweepUntil(late, async () => (await countOpen(late)) === late.length);
    expect(await countOpen(early)).toBe(0);
    await inParallel(late, async (order_no) => expect((await ship(order_no)).status).toBe(200));
    expect(await countOpen(order_nos)).toBe(0);

    const corrected = new Set(order_nos.filter((_, index) => index % 10 === 0));
    await inParallel([...corrected], async (order_no) => {
      expect((await ship(order_no, byCourier({ tracking_no: 'corrected' }))).status).toBe(200);
    });
    const told = await toldOf(order_nos);
    expect(told).toHaveLength(ORDERS);
    for (const { payment_no, times } of told) expect(times).toBe(corrected.has(payment_no) ? 2 : 1);
  });

  const toldOf = async (order_nos: readonly string[]) => {
    const wanted = new Set(order_nos);
    return (await shipments()).filter(({ payment_no }) => wanted.has(payment_no));
  };

  async function countOpen(order_nos: readonly string[]): Promise<number> {
    let open = 0;
    await inParallel(order_nos, async (order_no) => {
      const states = await exceptionsOf(order_no);
      open += states.filter((state) => state === 'open').length;
    });
    return open;
  }

  async function sweepUntil(order_nos: readonly string[], isDone: () => Promise<boolean>): Promise<void> {
    for (let sweeps = 0; sweeps < SWEEPS && !(await isDone()); sweeps += 1) {
      await makeDue(order_nos);
      await system.sweep();
    }
    expect(await isDone()).toBe(true);
  }
});
