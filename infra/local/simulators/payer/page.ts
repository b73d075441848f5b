import { type Language, preferredLanguage } from '../../../../lib/http/language.ts';
import type { Provider } from '../../../../lib/orders/kinds.ts';
import { parsePaymentNumber } from '../../../../lib/orders/order-number.ts';
import type { Wording } from '../../../../lib/wording.ts';
import { type Answer, type Call, escapeHtml } from '../http.ts';
import type { Payment } from '../payments.ts';
import { displayedAmount } from './displayed-amount.ts';
import { refreshTo } from './refresh.ts';
import { STYLES_ADDRESS } from './styles.ts';

/** Something that the page says before all else. */
export interface Notice {
  readonly tone: 'good' | 'bad';
  readonly wording: Wording;
  /** The provider's own word for it. */
  readonly code?: string;
}

/** One thing that the payer can do, by the name under which its form says so. */
export interface Act {
  readonly name: string;
  readonly wording: Wording;
}

export interface PayerPage {
  readonly provider: Provider;
  readonly title: Wording;
  readonly status?: number;
  readonly notice?: Notice | null;
  /** What is to be paid; null where the address means no payment. */
  readonly payment: Payment | null;
  readonly form?: {
    /** Where it goes; to the page's own address by default. */
    readonly action?: string;
    /** The first pays. */
    readonly acts: readonly Act[];
  } | null;
  /** Where the payer goes without paying, or afterwards. */
  readonly back?: { readonly address: string; readonly wording: Wording } | null;
  /** Whether the page leads there at once, by itself. */
  readonly leadsBack?: boolean;
  readonly hint?: Wording | null;
}

const NAMES: Readonly<Record<Provider, Wording>> = {
  wechat: { zh: '微信支付', en: 'WeChat Pay' },
  alipay: { zh: '支付宝', en: 'Alipay' },
  stripe: { zh: 'Stripe', en: 'Stripe' },
};

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const TAG: Readonly<Record<Language, string>> = { zh: 'zh-CN', en: 'en' };

/** What a provider shows to a payer, in the language that the payer's browser prefers. */
export function payerPage(page: PayerPage, call: Call): Answer {
  const language = preferredLanguage(call.headers['accept-language']);
  const { provider, title, status = 200, notice, payment, form, back, hint, leadsBack = false } = page;
  const text = (wording: Wording) => escapeHtml(wording[language]);
  const amount = payment && escapeHtml(displayedAmount(payment, language));
  const lines = [
    '<!doctype html>',
    `<html lang="${TAG[language]}">`,
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${amount === null ? '' : `${amount} · `}${text(title)}</title>`,
    '<link rel="icon" href="data:,">',
    `<link rel="stylesheet" href="${STYLES_ADDRESS}">`,
    '</head>',
    `<body class="${provider}">`,
    `<header><p>${text(simulatorOf(provider))}</p></header>`,
    '<main>',
    `<h1>${text(title)}</h1>`,
    ...(notice ? [noticeOf(notice, text)] : []),
    ...(amount === null ? [] : [`<p class="amount">${amount}</p>`]),
    ...(payment ? factsOf(payment, language) : []),
    ...(form ? formOf(form, text, amount ?? '') : []),
    ...(back ? [`<p class="back"><a href="${escapeHtml(back.address)}">${text(back.wording)}</a></p>`] : []),
    ...(hint ? [`<p class="hint">${text(hint)}</p>`] : []),
    '</main>',
    footerOf(payment, text),
    '</body>',
    '</html>',
    '',
  ];
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-language': TAG[language],
      'content-security-policy': CONTENT_SECURITY_POLICY,
      // No redirect: a browser holds those that answer a form to `form-action`, and the shop's own behind it.
      ...(leadsBack && back && { refresh: refreshTo(back.address) }),
      // The page's own form says where it comes from; nobody else is told an address that pays.
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
      vary: 'accept-language',
      'x-content-type-options': 'nosniff',
    },
    body: lines.join('\n'),
  };
}

const simulatorOf = (provider: Provider): Wording => ({
  zh: `${NAMES[provider].zh}（模拟）：不涉及真实的钱`,
  en: `Simulated ${NAMES[provider].en}: no money moves`,
});

function footerOf(payment: Payment | null, text: (wording: Wording) => string): string {
  const [address, name] = payment
    ? [laboratoryAddress(payment), { zh: '在实验室中查看该订单', en: 'See the order in the laboratory' }]
    : ['/', { zh: '去实验室', en: 'To the laboratory' }];
  return `<footer><p><a href="${escapeHtml(address)}">${text(name)}</a></p></footer>`;
}

function noticeOf({ tone, wording, code }: Notice, text: (wording: Wording) => string): string {
  const said = code === undefined ? text(wording) : `${text(wording)} <code>${escapeHtml(code)}</code>`;
  return `<p class="notice ${tone}" role="${tone === 'bad' ? 'alert' : 'status'}">${said}</p>`;
}

function factsOf(payment: Payment, language: Language): string[] {
  const { description, merchant, payment_no, expires_at, state } = payment;
  const fact = (name: Wording, value: string) =>
    `<div><dt>${escapeHtml(name[language])}</dt><dd>${value}</dd></div>`;
  return [
    '<dl>',
    fact({ zh: '商品', en: 'For' }, escapeHtml(description)),
    fact({ zh: '收款商户', en: 'Paid to' }, escapeHtml(merchant).replaceAll('.', '.<wbr>')),
    fact({ zh: '单号', en: 'Number' }, escapeHtml(payment_no)),
    ...(expires_at === null || state === 'paid'
      ? []
      : [fact({ zh: '付款截止', en: 'Pay before' }, timeOf(expires_at, language))]),
    '</dl>',
  ];
}

/** In the time zone of this machine, which is the payer's too. */
function timeOf(time: string, language: Language): string {
  const format = new Intl.DateTimeFormat(TAG[language], { dateStyle: 'medium', timeStyle: 'medium' });
  return `<time datetime="${escapeHtml(time)}">${escapeHtml(format.format(new Date(time)))}</time>`;
}

function formOf(
  { action, acts: [pays, ...others] }: NonNullable<PayerPage['form']>,
  text: (wording: Wording) => string,
  amount: string,
): string[] {
  const button = ({ name, wording }: Act, more: string, after: string) =>
    `<button name="act" value="${escapeHtml(name)}"${more}>${text(wording)}${after}</button>`;
  return [
    `<form method="post"${action === undefined ? '' : ` action="${escapeHtml(action)}"`}>`,
    ...(pays ? [button(pays, ' class="primary"', ` ${amount}`)] : []),
    ...others.map((act) => button(act, '', '')),
    '</form>',
  ];
}

/** Where the laboratory shows the order that is paid. */
export function laboratoryAddress({ payment_no }: Payment): string {
  const order_no = parsePaymentNumber(payment_no)?.order_no ?? payment_no;
  return `/#/orders/${encodeURIComponent(order_no)}`;
}
