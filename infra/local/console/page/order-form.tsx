import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { orderKinds, providers } from '../../../../lib/orders/kinds.ts';
import { createOrder, type OrderDraft } from './create-order.ts';
import { goTo, orderLink } from './route.ts';
import { useText } from './text.ts';

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly children: ComponentChildren;
}

const Field = ({ id, label, children }: FieldProps) => (
  <div class="field">
    <label for={id}>{label}</label>
    {children}
  </div>
);

const EMPTY: OrderDraft = {
  kind: 'mall',
  id: '',
  amount: '19.99',
  points: '0',
  description: '帆布鞋',
  tenant_id: '7',
  provider: 'wechat',
  currency: 'CNY',
};

/** Makes an order through the API, as a shop or a tenant would. */
export function OrderForm({ userId }: { readonly userId: string }) {
  const text = useText();
  const [draft, setDraft] = useState(EMPTY);
  const [error, setError] = useState('');
  const [isBusy, setBusy] = useState(false);
  const bind = (name: keyof OrderDraft) => ({
    id: `field-${name}`,
    name,
    value: draft[name],
    onInput: ({ currentTarget }: { currentTarget: HTMLInputElement | HTMLSelectElement }) =>
      setDraft((before) => ({ ...before, [name]: currentTarget.value })),
  });

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const { order_no, status, message } = await createOrder(draft, userId);
    setBusy(false);
    if (order_no) goTo(orderLink(order_no));
    else setError(status === 0 ? text('no_answer') : text('api_refused', { status, message }));
  };

  return (
    <form onSubmit={submit} autocomplete="off">
      <fieldset class="choices">
        <legend>{text('kind')}</legend>
        {orderKinds.map((kind) => (
          <label key={kind}>
            <input
              type="radio"
              name="kind"
              value={kind}
              checked={draft.kind === kind}
              onChange={() => setDraft((before) => ({ ...before, kind }))}
            />
            <span>{text(kind)}</span>
          </label>
        ))}
      </fieldset>
      {draft.kind === 'tenant' ? (
        <>
          <Field id="field-tenant_id" label={text('tenant_id')}>
            <input {...bind('tenant_id')} inputMode="numeric" required />
          </Field>
          <Field id="field-provider" label={text('provider')}>
            <select {...bind('provider')}>
              {providers.map((provider) => (
                <option key={provider} value={provider}>
                  {text(provider)}
                </option>
              ))}
            </select>
          </Field>
          <div class="pair">
            <Field id="field-amount" label={text('amount')}>
              <input {...bind('amount')} inputMode="decimal" required />
            </Field>
            <Field id="field-currency" label={text('currency')}>
              <input {...bind('currency')} maxLength={3} required />
            </Field>
          </div>
        </>
      ) : (
        <>
          <Field id="field-amount" label={text('amount_yuan')}>
            <input {...bind('amount')} inputMode="decimal" required />
          </Field>
          <Field id="field-description" label={text('description')}>
            <input {...bind('description')} required />
          </Field>
          <div class="pair">
            <Field id="field-points" label={text('points')}>
              <input {...bind('points')} inputMode="numeric" required />
            </Field>
            <Field id="field-id" label={text('order_id')}>
              <input {...bind('id')} inputMode="numeric" />
            </Field>
          </div>
        </>
      )}
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <button type="submit" class="primary" disabled={isBusy}>
        {text(isBusy ? 'creating' : 'create')}
      </button>
    </form>
  );
}
