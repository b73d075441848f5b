import { createReadStream } from 'node:fs';
import { parseAlipayDocument } from '../../lib/config/alipay.ts';
import { createDocumentLoader, type DocumentSource } from '../../lib/config/documents.ts';
import { parseStripeDocument } from '../../lib/config/stripe.ts';
import type { Io } from '../../lib/io.ts';
import type { Provider } from '../../lib/orders/order.ts';
import { downloadAlipayTradeBill } from '../../lib/providers/alipay/bill.ts';
import { billLines, zippedBillLines } from '../../lib/providers/alipay/bill-file.ts';
import { readAlipayTradeBill } from '../../lib/providers/alipay/bill-rows.ts';
import { textLines } from '../../lib/providers/text-lines.ts';
import { downloadWechatTradeBill } from '../../lib/providers/wechat/bill.ts';
import { readWechatTradeBill, type WechatBillRow } from '../../lib/providers/wechat/bill-rows.ts';
import { createWechatLoader } from '../../lib/providers/wechat/loader.ts';
import type { BillRow } from '../../lib/reconciliation/bill-row.ts';

export interface BillSource {
  /** The configuration document that a download needs. */
  readonly documents: DocumentSource;
  readonly io: Io;
  readonly date: string;
  readonly file: string | null;
}

/** The rows of each provider's bill, from a file or from the provider. Iterating throws what is wrong with it. */
export const openBill: Readonly<Record<Provider, (source: BillSource) => AsyncGenerator<BillRow>>> = {
  wechat: openWechatBill,
  alipay: openAlipayBill,
  stripe: openStripeReport,
};

async function* openWechatBill({ documents, io, date, file }: BillSource): AsyncGenerator<BillRow> {
  const bytes =
    file === null
      ? await downloadWechatTradeBill(await createWechatLoader(documents, io, (config) => config)(), io, date)
      : createReadStream(file);
  for await (const row of readWechatTradeBill(textLines(bytes, 'utf-8'))) yield fromWechat(row);
}

/** What is revoked went back to its payer without a number of ours. */
function fromWechat(row: WechatBillRow): BillRow {
  const { state, order_no, transaction_id, amount, currency, refund_no, refund_amount } = row;
  return {
    kind: state === 'SUCCESS' ? 'payment' : 'refund',
    order_no,
    transaction_id,
    refund_no,
    amount: refund_amount ?? amount,
    currency,
  };
}

async function* openAlipayBill({ documents, io, date, file }: BillSource): AsyncGenerator<BillRow> {
  yield* readAlipayTradeBill(
    file === null
      ? downloadAlipayTradeBill(
          await createDocumentLoader(documents, 'alipay', parseAlipayDocument)(),
          io,
          date,
        )
      : alipayFileLines(file),
  );
}

const alipayFileLines = (file: string): AsyncIterable<string> =>
  file.toLowerCase().endsWith('.zip') ? zippedBillLines(file) : billLines(createReadStream(file));

/** Stripe's package takes longer to load than all the rest, and much memory. */
async function* openStripeReport({ documents, io, date }: BillSource): AsyncGenerator<BillRow> {
  const config = await createDocumentLoader(documents, 'stripe', parseStripeDocument)();
  const { listStripeTransactions } = await import('../../lib/providers/stripe/report.ts');
  yield* listStripeTransactions(config, io, date, date);
}
