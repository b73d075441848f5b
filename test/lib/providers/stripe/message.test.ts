import fc from 'fast-check';
import type Stripe from 'stripe';
import { describe, expect, it, vi } from 'vitest';
import { parseStripeDocument } from '../../../../lib/config/stripe.ts';
import type { RawMessage } from '../../../../lib/providers/message.ts';
import { stripeEvents } from '../../../../lib/providers/stripe/facts.ts';
import { receiveStripeMessage } from '../../../../lib/providers/stripe/message.ts';
import { createStripeParty } from '../../../support/stripe.ts';

const { document, signText, signEvent, signFlat, paidEvent } = createStripeParty();
const now = Date.parse('2024-05-13T09:49:22.500Z');
const unasked: typeof fetch = async () => {
  throw new Error('nobody is to be asked');
};
const io = { now: () => now, fetch: unasked };
const receive = receiveStripeMessage(parseStripeDocument(document), io);
const receiveEvent = (event: object) => receive(signEvent(event, { at: now }));

const payment_no = 'p01HXTESTQ000000000007ABCDE';
const paid = {
  type: 'succeeded',
  payment_no,
  provider: 'stripe',
  merchant: 'acct_1SettleParty.test',
  amount: 1999,
  currency: 'USD',
  transaction_id: `pi_${payment_no}`,
  paid_at: '2024-05-13T09:49:22.000Z',
};
const { paid_at: _, ...unpaid } = paid;

/** The paid event with changes to its session, or to itself. */
const withSession = (session: object) => paidEvent(payment_no, 1999, 'usd', session);
const withEvent = (changes: object) => ({ ...paidEvent(payment_no, 1999), ...changes });
const ofType = (type: string, session: object = {}) => ({ ...withSession(session), type });

describe('an event', () => {
  it('is of the stage whose prefix its payment has, and asks nothing of another', async () => {
    const receiveAt = (prefix: string, number: string) =>
      receiveStripeMessage(
        parseStripeDocument(document),
        io,
        prefix,
      )(signEvent(paidEvent(number, 1999), { at: now }));
    for (const number of ['mall-1', 'x1mall-1', `x1${payment_no}`]) {
      for (const prefix of ['', 'x1', 'x2']) {
        const isOwn = prefix === (number.startsWith('x1') ? 'x1' : '');
        expect(await receiveAt(prefix, number)).toEqual(
          isOwn ? expect.objectContaining({ payment_no: number }) : null,
        );
      }
    }
  });

  it.each([
    ['completed and paid', ofType('checkout.session.completed'), paid],
    [
      'completed and free',
      ofType('checkout.session.completed', { payment_status: 'no_payment_required', payment_intent: null }),
      { ...paid, transaction_id: null },
    ],
    [
      'completed without a payment intent',
      ofType('checkout.session.completed', { payment_intent: undefined }),
      { ...paid, transaction_id: null },
    ],
    ['paid later', ofType('checkout.session.async_payment_succeeded', { payment_status: 'paid' }), paid],
    [
      'failed later',
      ofType('checkout.session.async_payment_failed', { payment_status: 'unpaid' }),
      { ...unpaid, type: 'failed' },
    ],
    [
      'expired',
      ofType('checkout.session.expired', { payment_status: 'unpaid', payment_intent: null }),
      { ...unpaid, type: 'closed', transaction_id: null },
    ],
  ])('of a session that is %s', async (_name, event, expected) => {
    expect(await receiveEvent(event)).toEqual(expected);
  });

  it.each([
    ofType('checkout.session.completed', { payment_status: 'unpaid' }),
    ofType('checkout.session.created'),
    { ...withEvent({ type: 'payment_intent.succeeded' }), data: { object: { object: 'payment_intent' } } },
    { object: 'event', type: 'account.updated' },
    {
      ...{ id: 'evt_test_1', object: 'v2.core.event', created: '2026-11-22T08:00:00.000Z', livemode: false },
      type: 'v1.billing.meter.error_report_triggered',
      related_object: { id: 'mtr_1', type: 'billing.meter', url: '/v1/billing/meters/mtr_1' },
    },
    withSession({ client_reference_id: null, metadata: {} }),
    withSession({ client_reference_id: null, metadata: null }),
    withSession({ client_reference_id: null, metadata: { order_no: null } }),
    withSession({ client_reference_id: 'cart 77 / guest', amount_total: null, payment_status: null }),
    withSession({ client_reference_id: '', metadata: { order_no: payment_no } }),
    // Of Payment Links, whose reference anybody may choose, and of what is no payment.
    ...['completed', 'async_payment_succeeded', 'async_payment_failed', 'expired'].flatMap((what) => [
      ofType(`checkout.session.${what}`, { metadata: {} }),
      ofType(`checkout.session.${what}`, { metadata: null }),
      ofType(`checkout.session.${what}`, { metadata: { order_no: 'mall-1' } }),
      ofType(`checkout.session.${what}`, { mode: 'subscription' }),
      ofType(`checkout.session.${what}`, { mode: 'setup' }),
      ofType(`checkout.session.${what}`, { mode: undefined }),
    ]),
    // Of another account, of whatever kind.
    ...[
      'checkout.session.completed',
      'checkout.session.expired',
      'charge.refunded',
      'refund.created',
    ].flatMap((type) => [
      { ...withEvent({ account: 'acct_1SomebodyElse' }), type },
      { ...withEvent({ account: document.account }), type },
      { ...withEvent({ account: 7 }), type },
      { ...withEvent({ context: 'acct_1SomebodyElse' }), type },
    ]),
  ])('that calls for no action or is of no payment of ours: %#', async (event) => {
    expect(await receiveEvent(event)).toBeNull();
  });

  it('names its payment in the metadata too, and its payment intent expanded', async () => {
    expect(
      await receiveEvent(
        withSession({ client_reference_id: null, payment_intent: { id: 'pi_9', object: 'payment_intent' } }),
      ),
    ).toEqual({ ...paid, transaction_id: 'pi_9' });
  });

  it('says what it says of amount, currency and account, for the payment to be compared with', async () => {
    expect(await receiveEvent(withEvent({ livemode: true }))).toEqual({
      ...paid,
      merchant: 'acct_1SettleParty.live',
    });
    expect(await receiveEvent(withEvent({ account: null, context: document.account }))).toEqual(paid);
    for (const amount of [0, Number.MAX_SAFE_INTEGER]) {
      expect(await receiveEvent(withSession({ amount_total: amount, currency: 'jpy' }))).toEqual({
        ...paid,
        amount,
        currency: 'JPY',
      });
    }
  });

  it.each([
    ['type', withEvent({ type: 7 })],
    ['type', withEvent({ type: undefined })],
    ['livemode', withEvent({ livemode: 'false' })],
    ['livemode', withEvent({ livemode: undefined })],
    ['created', withEvent({ created: 1.5 })],
    ['created', withEvent({ created: 9e15 })],
    ['created', withEvent({ created: undefined })],
    ['data', withEvent({ data: [] })],
    ['data.object', withEvent({ data: {} })],
    ['data.object', withEvent({ data: { object: 'cs_1' } })],
    ['data.object.client_reference_id', withSession({ client_reference_id: 7 })],
    ['data.object.metadata', withSession({ client_reference_id: null, metadata: 'order' })],
    ['data.object.payment_status', withSession({ payment_status: 'PAID' })],
    ['data.object.payment_status', withSession({ payment_status: undefined })],
    ['data.object.amount_total', withSession({ amount_total: '1999' })],
    ['data.object.amount_total', withSession({ amount_total: -1 })],
    ['data.object.amount_total', withSession({ amount_total: 19.99 })],
    ['data.object.amount_total', withSession({ amount_total: 2 ** 53 })],
    ['data.object.amount_total', withSession({ amount_total: null })],
    ['data.object.currency', withSession({ currency: 'us' })],
    ['data.object.currency', withSession({ currency: 'usdt' })],
    ['data.object.currency', withSession({ currency: null })],
    ['data.object.payment_intent', withSession({ payment_intent: 7 })],
    ['data.object.payment_intent', withSession({ payment_intent: {} })],
    ['data.object.payment_intent', withSession({ payment_intent: 'p'.repeat(65) })],
  ])('whose %s is wrong is refused, though signed: %#', async (field, event) => {
    await expect(receiveEvent(event)).rejects.toThrow(
      expect.objectContaining({ name: 'MalformedMessageError', field }),
    );
  });
});

/** Receives an event while Stripe answers what it is asked; what it is asked is kept. */
function asking(answer: (path: string) => Response | Promise<Response>, at = now) {
  const asked: string[] = [];
  const answered: typeof fetch = async (input, init) => {
    const { host, pathname } = new URL(String(input));
    expect(Object.fromEntries(new Headers(init?.headers))).toEqual({
      authorization: `Bearer ${document.secret_key}`,
      'stripe-version': '2026-10-28.endive',
    });
    expect([host, init?.redirect, init?.method ?? 'GET']).toEqual(['api.stripe.com', 'error', 'GET']);
    asked.push(pathname);
    return answer(pathname);
  };
  const received = receiveStripeMessage(
    parseStripeDocument(document),
    { now: () => at, fetch: answered },
    '',
  );
  return { asked, receive: (event: object) => received(signEvent(event, { at })) };
}
const oursAsked = (at = now) =>
  asking(() => Response.json({ id: 'pi_9', metadata: { order_no: payment_no } }), at);
const eventOf = (type: Stripe.Event['type'], object: object, changes: object = {}) => ({
  ...withEvent({ type, ...changes }),
  data: { object },
});
const refundTypes = ['refund.created', 'refund.updated', 'refund.failed', 'charge.refund.updated'] as const;
const disputeTypes = [
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
  'charge.dispute.closed',
] as const;
const refund = {
  id: 're_1',
  object: 'refund',
  amount: 500,
  currency: 'usd',
  charge: 'ch_9',
  payment_intent: `pi_${payment_no}`,
  metadata: { order_no: payment_no, refund_no: `${payment_no}-r1` },
  status: 'succeeded',
} satisfies Partial<Stripe.Refund>;
/** Made in the dashboard. */
const foreignRefund = { ...refund, metadata: {} };
const refunded = {
  type: 'refund_succeeded',
  payment_no,
  provider: 'stripe',
  refund_no: `${payment_no}-r1`,
  transaction_id: `pi_${payment_no}`,
  merchant: 'acct_1SettleParty.test',
  amount: 500,
  currency: 'USD',
  refund_id: 're_1',
};
const dispute = {
  id: 'du_1',
  object: 'dispute',
  amount: 1999,
  currency: 'usd',
  charge: 'ch_9',
  payment_intent: `pi_${payment_no}`,
  metadata: {},
  reason: 'product_not_received',
  status: 'needs_response',
  evidence_details: {
    due_by: now / 1000 + 86_400.5,
    has_evidence: false,
    past_due: false,
    submission_count: 0,
  },
  balance_transactions: [],
};
const disputed = {
  type: 'dispute',
  payment_no,
  provider: 'stripe',
  merchant: 'acct_1SettleParty.test',
  dispute_id: 'du_1',
  transaction_id: `pi_${payment_no}`,
  amount: 1999,
  currency: 'USD',
  reason: 'product_not_received',
  state: 'open',
  refundable: false,
  due_by: '2024-05-14T09:49:23.000Z',
  movements: [],
};

describe('an event of a refund', () => {
  const charge = {
    id: 'ch_1',
    object: 'charge',
    amount: 1999,
    amount_refunded: 700,
    currency: 'usd',
    metadata: { order_no: payment_no },
    payment_intent: 'pi_9',
    refunded: false,
  } satisfies Partial<Stripe.Charge>;

  it.each(refundTypes)('%s says what became of it, and nobody is asked', async (type) => {
    expect(await receiveEvent(eventOf(type, refund))).toEqual(refunded);
    for (const status of ['failed', 'canceled']) {
      const event = eventOf(type, { ...refund, status });
      expect(await receiveEvent(event)).toEqual({ ...refunded, type: 'refund_failed' });
    }
    for (const status of ['pending', 'requires_action']) {
      expect(await receiveEvent(eventOf(type, { ...refund, status }))).toBeNull();
      expect(await receiveEvent(eventOf(type, { ...foreignRefund, status }))).toBeNull();
    }
  });

  it('says what it says of amount and currency, for the refund to be compared with', async () => {
    expect(await receiveEvent(eventOf('refund.updated', refund, { livemode: true }))).toMatchObject({
      merchant: 'acct_1SettleParty.live',
    });
    const changes = { amount: 0, currency: 'jpy' };
    expect(await receiveEvent(eventOf('refund.updated', { ...refund, ...changes }))).toMatchObject({
      amount: 0,
      currency: 'JPY',
    });
  });

  it.each([undefined, '', 'r 1', 'mall-1-r1', `${payment_no}-r0`, `${payment_no}-r1-r2`, 7, null])(
    'has no number of ours when it is called %j',
    async (refund_no) => {
      const event = eventOf('refund.updated', { ...refund, metadata: { order_no: payment_no, refund_no } });
      expect(await receiveEvent(event)).toEqual({ ...refunded, refund_no: null });
    },
  );

  it.each(refundTypes)(
    '%s of the dashboard is found by its payment intent, or else its charge',
    async (type) => {
      const expected = { ...refunded, refund_no: null };
      const byIntent = oursAsked();
      expect(await byIntent.receive(eventOf(type, foreignRefund))).toEqual(expected);
      expect(byIntent.asked).toEqual([`/v1/payment_intents/pi_${payment_no}`]);
      const byCharge = oursAsked();
      const { transaction_id: _, ...unnamed } = expected;
      const ofCharge = { ...foreignRefund, payment_intent: null, charge: { id: 'ch_9', object: 'charge' } };
      expect(await byCharge.receive(eventOf(type, ofCharge))).toEqual(unnamed);
      expect(byCharge.asked).toEqual(['/v1/charges/ch_9']);
    },
  );

  it('says of the charge how much in all, and asks nobody', async () => {
    expect(await receiveEvent(eventOf('charge.refunded', charge))).toEqual({
      type: 'refund_succeeded',
      payment_no,
      provider: 'stripe',
      refund_no: null,
      transaction_id: 'pi_9',
      merchant: 'acct_1SettleParty.test',
      total: 700,
      currency: 'USD',
      refund_id: null,
    });
  });

  it.each([{}, null, { order_no: 'cart 77' }, { refund_no: 'r1' }])(
    'of no payment of ours: %j',
    async (metadata) => {
      const others = asking(() => Response.json({ id: 'pi_9', metadata }));
      const event = eventOf('refund.updated', { ...refund, metadata, status: 'maybe' });
      expect(await others.receive(event)).toBeNull();
      expect(await receiveEvent(eventOf('charge.refunded', { ...charge, metadata }))).toBeNull();
      const unreadable = { ...charge, metadata, amount_refunded: 'all' };
      expect(await receiveEvent(eventOf('charge.refunded', unreadable))).toBeNull();
    },
  );

  it('is of no payment of ours when it names none, and nobody is asked', async () => {
    const nameless = { ...foreignRefund, payment_intent: null, charge: null };
    expect(await receiveEvent(eventOf('refund.created', nameless))).toBeNull();
  });

  it.each([
    ['data.object', 'refund'],
    ['data.object.metadata', { ...refund, metadata: 'order' }],
    ['data.object.metadata.order_no', { ...refund, metadata: { order_no: 7 } }],
    ['data.object.status', { ...refund, status: 'maybe' }],
    ['data.object.status', { ...refund, status: null }],
    ['data.object.amount', { ...refund, amount: '500' }],
    ['data.object.amount', { ...refund, amount: -500 }],
    ['data.object.currency', { ...refund, currency: null }],
    ['data.object.id', { ...refund, id: undefined }],
    ['data.object.payment_intent', { ...refund, payment_intent: 7 }],
    ['data.object.payment_intent', { ...foreignRefund, payment_intent: 'p i' }],
    ['data.object.charge', { ...foreignRefund, payment_intent: null, charge: 7 }],
  ])('whose %s is wrong is refused, though signed: %#', async (field, object) => {
    await expect(
      receiveEvent({ ...withEvent({ type: 'refund.updated' }), data: { object } }),
    ).rejects.toMatchObject({ name: 'MalformedMessageError', field });
  });

  it.each([
    ['amount_refunded', { amount_refunded: undefined }],
    ['currency', { currency: null }],
    ['metadata.order_no', { metadata: { order_no: 7 } }],
  ])('of a charge whose %s is wrong is refused, though signed', async (field, changes) => {
    await expect(receiveEvent(eventOf('charge.refunded', { ...charge, ...changes }))).rejects.toMatchObject({
      name: 'MalformedMessageError',
      field: `data.object.${field}`,
    });
  });

  it('whose side of the account is not said is refused', async () => {
    const changes = { livemode: undefined };
    for (const event of [
      eventOf('refund.updated', refund, changes),
      eventOf('charge.refunded', charge, changes),
    ]) {
      await expect(receiveEvent(event)).rejects.toMatchObject({ field: 'livemode' });
    }
  });
});

describe('an event of a dispute', () => {
  const receiveDispute = (changes: object, type: (typeof disputeTypes)[number] = 'charge.dispute.updated') =>
    oursAsked().receive(eventOf(type, { ...dispute, ...changes }));

  it.each(disputeTypes)('%s says what it has come to, of the payment that Stripe names', async (type) => {
    const { asked, receive: received } = oursAsked();
    expect(await received(eventOf(type, dispute))).toEqual(disputed);
    expect(asked).toEqual([`/v1/payment_intents/pi_${payment_no}`]);
  });

  it.each([
    ...['won', 'warning_closed', 'prevented'].map((status) => [status, 'won']),
    ['lost', 'lost'],
    ...[
      'warning_needs_response',
      'warning_under_review',
      'needs_response',
      'under_review',
      'appeal_needs_response',
      'appeal_under_review',
      'new_one',
    ].map((status) => [status, 'open']),
  ])('that is %s is %s', async (status, state) => {
    expect(await receiveDispute({ status })).toEqual({ ...disputed, state });
  });

  it.each([
    [true, true],
    [false, false],
    ['true', false],
    [undefined, false],
  ])('is of money that can be returned where it says so: %j', async (is_charge_refundable, refundable) => {
    expect(await receiveDispute({ is_charge_refundable })).toEqual({ ...disputed, refundable });
  });

  it.each([null, {}, { due_by: null }, { due_by: Math.floor(now / 1000) }, { due_by: 0 }])(
    'has no time for evidence: %j',
    async (evidence_details) => {
      expect(await receiveDispute({ evidence_details })).toEqual({ ...disputed, due_by: null });
    },
  );

  it('has time for evidence until it is due, and not then', async () => {
    const due_s = Math.floor(now / 1000);
    const event = eventOf('charge.dispute.updated', { ...dispute, evidence_details: { due_by: due_s } });
    expect(await oursAsked(due_s * 1000 - 1).receive(event)).toMatchObject({
      due_by: '2024-05-13T09:49:22.000Z',
    });
    expect(await oursAsked(due_s * 1000).receive(event)).toMatchObject({ due_by: null });
  });

  it('names each movement, with its fee', async () => {
    const withdrawn = {
      id: 'txn_1',
      object: 'balance_transaction',
      amount: -1999,
      currency: 'usd',
      fee: 1500,
    };
    const reinstated = { ...withdrawn, id: 'txn_2', amount: 1200, fee: -1500 };
    expect(await receiveDispute({ balance_transactions: [withdrawn, reinstated] })).toMatchObject({
      movements: [
        { id: 'txn_1', amount: -1999, fee: 1500, fee_currency: 'USD' },
        { id: 'txn_2', amount: 1200, fee: -1500, fee_currency: 'USD' },
      ],
    });
  });

  it('moved what is disputed where the balance is kept in another currency', async () => {
    const balance_transactions = [
      { id: 'txn_1', amount: -15_600, currency: 'hkd', fee: 8500 },
      { id: 'txn_2', amount: 15_580, currency: 'hkd', fee: 0 },
    ];
    expect(await receiveDispute({ balance_transactions })).toMatchObject({
      amount: 1999,
      movements: [
        { id: 'txn_1', amount: -1999, fee: 8500, fee_currency: 'HKD' },
        { id: 'txn_2', amount: 1999, fee: 0, fee_currency: 'HKD' },
      ],
    });
  });

  it.each([
    ['id', { id: null }],
    ['amount', { amount: -1 }],
    ['currency', { currency: 'us' }],
    ['reason', { reason: 'a b' }],
    ['status', { status: null }],
    ['status', { status: 'needs response' }],
    ['evidence_details.due_by', { evidence_details: { due_by: 'soon' } }],
    ['balance_transactions', { balance_transactions: null }],
    ['balance_transactions[0]', { balance_transactions: ['txn_1'] }],
    ['balance_transactions[0].amount', { balance_transactions: [{ id: 'txn_1', currency: 'usd' }] }],
    ['balance_transactions[0].currency', { balance_transactions: [{ id: 'txn_1', amount: 1, fee: 0 }] }],
    ['balance_transactions[0].id', { balance_transactions: [{ currency: 'usd', amount: 1, fee: 0 }] }],
    [
      'balance_transactions[0].fee',
      { balance_transactions: [{ id: 't', currency: 'usd', amount: 1, fee: 0.5 }] },
    ],
  ])('whose %s is wrong is refused, though signed', async (field, changes) => {
    await expect(receiveDispute(changes)).rejects.toMatchObject({
      name: 'MalformedMessageError',
      field: `data.object.${field}`,
    });
  });
});

describe('an event whose payment Stripe is asked for', () => {
  const events = [
    ...refundTypes.map((type) => eventOf(type, foreignRefund)),
    ...disputeTypes.map((type) => eventOf(type, dispute)),
  ];

  it.each(events)('asks nobody before its signature holds, nor for another account: $type', async (event) => {
    const { headers } = signEvent(event, { at: now, secret: 'whsec_forged' });
    await expect(receive({ ...signEvent(event, { at: now }), headers })).rejects.toMatchObject({
      name: 'VerificationError',
    });
    expect(await receiveEvent({ ...event, account: 'acct_1SomebodyElse' })).toBeNull();
  });

  it.each(events)('is of no payment of ours where Stripe holds none: $type', async (event) => {
    const strangers = [
      () => Response.json({ error: { code: 'resource_missing' } }, { status: 404 }),
      () => Response.json({ id: 'pi_9', metadata: { order_no: 'cart 77' } }),
      () => Response.json({ id: 'pi_9', metadata: { order_no: `x1${payment_no}` } }),
      () => Response.json({ id: 'pi_9' }),
    ];
    for (const answer of strangers) expect(await asking(answer).receive(event)).toBeNull();
  });

  it.each(events)('is not taken when its payment has a number that is none: $type', async (event) => {
    const { receive: received } = asking(() => Response.json({ metadata: { order_no: 7 } }));
    await expect(received(event)).rejects.toMatchObject({ field: 'metadata.order_no' });
  });

  it.each(events)('is not taken while Stripe does not say: $type', async (event) => {
    const failures: readonly (() => Response | Promise<Response>)[] = [
      () => Promise.reject(new TypeError('fetch failed')),
      () => Response.json({}, { status: 500 }),
      () => Response.json({ metadata: { order_no: payment_no } }, { status: 401 }),
      () => new Response('<html>'),
      () => new Response(`{"metadata":{"order_no":"${payment_no}"},"a":"${'a'.repeat(300_000)}"}`),
    ];
    for (const answer of failures) {
      const { asked, receive: received } = asking(answer);
      await expect(received(event)).rejects.toMatchObject({ name: 'ProviderCallError', provider: 'stripe' });
      expect(asked).toHaveLength(1);
    }
  });

  it('waits for Stripe no longer than a callback may', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
    const { receive: received } = asking(() => Response.json({}));
    const aborted = receiveStripeMessage(
      parseStripeDocument(document),
      { now: () => now, fetch: (_input, init) => Promise.reject(init?.signal?.reason) },
      '',
    );
    await expect(aborted(signEvent(events[0] ?? {}, { at: now }))).rejects.toMatchObject({ status: null });
    expect(timeout.mock.lastCall?.[0]).toBeLessThanOrEqual(1500);
    timeout.mockRestore();
    expect(await received(events[0] ?? {})).toBeNull();
  });
});

it('reads every event that the webhook endpoint is to send, and no other', async () => {
  const objects: Readonly<Record<string, object>> = {
    checkout: paidEvent(payment_no, 1999).data.object,
    refund,
    charge: { ...dispute, ...refund, metadata: { order_no: payment_no }, amount_refunded: 1 },
  };
  for (const type of stripeEvents) {
    const object = type.includes('dispute') ? dispute : objects[type.split('.')[0] ?? ''];
    const event = { ...withEvent({ type }), data: { object } };
    expect([type, await oursAsked().receive(event)]).toEqual([type, expect.objectContaining({ payment_no })]);
  }
  expect(new Set<string>([...refundTypes, ...disputeTypes]).isSubsetOf(new Set(stripeEvents))).toBe(true);
  for (const type of ['charge.succeeded', 'charge.dispute', 'refund.', 'toString', 'constructor']) {
    expect(await receiveEvent(withEvent({ type }))).toBeNull();
  }
});

describe('a flat body', () => {
  const receiveFlat = (fields: Record<string, string>) => receive(signFlat(fields, { at: now }));

  it('is taken under the same header', async () => {
    expect(await receiveFlat({ order_no: payment_no, status: 'succeeded', txn_id: 'pi_1' })).toEqual({
      type: 'succeeded',
      payment_no,
      provider: 'stripe',
      merchant: 'acct_1SettleParty.test',
      transaction_id: 'pi_1',
    });
    expect(await receiveFlat({ order_no: payment_no, status: 'failed' })).toMatchObject({
      type: 'failed',
      transaction_id: null,
    });
    expect(
      await receiveFlat({ order_no: payment_no, status: 'succeeded', amount: '1.230', currency: 'KWD' }),
    ).toMatchObject({
      amount: 1230,
      currency: 'KWD',
    });
  });

  it.each([
    ['status', `{"order_no":"${payment_no}","status":"paid"}`],
    ['status', `{"order_no":"${payment_no}"}`],
    ['order_no', '{"status":"succeeded"}'],
    ['status', `{"order_no":"${payment_no}","status":"succeeded","status":"failed"}`],
    ['sig', `{"order_no":"${payment_no}","status":"succeeded","sig":"00"}`],
    ['object', `{"object":"charge","order_no":"${payment_no}","status":"succeeded"}`],
    ['status', `{"order_no":"${payment_no}","status":1}`],
    ['amount', `{"order_no":"${payment_no}","status":"succeeded","currency":"ISK","amount":"1.5"}`],
    [null, '[]'],
    [null, 'null'],
    [null, ''],
    [null, 'order_no=1'],
    [null, '\uFEFF{}'],
    [null, `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`],
    [null, '{"object":"event","__proto__":{}}'],
  ])('with a bad %s is refused, though signed: %s', async (field, body) => {
    await expect(receive(signText(body, { at: now }))).rejects.toThrow(
      expect.objectContaining({ name: 'MalformedMessageError', field }),
    );
  });
});

describe('a genuine message, tampered with', () => {
  const genuine = signEvent(paidEvent(payment_no, 1999), { at: now });
  const refused = expect.objectContaining({ name: 'VerificationError' });

  it('is refused without its header, and under the header of another', async () => {
    expect(await receive(genuine)).toEqual(paid);
    await expect(receive({ ...genuine, headers: {} })).rejects.toThrow(refused);
    const { headers } = signEvent(paidEvent(payment_no, 2999), { at: now });
    await expect(receive({ ...genuine, headers })).rejects.toThrow(refused);
  });

  it('is refused as soon as it is old', async () => {
    await expect(receive(signEvent(paidEvent(payment_no, 1999), { at: now - 301_000 }))).rejects.toThrow(
      refused,
    );
  });

  it('is refused whichever byte is altered', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(genuine.body.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (position, change) => {
          const body = Buffer.from(genuine.body);
          body[position] = (body[position] ?? 0) ^ change;
          expect(await outcomeOf({ ...genuine, body })).toBe('VerificationError');
        },
      ),
    );
  });

  it('any signed bytes at all end in an error of ours', async () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.json().map((json) => `{"object":"event","type":"checkout.session.completed","data":${json}}`),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(await outcomeOf(signText(text, { at: now }))).toMatch(/^(MalformedMessageError|null)$/);
      }),
    );
  });

  it('any header at all ends in an error of ours', async () => {
    const headers = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom('t=1', 'v1=', 'v1=00', ',', '=', 't=')).map((parts) => parts.join(',')),
    );
    await fc.assert(
      fc.asyncProperty(headers, async (header) => {
        expect(await outcomeOf({ ...genuine, headers: { 'stripe-signature': header } })).toBe(
          'VerificationError',
        );
      }),
    );
  });
});

async function outcomeOf(message: RawMessage): Promise<string> {
  try {
    return JSON.stringify(await receive(message));
  } catch (error) {
    return (error as Error).name;
  }
}
