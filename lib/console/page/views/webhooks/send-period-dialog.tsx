import { useState } from 'preact/hooks';
import type { RedeliveredPeriod } from '../../../../http/responses/webhooks.ts';
import { useApi } from '../../api-client.ts';
import { ActionDialog } from '../../components/action-dialog.tsx';
import { Field } from '../../components/field.tsx';
import { useToast } from '../../components/toast.tsx';
import { dayBounds, formatCount } from '../../format.ts';
import { named, useText } from '../../text.ts';
import { deliveryStates } from './delivery-state.ts';

interface SendPeriodDialogProps {
  readonly tenant_id: string | undefined;
  /** Local days, both included. */
  readonly first: string;
  readonly last: string;
  readonly onClose: () => void;
  readonly onSent: () => void;
}

/** Has all deliveries of a period sent again: those that were given up, unless others are chosen. */
export function SendPeriodDialog({ tenant_id, first, last, onClose, onSent }: SendPeriodDialogProps) {
  const api = useApi();
  const text = useText();
  const say = useToast();
  const [from, setFrom] = useState(first);
  const [to, setTo] = useState(last);
  const [state, setState] = useState('given_up');
  const send = async () => {
    const period = { from: dayBounds(from)?.from ?? from, to: dayBounds(to)?.to ?? to };
    const body = {
      ...period,
      ...(state && { state }),
      ...(tenant_id && { tenant_id: Number(tenant_id) }),
    };
    let count = 0;
    let cursor: string | null = null;
    do {
      const sent: RedeliveredPeriod = await api.send<RedeliveredPeriod>(
        'POST',
        '/api/pay/webhooks/deliveries/redeliver',
        { body: { ...body, ...(cursor && { cursor }) } },
      );
      count += sent.redelivered;
      cursor = sent.cursor;
    } while (cursor !== null);
    say(text('sent_period_again', { number: formatCount(count), count }));
    onSent();
    onClose();
  };
  return (
    <ActionDialog title={text('send_period')} action={text('send_again')} onClose={onClose} onAction={send}>
      <p class="muted">{text('send_period_hint')}</p>
      <Field label={text('from')}>
        {(control) => (
          <input
            {...control}
            type="date"
            required
            value={from}
            onChange={({ currentTarget }) => setFrom(currentTarget.value)}
          />
        )}
      </Field>
      <Field label={text('to')}>
        {(control) => (
          <input
            {...control}
            type="date"
            required
            value={to}
            onChange={({ currentTarget }) => setTo(currentTarget.value)}
          />
        )}
      </Field>
      <Field label={text('send_period_which')}>
        {(control) => (
          <select {...control} value={state} onChange={({ currentTarget }) => setState(currentTarget.value)}>
            {deliveryStates.map((value) => (
              <option key={value} value={value}>
                {named(text, 'delivery', value)}
              </option>
            ))}
            <option value="">{text('all')}</option>
          </select>
        )}
      </Field>
    </ActionDialog>
  );
}
