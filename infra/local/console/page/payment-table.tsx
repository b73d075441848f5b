import type { PaymentRow } from '../rows.ts';
import { formatAmount } from './format.ts';
import { useText } from './text.ts';

/** The payments that the order has had; nothing while none was begun. */
export function PaymentTable({ payments }: { readonly payments: readonly PaymentRow[] }) {
  const text = useText();
  if (payments.length === 0) return null;
  return (
    <section class="card payments" aria-labelledby="payments-title">
      <h2 id="payments-title">{text('payments')}</h2>
      <div class="table-scroll">
        <table>
          <thead>
            <tr>
              {(['payment_no', 'provider', 'merchant', 'amount', 'state', 'role'] as const).map((column) => (
                <th key={column} scope="col">
                  {text(column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {payments.map(({ payment_no, provider, merchant, amount, currency, state, role, discount }) => (
              <tr key={payment_no} data-payment={payment_no}>
                <td>
                  <code>{payment_no}</code>
                </td>
                <td>{text(provider)}</td>
                <td>{merchant}</td>
                <td class="amount">
                  {formatAmount(amount, currency)}
                  {discount && (
                    <p class="hint">
                      {text('discount', {
                        merchant: formatAmount(discount.merchant, currency),
                        provider: formatAmount(discount.provider, currency),
                      })}
                    </p>
                  )}
                </td>
                <td>
                  <span class={`badge ${state}`}>{text(state)}</span>
                </td>
                <td>{text(role)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
