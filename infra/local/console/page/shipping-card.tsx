import { useEffect, useState } from 'preact/hooks';
import { type LogisticsType, logisticsTypes } from '../../../../lib/orders/kinds.ts';
import type { OrderRow } from '../rows.ts';
import { useRefusal } from './refusal.ts';
import { callApi, get } from './server.ts';
import { useText } from './text.ts';

/** What WeChat knows of how an order was sent. */
interface KnownShipment {
  readonly logistics_type: number;
  readonly times: number;
  readonly parcels: readonly {
    readonly item_desc?: string;
    readonly express_company?: string;
    readonly tracking_no?: string;
  }[];
}

interface ShippingCardProps {
  readonly order: OrderRow;
  readonly payment_no: string;
  /** Changes whenever there is more to tell. */
  readonly told: number;
}

const EMPTY = {
  ...{ express_company: 'ZTO', tracking_no: '', contact: '' },
  logistics_type: 'courier' as LogisticsType,
};

/** A shop's paid order: tells WeChat that it was sent, and shows what WeChat has heard. */
export function ShippingCard({ order, payment_no, told }: ShippingCardProps) {
  const text = useText();
  const [typed, setTyped] = useState({ ...EMPTY, items: order.description });
  const [known, setKnown] = useState<KnownShipment | null>(null);
  const { refusal, setRefusal, change, attributes } = useRefusal('shipping-refusal');
  const read = async () => {
    const { body } = await get<{ shipment: KnownShipment | null }>(
      `/simulator/weixin/shipments/${encodeURIComponent(payment_no)}`,
    );
    setKnown(body?.shipment ?? null);
  };
  useEffect(() => {
    read();
  }, [payment_no, told]);

  const isByCourier = typed.logistics_type === 'courier';
  const bind = (name: keyof typeof typed) => ({
    id: `shipping-${name}`,
    value: typed[name],
    ...attributes(name),
    onInput: ({ currentTarget }: { currentTarget: HTMLInputElement | HTMLSelectElement }) => {
      setTyped((before) => ({ ...before, [name]: currentTarget.value }));
      change(name);
    },
  });
  const submit = async (event: Event) => {
    event.preventDefault();
    const { logistics_type, items, express_company, tracking_no, contact } = typed;
    const parcel = { express_company, tracking_no, ...(contact !== '' && { contact }) };
    const sent = JSON.stringify({ logistics_type, items, ...(isByCourier && { parcels: [parcel] }) });
    const path = `/v2/orders/${order.order_no.replace('-', '/')}/shipping`;
    const { status, body, fields } = await callApi('PUT', path, 'admin', sent);
    const refused = text('api_refused', { status, message: body?.message ?? '' });
    if (status >= 200 && status < 300) setRefusal(null);
    // A parcel's field is named by its place: `parcels.0.tracking_no`.
    else setRefusal({ message: status === 0 ? text('no_answer') : refused, fields: fields.map(lastName) });
    await read();
  };

  return (
    <section class="card shipping" aria-labelledby="shipping-title">
      <h2 id="shipping-title">{text('shipping')}</h2>
      <p class="hint">{text('ship_hint')}</p>
      <form onSubmit={submit} autocomplete="off">
        <div class="field">
          <label for="shipping-logistics_type">{text('logistics_type')}</label>
          <select {...bind('logistics_type')}>
            {logisticsTypes.map((type) => (
              <option key={type} value={type}>
                {text(type)}
              </option>
            ))}
          </select>
        </div>
        {(isByCourier
          ? (['items', 'express_company', 'tracking_no', 'contact'] as const)
          : (['items'] as const)
        ).map((name) => (
          <div class="field" key={name}>
            <label for={`shipping-${name}`}>{text(name)}</label>
            <input {...bind(name)} required={name !== 'contact'} />
          </div>
        ))}
        <button type="submit">{text('ship')}</button>
      </form>
      {refusal && (
        <p class="error" id="shipping-refusal" role="alert">
          {refusal.message}
        </p>
      )}
      <p class="known" role="status">
        {known ? <Known shipment={known} /> : text('wechat_knows_nothing')}
      </p>
    </section>
  );
}

const lastName = (path: string): string => /[^.[\]]+$/.exec(path)?.[0] ?? path;

function Known({ shipment: { parcels, times } }: { readonly shipment: KnownShipment }) {
  const text = useText();
  const texts = parcels.map(({ item_desc, express_company, tracking_no }) =>
    [item_desc, express_company, tracking_no].filter(Boolean).join(' '),
  );
  return (
    <>
      {text('wechat_knows')}: {texts.join(' / ')} ({text('told_times', { count: times })})
    </>
  );
}
