import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type OrderKind, orderKinds } from '../../../../lib/orders/kinds.ts';
import { type Hello, providersFor } from '../rows.ts';
import { orderLink } from './address.ts';
import { createOrder, type OrderDraft } from './create-order.ts';
import { useRefusal } from './refusal.ts';
import { goTo } from './route.ts';
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
  scene: 'desktop',
  note: '',
  return_url: '',
  expires_in: '',
};

interface OrderFormProps {
  readonly userId: string;
  readonly payees: Hello['payees'];
}

/** Makes an order through the API, as a shop or a tenant would, where it can be paid. */
export function OrderForm({ userId, payees }: OrderFormProps) {
  const text = useText();
  const [typed, setDraft] = useState(EMPTY);
  const kinds = kindsFor(payees);
  const tenants = payees.flatMap(({ tenant_id }) => (tenant_id === null ? [] : [tenant_id]));
  const offered = providersFor(payees, Number(typed.tenant_id));
  const draft: OrderDraft = {
    ...typed,
    kind: kinds.includes(typed.kind) ? typed.kind : 'tenant',
    provider: offered.find((provider) => provider === typed.provider) ?? offered[0] ?? '',
  };
  const { refusal, setRefusal, change, attributes } = useRefusal('order-refusal');
  const [isBusy, setBusy] = useState(false);
  const bind = (name: keyof OrderDraft) => ({
    id: `field-${name}`,
    name,
    value: draft[name],
    ...attributes(name),
    onInput: ({ currentTarget }: { currentTarget: HTMLInputElement | HTMLSelectElement }) => {
      setDraft((before) => ({ ...before, [name]: currentTarget.value }));
      change(name);
    },
  });

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const { order_no, status, message, fields } = await createOrder(draft, userId);
    setBusy(false);
    if (order_no) goTo(orderLink(order_no));
    else if (status === 0) setRefusal({ message: text('no_answer'), fields: [] });
    else {
      setRefusal({ message: text('api_refused', { status, message }), fields });
      document.getElementById(`field-${fields[0]}`)?.focus();
    }
  };

  return (
    <form onSubmit={submit} autocomplete="off">
      <fieldset class="choices">
        <legend>{text('kind')}</legend>
        {kinds.map((kind) => (
          <label key={kind}>
            <input
              type="radio"
              name="kind"
              value={kind}
              checked={draft.kind === kind}
              onChange={() => {
                setDraft((before) => ({ ...before, kind }));
                setRefusal(null);
              }}
            />
            <span>{text(kind)}</span>
          </label>
        ))}
      </fieldset>
      {draft.kind === 'tenant' ? (
        <>
          <Field id="field-tenant_id" label={text('tenant_id')}>
            <input {...bind('tenant_id')} inputMode="numeric" list="own-tenants" required />
            <datalist id="own-tenants">
              {tenants.map((tenant_id) => (
                <option key={tenant_id} value={tenant_id} />
              ))}
            </datalist>
            <p class="hint">
              {text(tenants.includes(Number(draft.tenant_id)) ? 'paid_to_own' : 'paid_to_stage')}
            </p>
          </Field>
          <Field id="field-provider" label={text('provider')}>
            <select {...bind('provider')}>
              {offered.map((provider) => (
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
          <div class="pair">
            <Field id="field-scene" label={text('scene')}>
              <select {...bind('scene')}>
                {(['desktop', 'mobile'] as const).map((scene) => (
                  <option key={scene} value={scene}>
                    {text(scene)}
                  </option>
                ))}
              </select>
            </Field>
            <Field id="field-expires_in" label={text('expires_in')}>
              <input {...bind('expires_in')} inputMode="numeric" />
            </Field>
          </div>
          <Field id="field-note" label={text('description_optional')}>
            <input {...bind('note')} />
          </Field>
          <Field id="field-return_url" label={text('return_url')}>
            <input {...bind('return_url')} inputMode="url" />
          </Field>
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
      {refusal && (
        <p class="error" id="order-refusal" role="alert">
          {refusal.message}
        </p>
      )}
      <button type="submit" class="primary" disabled={isBusy}>
        {text(isBusy ? 'creating' : 'create')}
      </button>
    </form>
  );
}

/** Shops are paid at WeChat Pay alone. */
const kindsFor = (payees: Hello['payees']): readonly OrderKind[] =>
  providersFor(payees, null).includes('wechat') ? orderKinds : ['tenant'];
