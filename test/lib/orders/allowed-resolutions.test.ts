import { describe, expect, it } from 'vitest';
import { resolutionsOf } from '../../../lib/orders/allowed-resolutions.ts';
import { type ExceptionKind, exceptionKinds } from '../../../lib/orders/kinds.ts';
import { strangerMerchant } from '../../../lib/orders/ledger.ts';
import { merchantNames } from '../../support/orders.ts';

const merchant = merchantNames.wechat;
const stranger = strangerMerchant(merchant, '1900000002');

const everything = ['attributed', 'returned', 'written_off', 'dismissed'];
/** Of what has gone, which nobody can return. */
const borne = ['attributed', 'written_off', 'dismissed'];
const givenUp = ['written_off', 'dismissed'];
const nothing = ['dismissed'];

/** How each can end: one of an order, and one that belongs to none. */
const ends: Readonly<Record<ExceptionKind, readonly [readonly string[], readonly string[]]>> = {
  mismatch: [everything, givenUp],
  paid_after_close: [everything, givenUp],
  paid_twice: [everything, givenUp],
  paid_superseded: [everything, givenUp],
  unknown_refund: [borne, givenUp],
  disputed: [borne, givenUp],
  number_spent: [givenUp, givenUp],
  refund_abnormal: [givenUp, givenUp],
  refund_failed: [borne, givenUp],
  missing_here: [givenUp, givenUp],
  missing_there: [givenUp, givenUp],
  other_amount: [givenUp, givenUp],
  unknown_row: [givenUp, givenUp],
  numbers_exhausted: [nothing, nothing],
  merchant_missing: [nothing, nothing],
  not_shipped: [nothing, nothing],
};

it.each(exceptionKinds)('%s can end so, and without an order, an owner and a payer not otherwise', (kind) => {
  const [ofOrder, ofNone] = ends[kind];
  const about = { kind, merchant, refund_no: null };
  expect(resolutionsOf({ ...about, order_no: 'mall-1' })).toEqual(ofOrder);
  expect(resolutionsOf({ ...about, order_no: null })).toEqual(ofNone);
});

describe('a mismatch', () => {
  it.each<[string, { readonly merchant?: string | null; readonly refund_no?: string }, readonly string[]]>([
    ['of a merchant’s payment can end in every way', {}, everything],
    ['that names no merchant can, too', { merchant: null }, everything],
    ['that names another merchant than its key was of books nothing', { merchant: stranger }, givenUp],
    ['of a refund books nothing', { refund_no: 'mall-1-r1' }, givenUp],
    ['of a dispute that names no merchant books nothing', { refund_no: 'du_1', merchant: null }, givenUp],
  ])('%s', (_, changes, allowed) => {
    const about = { kind: 'mismatch', order_no: 'mall-1', merchant, refund_no: null } as const;
    expect(resolutionsOf({ ...about, ...changes })).toEqual(allowed);
  });
});

it.each(['unknown_refund', 'disputed'] as const)('%s can be borne under whatever names it has', (kind) => {
  const about = { kind, order_no: 'mall-1', merchant: stranger, refund_no: 're_1' };
  expect(resolutionsOf(about)).toEqual(borne);
});
