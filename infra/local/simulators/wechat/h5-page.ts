import { cashierPage } from '../cashier-page.ts';
import { type Answer, type Call, escapeHtml, html } from '../http.ts';
import type { Payments } from '../payments.ts';
import { randomDigits, randomText } from '../random.ts';
import type { WechatPayment } from './payment.ts';

/** How long a page is good (docs: "H5调起支付"); asking anew gives another of the same payment. */
const LIFE_MS = 5 * 60_000;
const PATH = '/cgi-bin/mmpayweb-bin/checkmweb';

interface Page {
  readonly payment_no: string;
  readonly payments: Payments<WechatPayment>;
  readonly until: number;
}

export type H5Pages = ReturnType<typeof createH5Pages>;

/** The pages that open WeChat from a phone's browser, of all merchants. */
export function createH5Pages(consoleUrl: string, now: () => number) {
  const pages = new Map<string, Page>();

  /** Who may pay, as WeChat Pay checks it before it opens itself (docs: "H5支付常见问题"). */
  function refusalOf(call: Call, payment: WechatPayment | undefined): string | null {
    const { referer = '', 'user-agent': agent = '' } = call.headers;
    if (!payment) return '支付请求已失效，请重新发起支付';
    if (referer === '') return '商家参数格式有误，请联系商家解决';
    if (agent.includes('MicroMessenger')) return '请在微信外打开订单，进行支付';
    if (plainAddress(call.from) !== plainAddress(payment.payer_client_ip ?? '')) {
      return '网络环境未能通过安全验证，请稍后再试';
    }
    return payment.state === 'closed' ? '该订单已关闭' : null;
  }

  return {
    /** The address of a new page. */
    issue(payments: Payments<WechatPayment>, payment_no: string): string {
      const id = `wx${randomDigits(17)}${randomText(17)}`;
      pages.set(id, { payments, payment_no, until: now() + LIFE_MS });
      return `${consoleUrl}/wechat${PATH}?prepay_id=${id}&package=${randomDigits(10)}`;
    },
    path: new RegExp(`^${PATH}$`),
    open(call: Call): Answer {
      const page = pages.get(call.query.get('prepay_id') ?? '');
      const payment = page && page.until > now() ? page.payments.find(page.payment_no) : undefined;
      const refusal = refusalOf(call, payment);
      if (refusal !== null || !payment) return html(400, `<p>${escapeHtml(refusal ?? '')}</p>`);
      const back = call.query.get('redirect_url');
      if (payment.state === 'paid' && back) {
        return { status: 302, headers: { location: encodeURI(back) }, body: '' };
      }
      return cashierPage('微信支付', payment.payment_no, [payment.description, payment.payment_no], back);
    },
  };
}

/** An IPv4 address that a socket shows as one of IPv6 is the same. */
const plainAddress = (address: string): string => address.toLowerCase().replace(/^::ffff:(?=[\d.]+$)/, '');
