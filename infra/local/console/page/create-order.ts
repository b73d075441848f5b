import type { OrderKind, Scene } from '../../../../lib/orders/kinds.ts';
import type { OrderRow } from '../rows.ts';
import { callApi } from './server.ts';

/** What the form holds: each field as it was typed. */
export interface OrderDraft {
  readonly kind: OrderKind;
  readonly id: string;
  readonly amount: string;
  readonly points: string;
  readonly description: string;
  readonly tenant_id: string;
  readonly provider: string;
  readonly currency: string;
  readonly scene: Extract<Scene, 'desktop' | 'mobile'>;
  readonly note: string;
  readonly return_url: string;
  readonly expires_in: string;
}

export interface Created {
  /** Null when the API refused. */
  readonly order_no: string | null;
  readonly status: number;
  readonly message: string;
  /** Which of the form's fields the API names as being at fault. */
  readonly fields: readonly string[];
}

/** Of whoever looks at this page: WeChat Pay takes a phone’s payment from no other. */
const PAYER_ADDRESS = '127.0.0.1';

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o';

export async function createOrder(draft: OrderDraft, user_id: string): Promise<Created> {
  const { status, body, fields } = await (draft.kind === 'tenant'
    ? checkOut(draft)
    : handOver(draft, user_id));
  const order_no = body?.data?.['order_no'];
  return {
    order_no: status < 300 && typeof order_no === 'string' ? order_no : null,
    status,
    message: body?.message ?? body?.msg ?? '',
    fields: fields.map((field) => (draft.kind === 'tenant' && field === 'description' ? 'note' : field)),
  };
}

function checkOut({ tenant_id, provider, amount, currency, scene, note, ...draft }: OrderDraft) {
  const { return_url, expires_in } = draft;
  const body = object({
    tenant_id: number(tenant_id),
    provider: quote(provider),
    amount: number(amount),
    currency: quote(currency),
    scene: quote(scene),
    ...(provider === 'wechat' && scene === 'mobile' && { payer_client_ip: quote(PAYER_ADDRESS) }),
    ...(note !== '' && { description: quote(note) }),
    ...(return_url !== '' && { return_url: quote(return_url) }),
    ...(expires_in !== '' && { expires_in: number(expires_in) }),
  });
  return callApi('POST', '/api/pay/checkout', 'admin', body);
}

type ShopDraft = Pick<OrderDraft, 'kind' | 'id' | 'amount' | 'points' | 'description'>;

function handOver({ kind, id, amount, points, description }: ShopDraft, user_id: string) {
  const isFree = /^0*\.?0*$/.test(amount.trim());
  const body = object({
    user_id: quote(user_id),
    ...(!isFree && { openid: quote(OPENID) }),
    amount: number(amount),
    points: number(points),
    description: quote(description),
  });
  return callApi('PUT', `/v2/orders/${kind}/${encodeURIComponent(id.trim() || newId())}`, 'admin', body);
}

/** Hands a shop's order over again, for a yuan more. */
export const changeAmount = ({ order_no, kind, amount, description }: OrderRow, user_id: string) =>
  handOver(
    {
      kind,
      id: order_no.slice(order_no.lastIndexOf('-') + 1),
      amount: (Number(amount) + 1).toFixed(2),
      points: '0',
      description,
    },
    user_id,
  );

/** Another one every time, with no look-up. */
const newId = (): string => String(Date.now());

/** JSON by hand, so that a number goes out digit for digit as it was typed. What is no number is the API's to refuse. */
const object = (fields: Readonly<Record<string, string>>): string =>
  `{${Object.entries(fields)
    .map(([name, value]) => `${quote(name)}:${value}`)
    .join(',')}}`;
const quote = (text: string): string => JSON.stringify(text);
const number = (text: string): string =>
  /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text.trim()) ? text.trim() : quote(text.trim());
