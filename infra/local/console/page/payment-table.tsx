import { formatAmount } from '../../../../lib/console/page/format.ts';
import type { PaymentRow } from '../rows.ts';
import { ScrollRegion } from './scroll-region.tsx';
import { useText } from './text.ts';

const COLUMNS = ['payment_no', 'merchant', 'amount', 'state', 'role'] as const;

/** The payments that the order has had; nothing while none was begun. */
export function PaymentTable({ payments }: { readonly payments: readonly PaymentRow[] }) {
  const text = useText();
  if (payments.length === 0) return null;
  return (
    <section class="card payments" aria-labelledby="payments-title">
      <h2 id="payments-title">{text('payments')}</h2>
      <ScrollRegion label={text('payments')}>
        <table>
          <thead>
            <tr>
              {COLUMNS.map((column) => (
                <th key={column} scope="col">
                  {text(column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {payments.map(({ payment_no, provider, merchant, amount, currency, ...payment }) => {
              const { state, role, discount, refundable } = payment;
              return (
                <tr key={payment_no} data-payment={payment_no}>
                  <td>
                    <code>{payment_no}</code>
                  </td>
                  <td>
                    {text(provider)} <span class="muted merchant">{merchant}</span>
                  </td>
                  <td class="amount">
                    {formatAmount(amount, currency)}
                    {refundable !== null && refundable !== amount && (
                      <p class="hint">{text('refundable', { amount: formatAmount(refundable, currency) })}</p>
                    )}
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
              );
            })}
          </tbody>
        </table>
      </ScrollRegion>
    </section>
  );
}
