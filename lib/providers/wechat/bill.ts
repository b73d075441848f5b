import { createReadStream } from 'node:fs';
import { parseWechatDocument } from '../../config/wechat.ts';
import { isoTime } from '../../io.ts';
import { AmountError, parseAmount } from '../../money.ts';
import type { BillRow, PaymentRow } from '../../orders/provider-gateway.ts';
import type { Wording } from '../../wording.ts';
import { isOnBeijingDay, parseBeijingTime } from '../beijing-time.ts';
import { parseFee, textLines, unknownRow } from '../bill.ts';
import { MalformedMessageError, wordings } from '../message.ts';
import type { Bills, FromDocument } from '../provider.ts';
import { downloadWechatTradeBill } from './bill-download.ts';
import { withPlatformCertificates } from './certificates.ts';

/** The trade bills of a merchant at WeChat Pay. */
export const openWechatBills: FromDocument<Bills> =
  ({ io }) =>
  (document) => {
    const config = withPlatformCertificates(parseWechatDocument(document), io);
    const { merchant: name, former } = config;
    return {
      name,
      former,
      async *rows({ date, file }) {
        const bytes =
          file === null ? await downloadWechatTradeBill(config, io, date) : createReadStream(file);
        yield* readWechatTradeBill(textLines(bytes, 'utf-8'), { mchid: name, date });
      },
    };
  };

/** The columns that are read, by the names that bills have had for them. */
const columnNames = {
  appid: ['公众账号ID'],
  mchid: ['商户号'],
  state: ['交易状态'],
  payment_no: ['商户订单号'],
  transaction_id: ['微信订单号'],
  amount: ['订单金额', '总金额'],
  currency: ['货币种类'],
  refund_no: ['商户退款单号'],
  refund_amount: ['申请退款金额', '退款金额'],
  goods: ['商品名称'],
  time: ['交易时间'],
  refund_id: ['微信退款单号'],
  refund_status: ['退款状态'],
  fee: ['手续费'],
} as const;

type Column = keyof typeof columnNames;
type Layout = Readonly<Record<Column, number>> & { readonly size: number };

const yuan = { digits: 2, step: 1 };
const countColumn = '总交易单数';

/** Whose bill is meant, and of which day: YYYY-MM-DD in Beijing. */
interface BillSubject {
  readonly mchid: string;
  readonly date: string;
}

/**
 * The rows of a trade bill of type ALL (docs: "交易账单详细说明"): a header, a row for each payment and each refund, and
 * at the end a header and a row of sums, whose count (`45`, or `45.0`) must be that of the rows. A bill without lines has no rows.
 * One of another merchant is refused, and one of which no row is on its day: nobody says what is listed at the edges of a day.
 * @throws MalformedMessageError naming the column and the line
 */
export async function* readWechatTradeBill(
  lines: AsyncIterable<string>,
  { mchid, date }: BillSubject,
): AsyncGenerator<BillRow> {
  let layout: Layout | 'sums' | undefined;
  let rows = 0;
  let isOfDay = false;
  let count = '0';
  let lineNumber = 0;
  for await (const line of lines) {
    lineNumber += 1;
    const text = line.trim();
    if (text === '') continue;
    const cells = text.slice(1).split(',`');
    if (!text.startsWith('`')) {
      layout = text.startsWith(countColumn) ? 'sums' : readLayout(text, lineNumber);
      // Stryker disable next-line StringLiteral: any text that is no count
      count = '';
    } else if (layout === 'sums') {
      // Stryker disable next-line StringLiteral: what is split has a first part
      count = cells[0] ?? '';
    } else if (layout) {
      const row = readRow(cells, layout, lineNumber, mchid);
      rows += 1;
      isOfDay ||= isOnBeijingDay(row, date);
      yield row;
    } else throw malformed('交易时间', lineNumber, { zh: '之前没有表头', en: 'comes before a header' });
  }
  if (!/^\d+(\.0+)?$/.test(count) || Number(count) !== rows) {
    throw malformed(countColumn, lineNumber, {
      zh: `与明细的 ${rows} 行不一致`,
      en: `does not agree with the ${rows} rows of the details`,
    });
  }
  if (rows > 0 && !isOfDay)
    throw malformed('交易时间', lineNumber, {
      zh: '没有一行在账单当日',
      en: 'is on the day of the bill in no row',
    });
}

function readLayout(header: string, lineNumber: number): Layout {
  const names = header.split(',').map((name) => name.trim());
  const find = (column: Column): number => {
    const name = columnNames[column].find((candidate) => names.includes(candidate));
    if (name === undefined)
      throw malformed(columnNames[column][0], lineNumber, { zh: '不在表头中', en: 'is not in the header' });
    return names.indexOf(name);
  };
  return {
    size: names.length,
    state: find('state'),
    payment_no: find('payment_no'),
    transaction_id: find('transaction_id'),
    amount: find('amount'),
    currency: find('currency'),
    refund_no: find('refund_no'),
    refund_amount: find('refund_amount'),
    goods: find('goods'),
    time: find('time'),
    refund_id: find('refund_id'),
    refund_status: find('refund_status'),
    fee: find('fee'),
    mchid: find('mchid'),
    // A day is not refused for what only tells more of it.
    appid: names.indexOf(columnNames.appid[0]),
  };
}

/** A refund is in the bill as soon as it is begun, and its row is not written anew. */
const refundFailed: ReadonlyMap<string, boolean> = new Map([
  ['SUCCESS', false],
  ['FAIL', true],
]);

function readRow(cells: string[], layout: Layout, lineNumber: number, mchid: string): BillRow {
  // Only the name of the goods is free text: where it holds the separator itself, the surplus is its own.
  cells.splice(layout.goods, cells.length - layout.size);
  if (cells.length < layout.size)
    throw malformed('商品名称', lineNumber, { zh: '之后的列不完整', en: 'is not followed by all columns' });
  const text = (column: Column): string => cells[layout[column]]?.trim() ?? '';
  const get = (column: Column): string => {
    const value = text(column);
    if (value === '') throw malformed(columnNames[column][0], lineNumber, wordings.empty);
    return value;
  };
  const read = <T>(column: Column, cell: string, parse: (text: string) => T): T => {
    try {
      return parse(cell);
    } catch (error) {
      // Stryker disable next-line ConditionalExpression: nothing else is thrown by what reads amounts
      if (!(error instanceof AmountError)) throw error;
      throw malformed(columnNames[column][0], lineNumber, error.wording);
    }
  };
  if (get('mchid') !== mchid)
    throw malformed(columnNames.mchid[0], lineNumber, {
      zh: '不是该商户的',
      en: 'is not that of the merchant',
    });
  const getAmount = (column: 'amount' | 'refund_amount') =>
    read(column, get(column), (cell) => parseAmount(cell, yuan));
  const movement = () => {
    const currency = get('currency');
    const time_ms = parseBeijingTime(text('time'));
    return {
      payment_no: text('payment_no') || null,
      transaction_id: get('transaction_id'),
      at: time_ms === null ? null : isoTime(time_ms),
      currency,
      fee: read('fee', text('fee'), (cell) => parseFee(cell, yuan)),
      fee_currency: currency,
    };
  };
  const state = get('state');
  switch (state) {
    case 'SUCCESS':
      return { kind: 'payment', ...movement(), ...appidOf(text('appid')), amount: getAmount('amount') };
    case 'REFUND':
      return {
        kind: 'refund',
        ...movement(),
        amount: getAmount('refund_amount'),
        refund_no: get('refund_no'),
        refund_id: get('refund_id'),
        failed: refundFailed.get(text('refund_status')) ?? null,
      };
    case 'REVOKED':
      // It went back to its payer as a whole, without a number.
      return {
        kind: 'refund',
        ...movement(),
        amount: getAmount('amount'),
        refund_no: null,
        refund_id: null,
        failed: false,
      };
    default:
      return unknownRow(state);
  }
}

/** A bill writes `0`, or nothing, where it has none. */
const appidOf = (appid: string): Pick<PaymentRow, 'appid'> =>
  appid === '' || appid === '0' ? {} : { appid };

const malformed = (column: string, lineNumber: number, { zh, en }: Wording) =>
  new MalformedMessageError(column, { zh: `第 ${lineNumber} 行：${zh}`, en: `line ${lineNumber}: ${en}` });
