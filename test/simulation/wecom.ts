import { formatAmount } from '../../lib/money.ts';
import type { Provider } from '../../lib/orders/order.ts';
import { currencyFormat } from '../../lib/providers/currencies.ts';
import type { Item } from './table/expression.ts';
import type { World } from './world.ts';

/** The group robot: what it took, and whether it takes anything. */
export interface Wecom {
  readonly fetch: typeof fetch;
  /** How often each order was announced as paid, and each kind of exception of an order. */
  readonly announced: ReadonlyMap<string, number>;
  isDown: boolean;
}

const MESSAGES_PER_MINUTE = 20;
const LINE = /^> (\S+).*?`([^`]+)` (.*)$/;

export const exceptionLabels: Readonly<Record<string, string>> = {
  mismatch: '信息不符',
  paid_after_close: '关闭后收款',
  paid_twice: '重复收款',
  paid_superseded: '作废单收款',
  unknown_refund: '未知退款',
};

export const paymentLabel = (order_no: string) => `paid ${order_no}`;
export const exceptionLabel = (kind: unknown, order_no: string) => `${kind} ${order_no}`;

export function createWecom(world: World): Wecom {
  const announced = new Map<string, number>();
  const accepted: number[] = [];
  const answer = (errcode: number) => new Response(JSON.stringify({ errcode }));

  const take = (line: string) => {
    const [, title = '', order_no = '', rest = ''] = LINE.exec(line) ?? [];
    if (title === '') return;
    const kind = Object.entries(exceptionLabels).find(([, label]) => title.startsWith(label))?.[0];
    const label = kind ? exceptionLabel(kind, order_no) : paymentLabel(order_no);
    announced.set(label, (announced.get(label) ?? 0) + 1);
    const isTrue = kind ? isRecorded(world, kind, order_no) : isPaid(world, order_no, rest);
    if (!isTrue) world.violate('nothing_invented', order_no, `announced: ${line}`);
  };
  const wecom: Wecom = {
    announced,
    isDown: false,
    async fetch(_address, request) {
      const now = world.scheduler.now();
      if (wecom.isDown) throw new Error('WeCom is down');
      const { markdown } = JSON.parse(String(request?.body)) as { markdown: { content: string } };
      if (Buffer.byteLength(markdown.content) > 4096) return answer(40058);
      if (accepted.filter((time) => time > now - 60_000).length >= MESSAGES_PER_MINUTE) return answer(45009);
      if (world.faults.happens('wecom_refuses')) return answer(-1);
      accepted.push(now);
      markdown.content.split('\n').forEach(take);
      world.log('', `WeCom takes ${markdown.content.split('\n').join(' | ')}`);
      return answer(0);
    },
  };
  return wecom;
}

const isRecorded = ({ table }: World, kind: string, order_no: string): boolean =>
  table
    .items()
    .some(({ pk, sk }) => pk === `ORDER#${order_no}` && String(sk).startsWith(`EXCEPTION#${kind}#`));

function isPaid({ table }: World, order_no: string, line: string): boolean {
  const order = table.get(`ORDER#${order_no}`, 'ORDER');
  return order !== undefined && isPaidStatus(order) && line.startsWith(amountText(order));
}

export const isPaidStatus = ({ status }: Item): boolean =>
  status === 'paid' || status === 'refunding' || status === 'refunded';

function amountText({ provider, amount, currency }: Item): string {
  const format = currencyFormat((provider ?? 'wechat') as Provider, String(currency));
  return format ? `${currency} ${formatAmount(Number(amount), format)}` : '';
}
