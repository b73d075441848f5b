import { useState } from 'preact/hooks';
import type { ShippingState } from '../../../../http/responses/orders.ts';
import { type LogisticsType, logisticsTypes } from '../../../../orders/kinds.ts';
import { ApiFailure, useApi } from '../../api-client.ts';
import { ActionDialog } from '../../components/action-dialog.tsx';
import { Field } from '../../components/field.tsx';
import { useToast } from '../../components/toast.tsx';
import { named, useText } from '../../text.ts';
import type { OrderDialogProps } from './close-dialog.tsx';

/** Says that a shop order was sent, which its provider wants to know before it pays the money out. */
export function ShipDialog({ order, onClose, onDone }: OrderDialogProps) {
  const text = useText();
  const api = useApi();
  const say = useToast();
  const [type, setType] = useState<LogisticsType>('courier');
  const [fields, setFields] = useState({
    items: order.description,
    express_company: '',
    tracking_no: '',
    contact: '',
  });
  const [faults, setFaults] = useState<readonly string[]>([]);

  const send = async () => {
    const { items, express_company, tracking_no, contact } = fields;
    const parcel = { express_company, tracking_no, ...(contact && { contact }) };
    const body = { logistics_type: type, items, ...(type === 'courier' && { parcels: [parcel] }) };
    setFaults([]);
    try {
      const { state } = await api.send<ShippingState>('PUT', shippingPath(order), { body });
      say(text(state === 'told' ? 'ship_told' : 'ship_kept'));
      onDone();
    } catch (error) {
      if (error instanceof ApiFailure) setFaults(error.fields);
      throw error;
    }
  };
  const isAtFault = (name: string) => faults.some((field) => field.split('.').at(-1) === name);
  const input = (name: keyof typeof fields, required: boolean) => (
    <Field
      label={text(`ship_${name}`)}
      hint={name === 'items' ? undefined : text(`ship_${name}_hint`)}
      error={isAtFault(name) ? text('ship_fault') : undefined}
    >
      {(control) => (
        <input
          {...control}
          autocomplete="off"
          required={required}
          value={fields[name]}
          onInput={({ currentTarget }) => setFields({ ...fields, [name]: currentTarget.value })}
        />
      )}
    </Field>
  );

  return (
    <ActionDialog
      title={text('ship_this', { order_no: order.order_no })}
      action={text('ship_do')}
      onClose={onClose}
      onAction={send}
    >
      <p class="muted">{text('ship_means')}</p>
      <Field label={text('ship_type')}>
        {(control) => (
          <select
            {...control}
            value={type}
            onChange={({ currentTarget }) =>
              setType(logisticsTypes.find((name) => name === currentTarget.value) ?? 'courier')
            }
          >
            {logisticsTypes.map((name) => (
              <option key={name} value={name}>
                {named(text, 'logistics', name)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {input('items', true)}
      {type === 'courier' && (
        <>
          {input('express_company', true)}
          {input('tracking_no', true)}
          {input('contact', false)}
        </>
      )}
    </ActionDialog>
  );
}

/** A shop order's number ends in its own: `mall-12` is at `/v2/orders/mall/12`. */
function shippingPath({ kind, order_no }: OrderDialogProps['order']): string {
  const id = order_no.slice(order_no.lastIndexOf('-') + 1);
  return `/v2/orders/${kind}/${id}/shipping`;
}
