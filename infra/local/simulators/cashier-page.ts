import { parsePaymentNumber } from '../../../lib/orders/order-number.ts';
import { type Answer, escapeHtml, html } from './http.ts';

/** A provider's payment page: says what is to be paid, and leads on to the console, where it can be. */
export function cashierPage(title: string, payment_no: string, lines: readonly string[]): Answer {
  const order_no = parsePaymentNumber(payment_no)?.order_no ?? payment_no;
  const link = `/#/orders/${encodeURIComponent(order_no)}`;
  return html(
    200,
    [
      `<meta http-equiv="refresh" content="0;url=${escapeHtml(link)}">`,
      `<h1>${escapeHtml(title)}</h1>`,
      ...lines.map((line) => `<p>${escapeHtml(line)}</p>`),
      `<p><a href="${escapeHtml(link)}">${escapeHtml(payment_no)}</a></p>`,
    ].join('\n'),
  );
}
