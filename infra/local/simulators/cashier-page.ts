import { parsePaymentNumber } from '../../../lib/orders/order-number.ts';
import { type Answer, escapeHtml, html } from './http.ts';

/**
 * A provider's payment page: says what is to be paid, and leads on to the console, where it can be. `back` is where the
 * payer goes from there, where the payment says so.
 */
export function cashierPage(
  title: string,
  payment_no: string,
  lines: readonly string[],
  back: string | null,
): Answer {
  const order_no = parsePaymentNumber(payment_no)?.order_no ?? payment_no;
  const link = `/#/orders/${encodeURIComponent(order_no)}`;
  return html(
    200,
    [
      `<meta http-equiv="refresh" content="0;url=${escapeHtml(link)}">`,
      `<h1>${escapeHtml(title)}</h1>`,
      ...lines.map((line) => `<p>${escapeHtml(line)}</p>`),
      `<p><a href="${escapeHtml(link)}">${escapeHtml(payment_no)}</a></p>`,
      ...(isWebAddress(back)
        ? [`<p><a rel="next" href="${escapeHtml(back)}">${escapeHtml(back)}</a></p>`]
        : []),
    ].join('\n'),
  );
}

const isWebAddress = (address: string | null): address is string => /^https?:\/\//.test(address ?? '');
