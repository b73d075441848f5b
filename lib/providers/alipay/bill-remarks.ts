import type { BillRow } from '../../orders/provider-gateway.ts';
import { MalformedMessageError } from '../message.ts';

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
