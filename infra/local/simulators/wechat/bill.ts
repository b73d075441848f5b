import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { beijingTime } from '../beijing-time.ts';
import { type Answer, type Call, json, type Route } from '../http.ts';
import type { Payments } from '../payments.ts';
import type { Fees } from '../provider-simulator.ts';
import { randomText } from '../random.ts';
import type { Refunds } from '../refunds.ts';
import { type Answers, NO_STATEMENT_EXIST, parameterError } from './answers.ts';
import { type BillEntry, tradeBill } from './bill-file.ts';
import type { WechatPayment } from './payment.ts';
import type { WechatRefund } from './refund.ts';

interface Parts {
  readonly payments: Payments<WechatPayment>;
  readonly refunds: Refunds<WechatRefund>;
  readonly fees: Fees;
  readonly answers: Answers;
  readonly consoleUrl: string;
}

/**
 * The trade bill of a day and its file (docs: "申请交易账单", "下载账单"). Unlike at WeChat Pay, where a bill is made in
 * the next morning, today's is there at once, with what has happened so far.
 */
export function billRoutes({ payments, refunds, fees, answers, consoleUrl }: Parts): Route[] {
  const files = new Map<string, string>();

  function request({ query }: Call): Answer {
    const day = query.get('bill_date') ?? '';
    if (!z.iso.date().safeParse(day).success) {
      return answers.refuse(parameterError({ field: '/bill_date', issue: '无效' }));
    }
    if ((query.get('bill_type') ?? 'ALL') !== 'ALL' || query.has('tar_type')) {
      const issue = 'this simulator makes bills of type ALL without compression only';
      return answers.refuse(parameterError({ field: '/bill_type', issue }));
    }
    const file = tradeBill(entriesOf(day), fees);
    if (file === null) return answers.refuse(NO_STATEMENT_EXIST);
    const token = randomText(32);
    files.set(token, file);
    return answers.succeed({
      hash_type: 'SHA1',
      hash_value: createHash('sha1').update(file).digest('hex'),
      download_url: `${consoleUrl}/wechat/v3/billdownload/file?token=${token}`,
    });
  }

  /** A refund counts on the day on which it succeeded. */
  function entriesOf(day: string): BillEntry[] {
    const isOfDay = (time: string | null) =>
      time !== null && beijingTime(Date.parse(time)).startsWith(`${day} `);
    const paid = payments.list().filter(({ paid_at }) => isOfDay(paid_at));
    const returned = refunds
      .list()
      .filter(({ state, decided_at }) => state === 'succeeded' && isOfDay(decided_at));
    return [
      ...paid.map((payment) => ({ payment, refund: null })),
      ...returned.flatMap((refund) => {
        const payment = payments.get(refund.payment_id);
        return payment ? [{ payment, refund }] : [];
      }),
    ];
  }

  /** The one answer that WeChat Pay does not sign: its hash is in the other. */
  function download({ query }: Call): Answer {
    const body = files.get(query.get('token') ?? '');
    if (body === undefined) return json(404, { code: 'NOT_FOUND', message: '账单不存在' });
    return { status: 200, headers: { 'content-type': 'text/plain' }, body };
  }

  return [
    ['GET', /^\/v3\/bill\/tradebill$/, request],
    ['GET', /^\/v3\/billdownload\/file$/, download],
  ];
}
