import type { BillRow } from '../../orders/provider-gateway.ts';
import { MalformedMessageError } from '../message.ts';

/** Whose bill is meant, and of which day: YYYY-MM-DD in Beijing. */
export interface BillSubject {
  readonly sellerId: string;
  readonly date: string;
}

const ACCOUNT = /^#账号：\[(\d+)0156\]/;
const PERIOD =
  /^#起始日期：\[(\d{4})年(\d\d)月(\d\d)日 00:00:00\]\s*终止日期：\[(\d{4})年(\d\d)月(\d\d)日 00:00:00\]/;

const DAY_MS = 24 * 3_600_000;

/**
 * Whether a remark says that the bill is of this seller (`#账号：[20881011221362410156]`, its number with that of the
 * account) and day (`#起始日期：[2024年05月13日 00:00:00]   终止日期：[2024年05月14日 00:00:00]`). What is in other words says nothing.
 * @returns whether it says the day
 * @throws MalformedMessageError where it is of another
 */
export function checkSubject(remark: string, { sellerId, date }: BillSubject): boolean {
  const account = ACCOUNT.exec(remark)?.[1];
  if (account !== undefined && account !== sellerId)
    throw new MalformedMessageError('账号', { zh: '不是该商户的', en: 'is not that of the merchant' });
  const period = PERIOD.exec(remark);
  if (!period) return false;
  const end = new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10);
  if (period.slice(1).join('-') !== `${date}-${end}`)
    throw new MalformedMessageError('起始日期', {
      zh: '不是所要的日期',
      en: 'is not the day that was asked for',
    });
  return true;
}

const COUNT = /^#(?:交易|退款)合计：(\d+)笔/;

/**
 * Counts rows, and checks them against what the end of the bill says: `#交易合计：6笔，商家实收共0.06元…` and
 * `#退款合计：4笔，…` for ten rows. Only the sum of both is sure: a row that is neither may be in one of them, or in none.
 * What the amounts there add up is documented nowhere, and has had other names (交易金额共).
 */
export function createRowCount() {
  let said: number | null = null;
  let known = 0;
  let rows = 0;
  return {
    countRow({ kind }: BillRow): void {
      rows += 1;
      if (kind !== 'other') known += 1;
    },
    readRemark(remark: string): void {
      const count = COUNT.exec(remark)?.[1];
      if (count !== undefined) said = (said ?? 0) + Number(count);
    },
    /** @throws MalformedMessageError */
    check(): void {
      if (said === null || (known <= said && said <= rows)) return;
      throw new MalformedMessageError('交易合计', {
        zh: `与明细的 ${rows} 行不一致`,
        en: `does not agree with the ${rows} rows of the details`,
      });
    },
  };
}
