import fc from 'fast-check';
import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { parseStripeDocument } from '../../../../lib/config/stripe.ts';
import type { RawMessage } from '../../../../lib/providers/provider.ts';
import { receiveStripeNotification } from '../../../../lib/providers/stripe/notification.ts';
import { createStripeParty } from '../../../support/stripe.ts';

const { document, signText, signEvent, signFlat, paidEvent } = createStripeParty();
const now = Date.parse('2024-05-13T09:49:22.500Z');
const receive = receiveStripeNotification(parseStripeDocument(document), () => now);
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
  it('is of the stage whose prefix its payment has, and asks nothing of another', () => {
    const receiveAt = (prefix: string, number: string) =>
      receiveStripeNotification(
        parseStripeDocument(document),
        () => now,
        prefix,
      )(signEvent(paidEvent(number, 1999), { at: now }));
    for (const number of ['mall-1', 'x1mall-1', `x1${payment_no}`]) {
      for (const prefix of ['', 'x1', 'x2']) {
        const isOwn = prefix === (number.startsWith('x1') ? 'x1' : '');
        expect(receiveAt(prefix, number)).toEqual(
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
  ])('of a session that is %s', (_name, event, expected) => {
    expect(receiveEvent(event)).toEqual(expected);
  });

  it.each([
    ofType('checkout.session.completed', { payment_status: 'unpaid' }),
    ofType('checkout.session.created'),
    { ...withEvent({ type: 'payment_intent.succeeded' }), data: { object: { object: 'payment_intent' } } },
    { object: 'event', type: 'account.updated' },
    withSession({ client_reference_id: null, metadata: {} }),
    withSession({ client_reference_id: null, metadata: null }),
    withSession({ client_reference_id: 'cart 77 / guest', amount_total: null, payment_status: null }),
    withSession({ client_reference_id: '', metadata: { order_no: payment_no } }),
  ])('that calls for no action or is of no payment of ours: %#', (event) => {
    expect(receiveEvent(event)).toBeNull();
  });

  it('names its payment in the metadata too, and its payment intent expanded', () => {
    expect(
      receiveEvent(
        withSession({ client_reference_id: null, payment_intent: { id: 'pi_9', object: 'payment_intent' } }),
      ),
    ).toEqual({ ...paid, transaction_id: 'pi_9' });
  });

  it('says what it says of amount, currency and account, for the payment to be compared with', () => {
    expect(receiveEvent(withEvent({ livemode: true }))).toEqual({
      ...paid,
      merchant: 'acct_1SettleParty.live',
    });
    expect(receiveEvent(withEvent({ account: 'acct_1SomebodyElse' }))).toEqual({
      ...paid,
      merchant: 'acct_1SomebodyElse.test',
    });
    expect(receiveEvent(withSession({ amount_total: 0, currency: 'jpy' }))).toEqual({
      ...paid,
      amount: 0,
      currency: 'JPY',
    });
  });

  it.each([
    ['type', withEvent({ type: 7 })],
    ['type', withEvent({ type: undefined })],
    ['livemode', withEvent({ livemode: 'false' })],
    ['livemode', withEvent({ livemode: undefined })],
    ['account', withEvent({ account: 7 })],
    ['account', withEvent({ account: 'acct_1.live' })],
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
    ['data.object.currency', withSession({ currency: null })],
    ['data.object.payment_intent', withSession({ payment_intent: 7 })],
    ['data.object.payment_intent', withSession({ payment_intent: {} })],
    ['data.object.payment_intent', withSession({ payment_intent: 'p'.repeat(65) })],
  ])('whose %s is wrong is refused, though signed: %#', (field, event) => {
    expect(() => receiveEvent(event)).toThrow(
      expect.objectContaining({ name: 'MalformedMessageError', field }),
    );
  });
});

describe('an event of a refund', () => {
  const refund = {
    id: 're_1',
    object: 'refund',
    amount: 500,
    currency: 'usd',
    payment_intent: `pi_${payment_no}`,
    metadata: { order_no: payment_no, refund_no: `${payment_no}-r1` },
    status: 'succeeded',
  } satisfies Partial<Stripe.Refund>;
  const charge = {
    id: 'ch_1',
    object: 'charge',
    amount: 1999,
    amount_refunded: 700,
    currency: 'usd',
    metadata: { order_no: payment_no },
    refunded: false,
  } satisfies Partial<Stripe.Charge>;
  const refunded = {
    type: 'refund_succeeded',
    payment_no,
    provider: 'stripe',
    refund_no: `${payment_no}-r1`,
    merchant: 'acct_1SettleParty.test',
    amount: 500,
    currency: 'USD',
    refund_id: 're_1',
  };
  const eventOf = (type: Stripe.Event['type'], object: object, changes: object = {}) => ({
    ...withEvent({ type, ...changes }),
    data: { object },
  });
  const types = ['refund.created', 'refund.updated', 'refund.failed', 'charge.refund.updated'] as const;

  it.each(types)('%s says what became of it', (type) => {
    expect(receiveEvent(eventOf(type, refund))).toEqual(refunded);
    for (const status of ['failed', 'canceled']) {
      expect(receiveEvent(eventOf(type, { ...refund, status }))).toEqual({
        ...refunded,
        type: 'refund_failed',
      });
    }
    for (const status of ['pending', 'requires_action']) {
      expect(receiveEvent(eventOf(type, { ...refund, status }))).toBeNull();
    }
  });

  it('says what it says of account, amount and currency, for the refund to be compared with', () => {
    expect(receiveEvent(eventOf('refund.updated', refund, { livemode: true }))).toMatchObject({
      merchant: 'acct_1SettleParty.live',
    });
    for (const event of [eventOf('refund.updated', refund), eventOf('charge.refunded', charge)]) {
      expect(receiveEvent({ ...event, account: 'acct_1SomebodyElse' })).toMatchObject({
        merchant: 'acct_1SomebodyElse.test',
      });
    }
    const changes = { amount: 0, currency: 'jpy' };
    expect(receiveEvent(eventOf('refund.updated', { ...refund, ...changes }))).toMatchObject({
      amount: 0,
      currency: 'JPY',
    });
  });

  it('has no number when it was not made here', () => {
    expect(
      receiveEvent(eventOf('refund.updated', { ...refund, metadata: { order_no: payment_no } })),
    ).toEqual({
      ...refunded,
      refund_no: null,
    });
  });

  it('names neither refund nor amount when it is about the charge', () => {
    expect(receiveEvent(eventOf('charge.refunded', charge))).toEqual({
      type: 'refund_succeeded',
      payment_no,
      provider: 'stripe',
      refund_no: null,
      merchant: 'acct_1SettleParty.test',
      refund_id: null,
    });
  });

  it.each([{}, null, { order_no: 'cart 77' }, { refund_no: 'r1' }])(
    'of no payment of ours: %j',
    (metadata) => {
      expect(receiveEvent(eventOf('refund.updated', { ...refund, metadata, status: 'maybe' }))).toBeNull();
      expect(receiveEvent(eventOf('charge.refunded', { ...charge, metadata }))).toBeNull();
    },
  );

  it.each([
    ['data.object', 'refund'],
    ['data.object.metadata', { ...refund, metadata: 'order' }],
    ['data.object.metadata.order_no', { ...refund, metadata: { order_no: 7 } }],
    ['data.object.metadata.refund_no', { ...refund, metadata: { order_no: payment_no, refund_no: 'r 1' } }],
    ['data.object.status', { ...refund, status: 'maybe' }],
    ['data.object.status', { ...refund, status: null }],
    ['data.object.amount', { ...refund, amount: '500' }],
    ['data.object.amount', { ...refund, amount: -500 }],
    ['data.object.currency', { ...refund, currency: null }],
    ['data.object.id', { ...refund, id: undefined }],
  ])('whose %s is wrong is refused, though signed: %#', (field, object) => {
    expect(() => receiveEvent({ ...withEvent({ type: 'refund.updated' }), data: { object } })).toThrow(
      expect.objectContaining({ name: 'MalformedMessageError', field }),
    );
  });

  it('whose side of the account is not said is refused', () => {
    const changes = { livemode: undefined };
    for (const event of [
      eventOf('refund.updated', refund, changes),
      eventOf('charge.refunded', charge, changes),
    ]) {
      expect(() => receiveEvent(event)).toThrow(expect.objectContaining({ field: 'livemode' }));
    }
  });
});

describe('a flat body', () => {
  const receiveFlat = (fields: Record<string, string>) => receive(signFlat(fields, { at: now }));

  it('is taken under the same header', () => {
    expect(receiveFlat({ order_no: payment_no, status: 'succeeded', txn_id: 'pi_1' })).toEqual({
      type: 'succeeded',
      payment_no,
      provider: 'stripe',
      merchant: 'acct_1SettleParty.test',
      transaction_id: 'pi_1',
    });
    expect(receiveFlat({ order_no: payment_no, status: 'failed' })).toMatchObject({
      type: 'failed',
      transaction_id: null,
    });
    expect(
      receiveFlat({ order_no: payment_no, status: 'succeeded', amount: '1.230', currency: 'KWD' }),
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
    ['object', `{"object":"v2.core.event","order_no":"${payment_no}","status":"succeeded"}`],
    ['status', `{"order_no":"${payment_no}","status":1}`],
    ['amount', `{"order_no":"${payment_no}","status":"succeeded","currency":"ISK","amount":"1.5"}`],
    [null, '[]'],
    [null, 'null'],
    [null, ''],
    [null, 'order_no=1'],
    [null, '\uFEFF{}'],
    [null, `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`],
    [null, '{"object":"event","__proto__":{}}'],
  ])('with a bad %s is refused, though signed: %s', (field, body) => {
    expect(() => receive(signText(body, { at: now }))).toThrow(
      expect.objectContaining({ name: 'MalformedMessageError', field }),
    );
  });
});

describe('a genuine message, tampered with', () => {
  const genuine = signEvent(paidEvent(payment_no, 1999), { at: now });
  const refused = expect.objectContaining({ name: 'VerificationError' });

  it('is refused without its header, and under the header of another', () => {
    expect(receive(genuine)).toEqual(paid);
    expect(() => receive({ ...genuine, headers: {} })).toThrow(refused);
    const { headers } = signEvent(paidEvent(payment_no, 2999), { at: now });
    expect(() => receive({ ...genuine, headers })).toThrow(refused);
  });

  it('is refused as soon as it is old', () => {
    expect(() => receive(signEvent(paidEvent(payment_no, 1999), { at: now - 301_000 }))).toThrow(refused);
  });

  it('is refused whichever byte is altered', () => {
    fc.assert(
      fc.property(fc.nat(genuine.body.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const body = Buffer.from(genuine.body);
        body[position] = (body[position] ?? 0) ^ change;
        expect(outcomeOf({ ...genuine, body })).toBe('VerificationError');
      }),
    );
  });

  it('any signed bytes at all end in an error of ours', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.json().map((json) => `{"object":"event","type":"checkout.session.completed","data":${json}}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(outcomeOf(signText(text, { at: now }))).toMatch(/^(MalformedMessageError|null)$/);
      }),
    );
  });

  it('any header at all ends in an error of ours', () => {
    const headers = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom('t=1', 'v1=', 'v1=00', ',', '=', 't=')).map((parts) => parts.join(',')),
    );
    fc.assert(
      fc.property(headers, (header) => {
        expect(outcomeOf({ ...genuine, headers: { 'stripe-signature': header } })).toBe('VerificationError');
      }),
    );
  });
});

function outcomeOf(message: RawMessage): string {
  try {
    return JSON.stringify(receive(message));
  } catch (error) {
    return (error as Error).name;
  }
}
