import type { Provider } from '../../lib/orders/kinds.ts';

/** What can go wrong with a payment, and can be made to: by its word for `npm run trigger`. */
export const troubleNames = [
  ...(['twice', 'hundred', 'late', 'out-of-order', 'closed-first', 'paid-twice'] as const),
  ...(['changed-amount', 'wrong-merchant', 'broken-signature', 'probe-signature', 'drop-answer'] as const),
  ...(['console-refund', 'console-refund-part', 'console-refund-untold'] as const),
  ...(['dispute', 'dispute-won', 'dispute-lost'] as const),
] as const;

export type TroubleName = (typeof troubleNames)[number];

/** The payment that it happens to, as the simulators know it; the amount in smallest units. */
export interface TroubledPayment {
  readonly provider: Provider;
  readonly payment_no: string;
  readonly amount: number;
}

/** One request to the simulators; its path is below `/simulator`. */
export interface TroubleStep {
  readonly path: string;
  readonly body: object;
}

type Recipe = (payment: TroubledPayment) => readonly TroubleStep[];

const pay = ({ provider, payment_no }: TroubledPayment, body: object = {}): TroubleStep => ({
  path: `/payments/${provider}/${payment_no}/pay`,
  body,
});

/** As the merchant does it in the provider's console. */
const refundByConsole = ({ provider, payment_no }: TroubledPayment, body: object): TroubleStep => ({
  path: `/payments/${provider}/${payment_no}/refund`,
  body,
});

/** What the payer's bank does. */
const dispute = ({ provider, payment_no }: TroubledPayment, action: string): TroubleStep => ({
  path: `/disputes/${provider}/${payment_no}/${action}`,
  body: {},
});

const recipes: Readonly<Record<TroubleName, Recipe>> = {
  twice: (payment) => [pay(payment, { times: 2 })],
  hundred: (payment) => [pay(payment, { times: 100, concurrency: 100 })],
  late: (payment) => [pay(payment, { delay_ms: 3_000 })],
  // Alipay never tells of a failure: there the older news is that the trade was closed.
  'out-of-order': (payment) => [
    pay(payment, { messages: ['paid', payment.provider === 'alipay' ? 'closed' : 'failed'] }),
  ],
  // WeChat Pay sends no message about a close, so that a flat body tells of it there.
  'closed-first': (payment) =>
    payment.provider === 'wechat'
      ? [{ path: '/flat/wechat', body: { order_no: payment.payment_no, status: 'CLOSED' } }, pay(payment)]
      : [pay(payment, { messages: ['closed', 'paid'] })],
  // A further transaction under the number that the first one paid.
  'paid-twice': (payment) => [pay(payment), pay(payment, { alter: { transaction: true } })],
  'changed-amount': (payment) => [pay(payment, { alter: { amount: payment.amount + 1 } })],
  'wrong-merchant': (payment) => [pay(payment, { alter: { merchant: true } })],
  'broken-signature': (payment) => [pay(payment, { forge: 'signature' })],
  'probe-signature': (payment) => [pay(payment, { forge: 'probe' })],
  'drop-answer': (payment) => [pay(payment, { drop_answer: true })],
  'console-refund': (payment) => [refundByConsole(payment, {})],
  'console-refund-part': (payment) => [refundByConsole(payment, { amount: Math.ceil(payment.amount / 4) })],
  'console-refund-untold': (payment) => [refundByConsole(payment, { deliver: false })],
  dispute: (payment) => [dispute(payment, 'open'), dispute(payment, 'withdraw')],
  'dispute-won': (payment) => [dispute(payment, 'win'), dispute(payment, 'reinstate')],
  'dispute-lost': (payment) => [dispute(payment, 'lose')],
};

/** What makes it happen to a payment, one request after another. */
export const stepsOf = (name: TroubleName, payment: TroubledPayment): readonly TroubleStep[] =>
  recipes[name](payment);
