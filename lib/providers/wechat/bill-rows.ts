import { AmountError, parseAmount } from '../../money.ts';
import { MalformedMessageError } from '../errors.ts';

export interface WechatBillRow {
  readonly state: 'SUCCESS' | 'REFUND' | 'REVOKED';
  /** Of the payment; in a row of a refund, of the payment that is returned. */
  readonly payment_no: string;
  readonly transaction_id: string;
  /** The payment's total in fen, coupons included, as it was booked; 0 in a row of a refund. */
  readonly amount: number;
  readonly currency: string;
  readonly refund_no: string | null;
  /** What was asked to be returned, in fen; null but in a row of a refund. */
  readonly refund_amount: number | null;
}

/** The columns that are read, by the names that bills have had for them. */
const columnNames = {
  state: ['交易状态'],
  payment_no: ['商户订单号'],
  transaction_id: ['微信订单号'],
  amount: ['订单金额', '总金额'],
  currency: ['货币种类'],
  refund_no: ['商户退款单号'],
  refund_amount: ['申请退款金额', '退款金额'],
  goods: ['商品名称'],
} as const;

type Column = keyof typeof columnNames;
type Layout = Readonly<Record<Column, number>> & { readonly size: number };

const yuan = { digits: 2, step: 1 };
const countColumn = '总交易单数';

/**
 * The rows of a trade bill of type ALL (docs: "交易账单详细说明"): a header, a row for each payment and each refund, and
 * at the end a header and a row of sums, whose count must be that of the rows. A bill without lines has no rows.
 * @throws MalformedMessageError naming the column and the line
 */
export async function* readWechatTradeBill(lines: AsyncIterable<string>): AsyncGenerator<WechatBillRow> {
  let layout: Layout | 'sums' | undefined;
  let rows = 0;
  let count = '0';
  let lineNumber = 0;
  for await (const line of lines) {
    lineNumber += 1;
    const text = line.trim();
    if (text === '') continue;
    const cells = text.slice(1).split(',`');
    if (!text.startsWith('`')) {
      layout = text.startsWith(countColumn) ? 'sums' : readLayout(text, lineNumber);
      count = '';
    } else if (layout === 'sums') {
      count = cells[0] ?? '';
    } else if (layout) {
      yield readRow(cells, layout, lineNumber);
      rows += 1;
    } else throw malformed('交易时间', lineNumber, '之前没有表头');
  }
  if (count !== String(rows)) throw malformed(countColumn, lineNumber, `与明细的 ${rows} 行不一致`);
}

function readLayout(header: string, lineNumber: number): Layout {
  const names = header.split(',').map((name) => name.trim());
  const find = (column: Column): number => {
    const name = columnNames[column].find((candidate) => names.includes(candidate));
    if (name === undefined) throw malformed(columnNames[column][0], lineNumber, '不在表头中');
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
  };
}

function readRow(cells: string[], layout: Layout, lineNumber: number): WechatBillRow {
  // Only the name of the goods is free text: where it holds the separator itself, the surplus is its own.
  if (cells.length > layout.size) cells.splice(layout.goods, cells.length - layout.size);
  if (cells.length < layout.size) throw malformed('商品名称', lineNumber, '之后的列不完整');
  const get = (column: Column): string => {
    const value = cells[layout[column]]?.trim() ?? '';
    if (value === '') throw malformed(columnNames[column][0], lineNumber, '不能为空');
    return value;
  };
  const getAmount = (column: 'amount' | 'refund_amount'): number => {
    try {
      return parseAmount(get(column), yuan);
    } catch (error) {
      if (!(error instanceof AmountError)) throw error;
      throw malformed(columnNames[column][0], lineNumber, error.message);
    }
  };
  const state = get('state');
  if (state !== 'SUCCESS' && state !== 'REFUND' && state !== 'REVOKED') {
    throw malformed('交易状态', lineNumber, '不受支持');
  }
  const isRefund = state === 'REFUND';
  return {
    state,
    payment_no: get('payment_no'),
    transaction_id: get('transaction_id'),
    amount: getAmount('amount'),
    currency: get('currency'),
    refund_no: isRefund ? get('refund_no') : null,
    refund_amount: isRefund ? getAmount('refund_amount') : null,
  };
}

const malformed = (column: string, lineNumber: number, message: string) =>
  new MalformedMessageError(column, `第 ${lineNumber} 行：${message}`);
