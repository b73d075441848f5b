import { createHmac } from 'node:crypto';
import type { Provider } from '../../lib/orders/kinds.ts';
import type { Payment } from '../../lib/orders/payment.ts';
import type { AlipayParty } from './alipay.ts';
import type { StageMessage } from './stage-functions.ts';
import type { StripeParty } from './stripe.ts';
import type { WechatParty } from './wechat.ts';

/**
 * Every form in which a provider can tell a merchant of a payment, made with the merchant's keys. `signer` is whose keys
 * make it, `named` whom it names: the same where the provider sent it.
 */

export interface PartyOf {
  readonly wechat: WechatParty;
  readonly alipay: AlipayParty;
  readonly stripe: StripeParty;
}

export interface Form<P extends Provider = Provider> {
  readonly name: string;
  /** Whether it tells of a refund of a payment that is paid. */
  readonly isOfRefund: boolean;
  /** Whether the message itself names its merchant. A flat body does not. */
  readonly namesMerchant: boolean;
  readonly make: (signer: PartyOf[P], named: PartyOf[P], payment: Told) => StageMessage;
}

type Told = Pick<Payment, 'payment_no' | 'order_no' | 'amount' | 'currency'>;

/** What a refund returns, in smallest units. */
export const REFUNDED = 400;

const yuan = (amount: number) => (amount / 100).toFixed(2);

function flat(key: string, fields: Readonly<Record<string, string>>): StageMessage {
  const text = Object.keys(fields)
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
  const sig = createHmac('sha256', key).update(text).digest('hex');
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...fields, sig }) };
}

const flatFields = ({ payment_no, amount, currency }: Told, status: string) => ({
  order_no: payment_no,
  status,
  amount: yuan(amount),
  currency,
  txn_id: `flat-${payment_no}`,
});

const wechatFlat = (status: string): Form<'wechat'> => ({
  name: `flat ${status}`,
  isOfRefund: false,
  namesMerchant: false,
  make: (signer, _named, told) => flat(signer.document.callback_keys[0] ?? '', flatFields(told, status)),
});

const wechatTransaction = (name: string, changes: object): Form<'wechat'> => ({
  name,
  isOfRefund: false,
  namesMerchant: true,
  make: (signer, named, { payment_no, amount }) =>
    signer.signNotification(named.transaction(payment_no, amount, changes)),
});

const wechatRefund = (name: string, refundOf: (told: Told) => string): Form<'wechat'> => ({
  name,
  isOfRefund: true,
  namesMerchant: true,
  make: (signer, named, told) =>
    signer.signNotification(named.refundNotice(told.payment_no, refundOf(told), REFUNDED, told.amount), {
      eventType: 'REFUND.SUCCESS',
    }),
});

const alipayFlat = (status: string): Form<'alipay'> => ({
  name: `flat ${status}`,
  isOfRefund: false,
  namesMerchant: false,
  make: (signer, _named, told) => flat(signer.document.callback_keys[0] ?? '', flatFields(told, status)),
});

const alipayTrade = (
  name: string,
  changes: (told: Told) => Readonly<Record<string, string>>,
): Form<'alipay'> => ({
  name,
  isOfRefund: name.includes('refund'),
  namesMerchant: true,
  make: (signer, named, told) =>
    signer.signNotification(named.trade(told.payment_no, yuan(told.amount), changes(told))),
});

const alipayRefund = { gmt_refund: '2024-05-14 10:00:00.000', refund_fee: yuan(REFUNDED) };

const stripeFlat = (status: string): Form<'stripe'> => ({
  name: `flat ${status}`,
  isOfRefund: false,
  namesMerchant: false,
  make: (signer, _named, told) => signer.signFlat(flatFields(told, status)),
});

const stripeSession = (name: string, type: string, changes: object): Form<'stripe'> => ({
  name,
  isOfRefund: false,
  namesMerchant: false,
  make: (signer, _named, { payment_no, amount }) =>
    signer.signEvent(
      signer.sessionEvent(type, {
        client_reference_id: payment_no,
        metadata: { order_no: payment_no },
        amount_total: amount,
        currency: 'usd',
        payment_intent: `pi_${payment_no}`,
        ...changes,
      }),
    ),
});

const stripeRefund = (name: string, metadata: (told: Told) => object): Form<'stripe'> => ({
  name,
  isOfRefund: true,
  namesMerchant: false,
  make: (signer, _named, told) =>
    signer.signEvent({
      ...signer.sessionEvent('refund.updated', {}),
      data: {
        object: {
          id: `re_${told.payment_no}`,
          object: 'refund',
          amount: REFUNDED,
          currency: 'usd',
          status: 'succeeded',
          payment_intent: `pi_${told.payment_no}`,
          metadata: { order_no: told.payment_no, ...metadata(told) },
        },
      },
    }),
});

/** The number of the refund that the order's first is. */
const ours = ({ order_no }: Told) => `${order_no}-r1`;

export const forms: { readonly [P in Provider]: readonly Form<P>[] } = {
  wechat: [
    wechatTransaction('success', {}),
    wechatTransaction('failure', { trade_state: 'PAYERROR' }),
    wechatTransaction('closing', { trade_state: 'CLOSED' }),
    wechatRefund('refund', ours),
    wechatRefund('refund in the console', () => 'console-1'),
    wechatFlat('SUCCESS'),
    wechatFlat('PAYERROR'),
    wechatFlat('CLOSED'),
  ],
  alipay: [
    alipayTrade('success', () => ({})),
    alipayTrade('closing', () => ({ trade_status: 'TRADE_CLOSED' })),
    alipayTrade('refund', (told) => ({ ...alipayRefund, out_biz_no: ours(told) })),
    // What went back in all: more than was asked for.
    alipayTrade('refund in the console', () => ({ ...alipayRefund, refund_fee: yuan(2 * REFUNDED) })),
    alipayFlat('TRADE_SUCCESS'),
    alipayFlat('failed'),
    alipayFlat('TRADE_CLOSED'),
  ],
  stripe: [
    stripeSession('success', 'checkout.session.completed', { payment_status: 'paid', status: 'complete' }),
    stripeSession('failure', 'checkout.session.async_payment_failed', { payment_status: 'unpaid' }),
    stripeSession('closing', 'checkout.session.expired', { payment_status: 'unpaid', status: 'expired' }),
    stripeRefund('refund', (told) => ({ refund_no: ours(told) })),
    stripeRefund('refund in the console', () => ({})),
    stripeFlat('succeeded'),
    stripeFlat('failed'),
  ],
};
