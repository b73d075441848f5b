import * as z from 'zod/mini';
import { parseJson } from '../http.ts';
import { type Failure, failures } from './failures.ts';

const MAX_PARCELS = 15;
const MAX_ITEM = 120;
const MAX_BYTES = 128;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

const logistics = { courier: 1, city: 2, virtual: 3, pickup: 4 } as const;
export const deliveryModes = { unified: 1, split: 2 } as const;

const optionalText = z.nullish(z.string());

const parcel = z.object({
  tracking_no: optionalText,
  express_company: optionalText,
  item_desc: optionalText,
  contact: z.nullish(z.object({ consignor_contact: optionalText, receiver_contact: optionalText })),
});

const body = z.object({
  order_key: z.object({
    order_number_type: z.number(),
    transaction_id: optionalText,
    mchid: optionalText,
    out_trade_no: optionalText,
  }),
  logistics_type: z.number(),
  delivery_mode: z.nullish(z.number()),
  is_all_delivered: z.nullish(z.boolean()),
  shipping_list: z.array(parcel).check(z.minLength(1)),
  upload_time: z.string(),
  payer: z.object({ openid: z.string() }),
});

export type ShippingParameters = z.infer<typeof body>;
type Parcel = z.infer<typeof parcel>;

/** What is to be told, or what is wrong with it (docs: "发货信息录入接口"). */
export function parseShipping(text: Buffer): ShippingParameters | Failure {
  const { data } = body.safeParse(parseJson(text));
  if (!data) return failures.format;
  return wrongOrder(data) ?? wrongParcels(data) ?? data;
}

function wrongOrder(parameters: ShippingParameters): Failure | undefined {
  const { order_key: key, logistics_type, delivery_mode, is_all_delivered, upload_time } = parameters;
  const isNamed = key.order_number_type === 1 ? key.mchid && key.out_trade_no : key.transaction_id;
  if (![1, 2].includes(key.order_number_type) || !isNamed) return failures.parameter;
  if (!Object.values<number>(logistics).includes(logistics_type)) return failures.logisticsType;
  if (delivery_mode !== deliveryModes.unified && delivery_mode !== deliveryModes.split) return failures.mode;
  if (!RFC3339.test(upload_time) || Number.isNaN(Date.parse(upload_time))) return failures.time;
  if (delivery_mode === deliveryModes.unified) return undefined;
  if (logistics_type !== logistics.courier) return failures.notByCourier;
  return typeof is_all_delivered === 'boolean' ? undefined : failures.allDelivered;
}

function wrongParcels(parameters: ShippingParameters): Failure | undefined {
  const { delivery_mode, shipping_list } = parameters;
  if (shipping_list.length > MAX_PARCELS) return failures.manyParcels;
  if (delivery_mode === deliveryModes.unified && shipping_list.length > 1) return failures.parameter;
  return shipping_list
    .map((one) => wrongParcel(one, parameters.logistics_type))
    .find((failure) => failure !== undefined);
}

function wrongParcel({ item_desc, ...parcel }: Parcel, logistics_type: number): Failure | undefined {
  if (!item_desc) return failures.noItem;
  if ([...item_desc].length > MAX_ITEM) return failures.longItem;
  const { express_company: company, tracking_no: number, contact } = parcel;
  if (Buffer.byteLength(company ?? '') > MAX_BYTES) return failures.longCompany;
  if (Buffer.byteLength(number ?? '') > MAX_BYTES) return failures.longNumber;
  if (logistics_type === logistics.courier && !(company && number)) return failures.parameter;
  const contacts = [contact?.receiver_contact, contact?.consignor_contact].filter((one) => !!one);
  if (company === 'SF' && contacts.length === 0) return failures.parameter;
  return contacts.every((one) => isMasked(one ?? '')) ? undefined : failures.parameter;
}

/** "采用掩码传输，最后 4 位数字不能打掩码": 189****1234, 021-****1234, ****123-8008. */
const isMasked = (contact: string): boolean =>
  /^[+\d*-]{5,1024}$/.test(contact) && contact.includes('*') && /\d(-?\d){3}$/.test(contact);
