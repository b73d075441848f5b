import type { Wording } from '../../../../lib/wording.ts';
import type { KeptMap } from '../../kept-state.ts';
import type { Call } from '../http.ts';
import {
  BACK,
  type Cashier,
  FAIL,
  GO_BACK,
  isPayable,
  noticeOf,
  PAY,
  type Visit,
  webAddress,
} from '../payer/cashier.ts';
import type { PayerPage } from '../payer/page.ts';
import { randomDigits, randomText } from '../random.ts';
import type { WechatPayment } from './payment.ts';

/** How long a page is good (docs: "H5调起支付"); asking anew gives another of the same payment. */
const LIFE_MS = 5 * 60_000;
const PATH = '/cgi-bin/mmpayweb-bin/checkmweb';

/** Whose payment a page is of. */
interface Page {
  readonly payment_no: string;
  readonly mchid: string;
  readonly until: number;
}

export type H5Pages = ReturnType<typeof createH5Pages>;

/** The pages that open WeChat from a phone's browser, of all merchants. */
export function createH5Pages(pages: KeptMap<Page>, consoleUrl: string, now: () => number) {
  return {
    /** The address of a new page. */
    issue({ payment_no, merchant }: WechatPayment): string {
      const id = `wx${randomDigits(17)}${randomText(17)}`;
      pages.set(id, { payment_no, mchid: merchant, until: now() + LIFE_MS });
      return `${consoleUrl}/wechat${PATH}?prepay_id=${id}&package=${randomDigits(10)}`;
    },
    find(id: string): Page | null {
      const page = pages.get(id);
      return page && page.until > now() ? page : null;
    },
  };
}

export const h5Path = new RegExp(`^${PATH}$`);

/** WeChat as a phone's browser opens it; it leads back to the `redirect_url` that was put behind the page's address. */
export function createH5Cashier(
  pages: Pick<H5Pages, 'find'>,
  visitOf: (mchid: string, payment_no: string) => Visit<WechatPayment> | null,
  now: () => number,
): Cashier<Visit<WechatPayment>> {
  const backOf = ({ query }: Call) => webAddress(query.get('redirect_url'));

  function page(call: Call, payment: WechatPayment | null): PayerPage {
    const address = backOf(call);
    return {
      provider: 'wechat',
      title: { zh: '微信支付', en: 'WeChat Pay' },
      payment,
      back: address === null ? null : { address, wording: BACK },
      hint: address === null ? GO_BACK : null,
    };
  }

  const refused = (call: Call, wording: Wording, payment: WechatPayment | null): PayerPage => ({
    ...page(call, payment),
    status: 400,
    notice: { tone: 'bad', wording },
  });

  return {
    find(call) {
      const known = pages.find(call.query.get('prepay_id') ?? '');
      const visit = known && visitOf(known.mchid, known.payment_no);
      if (!visit) return { refusal: refused(call, OVER, null) };
      const refusal = refusalOf(call, visit.payment);
      return refusal ? { refusal: refused(call, refusal, null) } : visit;
    },
    show({ payment }, call) {
      return {
        ...page(call, payment),
        status: payment.state === 'closed' ? 400 : 200,
        notice: noticeOf(payment, now()),
        form: isPayable(payment) ? { acts: [PAY, FAIL] } : null,
        leadsBack: payment.state === 'paid',
      };
    },
    here: ({ target }) => target,
  };
}

const OVER: Wording = {
  zh: '支付请求已失效，请重新发起支付',
  en: 'This page is good no more: begin the payment again at the shop',
};

/** Who may pay, as WeChat Pay checks it before it opens itself (docs: "H5支付常见问题"). */
function refusalOf(call: Call, payment: WechatPayment): Wording | null {
  const { referer = '', 'user-agent': agent = '' } = call.headers;
  if (referer === '') {
    return {
      zh: '商家参数格式有误，请联系商家解决（没有 Referer：请从商家页面的链接打开）',
      en: 'There is no Referer: open this by a link on the shop’s page',
    };
  }
  if (agent.includes('MicroMessenger')) {
    return { zh: '请在微信外打开订单，进行支付', en: 'Open the order outside WeChat to pay it' };
  }
  if (plainAddress(call.from) !== plainAddress(payment.payer_client_ip ?? '')) {
    return {
      zh: '网络环境未能通过安全验证，请稍后再试',
      en: 'The payment was begun from another network address than this one',
    };
  }
  return null;
}

/** An IPv4 address that a socket shows as one of IPv6 is the same. */
const plainAddress = (address: string): string => address.toLowerCase().replace(/^::ffff:(?=[\d.]+$)/, '');
