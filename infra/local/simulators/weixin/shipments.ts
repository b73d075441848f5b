import type { KeptMap } from '../../kept-state.ts';
import type { Payments } from '../payments.ts';
import type { WechatPayment } from '../wechat/payment.ts';
import { type Failure, failures, isFailure } from './failures.ts';
import { deliveryModes, parseShipping, type ShippingParameters } from './shipping-parameters.ts';

/** What WeChat knows of how an order was sent. */
export interface Shipment {
  readonly mchid: string;
  readonly payment_no: string;
  readonly logistics_type: number;
  readonly delivery_mode: number;
  readonly parcels: ShippingParameters['shipping_list'];
  /** Whether all of it was sent, and its payer is told so. */
  readonly is_complete: boolean;
  /** How often it was told, each correction and each further parcel. */
  readonly times: number;
  readonly corrected: boolean;
  readonly upload_time: string;
}

export interface Shipments {
  /** Null for what it takes. */
  upload(body: Buffer, appid: string): Failure | null;
  list(): readonly Shipment[];
}

/** The orders that were sent of all merchants, whose payments these are (docs: "小程序发货信息管理服务"). */
export function createShipments(
  known: KeptMap<Shipment>,
  merchants: readonly Payments<WechatPayment>[],
  isKnownYet: (paid_at: string) => boolean,
): Shipments {
  /** Only what was paid in the app itself, inside WeChat. */
  function findPayment({ order_key: key }: ShippingParameters, appid: string): WechatPayment | undefined {
    const payment = merchants
      .map((payments) =>
        key.order_number_type === 1
          ? payments.find(key.out_trade_no ?? '')
          : payments.list().find(({ transaction_id }) => transaction_id === key.transaction_id),
      )
      .find((found) => found && (key.order_number_type === 2 || found.merchant === key.mchid));
    const isOfApp = payment?.state === 'paid' && payment.trade_type === 'JSAPI' && payment.appid === appid;
    return isOfApp && isKnownYet(payment.paid_at ?? payment.created_at) ? payment : undefined;
  }

  function upload(body: Buffer, appid: string): Failure | null {
    const parameters = parseShipping(body);
    if (isFailure(parameters)) return parameters;
    const payment = findPayment(parameters, appid);
    if (!payment) return failures.noOrder;
    if (payment.openid !== parameters.payer.openid) return failures.openid;
    const before = known.get(nameOf(payment));
    const next = after(before, payment, parameters);
    if (isFailure(next)) return next;
    known.set(nameOf(payment), next);
    return null;
  }

  return { upload, list: () => [...known.values()] };
}

const nameOf = ({ merchant, payment_no }: WechatPayment): string => `${merchant}/${payment_no}`;

/**
 * What was told of as sent whole can be corrected once. Parcels can be added to one that is sent in parts, until it is
 * said to be whole.
 */
function after(
  before: Shipment | undefined,
  { merchant: mchid, payment_no }: WechatPayment,
  parameters: ShippingParameters,
): Shipment | Failure {
  const { logistics_type, delivery_mode, is_all_delivered, shipping_list, upload_time } = parameters;
  const mode = delivery_mode ?? deliveryModes.unified;
  const told = {
    ...{ mchid, payment_no, logistics_type, upload_time, delivery_mode: mode },
    is_complete: mode === deliveryModes.unified || is_all_delivered === true,
  };
  if (!before) return { ...told, parcels: shipping_list, times: 1, corrected: false };
  const times = before.times + 1;
  const next = { ...told, parcels: shipping_list, times, corrected: true };
  if (contentOf(next) === contentOf(before)) return failures.unchanged;
  // What changes it has to be later than what it changes.
  if (Date.parse(before.upload_time) >= Date.parse(upload_time)) return failures.parameter;
  const isFurther =
    !before.is_complete && before.delivery_mode === mode && before.logistics_type === logistics_type;
  if (isFurther) {
    return { ...told, parcels: [...before.parcels, ...shipping_list], times, corrected: before.corrected };
  }
  return before.corrected ? failures.correctedBefore : next;
}

const contentOf = ({ logistics_type, delivery_mode, parcels, is_complete }: Shipment): string =>
  JSON.stringify([logistics_type, delivery_mode, parcels, is_complete]);
