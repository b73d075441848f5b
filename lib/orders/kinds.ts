/**
 * The closed lists of the domain, each a constant array from which its type follows: what is told apart by one of these
 * names every member, so that a name that is added here fails the type check wherever a fact about it is missing.
 */

export const providers = ['wechat', 'alipay', 'stripe'] as const;
export type Provider = (typeof providers)[number];

export const shopKinds = ['mall', 'meal'] as const;
export type ShopKind = (typeof shopKinds)[number];

export const orderKinds = [...shopKinds, 'tenant'] as const;
export type OrderKind = (typeof orderKinds)[number];

/** What is owed: `refunding` while some of it is on its way back, `refunded` when all of it has gone back. */
export const orderStatuses = ['pending', 'paid', 'failed', 'closed', 'refunding', 'refunded'] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** The states in which an order takes a payment. */
export const payableStatuses = ['pending', 'failed'] as const satisfies readonly OrderStatus[];

/** What a payment's provider says of it. What that means for its order is the order's; `paid` is final. */
export const paymentStates = ['open', 'failed', 'closed', 'paid'] as const;
export type PaymentState = (typeof paymentStates)[number];

/** Where the payer pays: inside WeChat, on a page of a computer, or on a page of a phone's browser. */
export const scenes = ['jsapi', 'desktop', 'mobile'] as const;
export type Scene = (typeof scenes)[number];

/** How goods reach their buyer: by a courier company, within the city, fetched by the buyer, or not at all. */
export const logisticsTypes = ['courier', 'city', 'pickup', 'virtual'] as const;
export type LogisticsType = (typeof logisticsTypes)[number];

/** Whether the provider knows that goods were sent: not yet, it took it, or it said why it does not. */
export const shippingStates = ['open', 'told', 'refused'] as const;
export type ShippingState = (typeof shippingStates)[number];

export const refundStatuses = ['open', 'succeeded', 'failed'] as const;
export type RefundStatus = (typeof refundStatuses)[number];

/**
 * What an item of its own books: money that went back as we asked; `return`, without our asking; that a bank took back
 * or gave up again in a dispute; what a provider keeps for its service; and, of money in suspense, who has it after all.
 */
export const bookedKinds = ['refund', 'return', 'dispute', 'fee', 'attribution'] as const;
export type BookedKind = (typeof bookedKinds)[number];

/** What an entry books: what an order was paid with, what nobody is known to be owed, or one of the above. */
export const entryKinds = ['payment', 'suspense', ...bookedKinds] as const;
export type EntryKind = (typeof entryKinds)[number];

/** What a bank's dispute of a payment has come to; in the order in which it can go on. */
export const disputeStates = ['open', 'lost', 'won'] as const;
export type DisputeState = (typeof disputeStates)[number];

/**
 * Something genuine that did not fit.
 * `mismatch`: it disagrees with its payment; `paid_after_close`, `paid_twice`: money for an order that takes none;
 * `paid_superseded`: money for a payment that the order has given up; `number_spent`: the number names a payment that
 * was made before ours was begun; `numbers_exhausted`: the order has had all the payments that it can have;
 * `merchant_missing`: a payment or refund of a merchant that is not configured any more; `unknown_refund`: money that
 * went back without our asking; `refund_abnormal`: a refund that the payer's bank refused, and that waits for a person;
 * `refund_failed`: one that was done and sent back, or that failed of money in suspense; `disputed`: the payer's bank
 * takes the payment back; `missing_here`, `missing_there`, `other_amount`: what a provider's bill of a day and the books
 * do not agree on; `unknown_row`: a row of a bill that is not understood; `not_shipped`: a paid order whose provider has
 * not been told that it was sent, and keeps its money for so long.
 */
export const exceptionKinds = [
  'mismatch',
  'paid_after_close',
  'paid_twice',
  'paid_superseded',
  'number_spent',
  'numbers_exhausted',
  'merchant_missing',
  'unknown_refund',
  'refund_abnormal',
  'refund_failed',
  'disputed',
  'missing_here',
  'missing_there',
  'other_amount',
  'unknown_row',
  'not_shipped',
] as const;
export type ExceptionKind = (typeof exceptionKinds)[number];

export const exceptionStates = ['open', 'resolved'] as const;
export type ExceptionState = (typeof exceptionStates)[number];

/**
 * How an exception ends: its money is the order's owner's; it goes back to the payer; it is given up; or there is
 * nothing to do.
 */
export const resolutions = ['attributed', 'returned', 'written_off', 'dismissed'] as const;
export type Resolution = (typeof resolutions)[number];

/**
 * How an exception has ended: as a person said, since the provider was asked to repair its refund, or since it said
 * what had gone back, of which another exception tells.
 */
export const exceptionEnds = [...resolutions, 'repaired', 'named'] as const;

/** What the shop is told of. An order is paid or closed once; what it is about can be told of again in a later version. */
export const eventTypes = [
  'order.paid',
  'order.closed',
  'payment.failed',
  'refund.succeeded',
  'refund.failed',
  'exception.raised',
  'exception.resolved',
  'dispute.opened',
  'dispute.closed',
] as const;
export type EventType = (typeof eventTypes)[number];

/** In which a message and its payment can disagree; `transaction_id`: it is in the books as other money of the order. */
export const comparedFields = [
  'provider',
  'merchant',
  'appid',
  'amount',
  'currency',
  'transaction_id',
] as const;
export type ComparedField = (typeof comparedFields)[number];

export const isOneOf = <T extends string>(names: readonly T[], name: string): name is T =>
  names.some((known) => known === name);
