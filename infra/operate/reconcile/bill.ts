import { createReadStream } from 'node:fs';
import { parseAlipayDocument } from '../../../lib/config/alipay.ts';
import { createDocumentLoader, type DocumentSource } from '../../../lib/config/documents.ts';
import { parseStripeDocument } from '../../../lib/config/stripe.ts';
import { parseWechatDocument } from '../../../lib/config/wechat.ts';
import type { Io } from '../../../lib/io.ts';
import type { Provider } from '../../../lib/orders/kinds.ts';
import {
  billLines,
  downloadAlipayTradeBill,
  readAlipayTradeBill,
  zippedBillLines,
} from '../../../lib/providers/alipay/bill.ts';
import { textLines } from '../../../lib/providers/text-lines.ts';
import {
  downloadWechatTradeBill,
  readWechatTradeBill,
  type WechatBillRow,
} from '../../../lib/providers/wechat/bill.ts';
import { createPlatformCertificates } from '../../../lib/providers/wechat/certificates.ts';
import type { BillRow } from '../../../lib/reconciliation/bill-row.ts';

export interface BillSource {
  readonly documents: DocumentSource;
  readonly io: Io;
  readonly date: string;
  /** A bill that was downloaded before; null when it is to be downloaded. */
  readonly file: string | null;
}

export interface Bill {
  /** Whose bill it is: that of the stage's document. */
  readonly merchant: string;
  /** Iterating throws what is wrong with the bill. */
  readonly rows: AsyncIterable<BillRow>;
}

/**
 * Each provider's bill, from a file or from the provider.
 * @throws DocumentError, ProviderCallError
 */
export const openBill: Readonly<Record<Provider, (source: BillSource) => Promise<Bill>>> = {
  wechat: openWechatBill,
  alipay: openAlipayBill,
  stripe: openStripeReport,
};

/** The stage's document of this provider. */
const load = <T>({ documents, io }: BillSource, provider: Provider, parse: (document: unknown) => T) =>
  createDocumentLoader(documents, provider, parse, io.now)();

async function openWechatBill(source: BillSource): Promise<Bill> {
  const { io, date, file } = source;
  const withPlatformCertificates = createPlatformCertificates(io);
  const config = await load(source, 'wechat', (document) =>
    withPlatformCertificates(parseWechatDocument(document)),
  );
  const bytes = file === null ? await downloadWechatTradeBill(config, io, date) : createReadStream(file);
  return { merchant: config.mchid, rows: wechatRows(bytes) };
}

async function* wechatRows(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<BillRow> {
  for await (const row of readWechatTradeBill(textLines(bytes, 'utf-8'))) yield fromWechat(row);
}

/** What is revoked went back to its payer without a number of ours. */
function fromWechat(row: WechatBillRow): BillRow {
  const { state, payment_no, transaction_id, amount, currency, refund_no, refund_amount } = row;
  return {
    kind: state === 'SUCCESS' ? 'payment' : 'refund',
    payment_no,
    transaction_id,
    refund_no,
    amount: refund_amount ?? amount,
    currency,
  };
}

async function openAlipayBill(source: BillSource): Promise<Bill> {
  const { io, date, file } = source;
  const config = await load(source, 'alipay', parseAlipayDocument);
  const lines = file === null ? downloadAlipayTradeBill(config, io, date) : alipayFileLines(file);
  return { merchant: config.merchant, rows: readAlipayTradeBill(lines) };
}

const alipayFileLines = (file: string): AsyncIterable<string> =>
  file.toLowerCase().endsWith('.zip') ? zippedBillLines(file) : billLines(createReadStream(file));

/** Stripe's package takes longer to load than all the rest, and much memory. */
async function openStripeReport(source: BillSource): Promise<Bill> {
  const { io, date } = source;
  const config = await load(source, 'stripe', parseStripeDocument);
  const { listStripeTransactions } = await import('../../../lib/providers/stripe/report.ts');
  return { merchant: config.merchant, rows: listStripeTransactions(config, io, date, date) };
}
