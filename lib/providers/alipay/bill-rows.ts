import { MalformedMessageError } from '../errors.ts';
import { parseBeijingTime } from './beijing-time.ts';
import { readYuan } from './fields.ts';

export interface AlipayBillRow {
  readonly kind: 'payment' | 'refund';
  /** Of the payment; in a row of a refund, of the payment that is returned. */
  readonly payment_no: string;
  readonly transaction_id: string;
  /** In fen, of the payment or of the refund. */
  readonly amount: number;
  readonly currency: 'CNY';
  /** Our number of the refund; null in a row of a payment. */
  readonly refund_no: string | null;
}

const columnNames = {
  transaction_id: '支付宝交易号',
  payment_no: '商户订单号',
  kind: '业务类型',
  goods: '商品名称',
  created_at: '创建时间',
  amount: '订单金额（元）',
  refund_no: '退款批次号/请求号',
} as const;

type Column = keyof typeof columnNames;
type Layout = Readonly<Record<Column, number>> & { readonly size: number };

const kinds: ReadonlyMap<string, AlipayBillRow['kind']> = new Map([
  ['交易', 'payment'],
  ['退款', 'refund'],
]);

const END = /^#-+业务明细列表结束/;

/**
 * The rows of a trade bill's details ("业务明细"): remarks that begin with #, a header, a row for each payment and each
 * refund, and a remark that says that they end, without which some may be missing. A bill without lines has no rows.
 * @throws MalformedMessageError naming the column and the line
 */
export async function* readAlipayTradeBill(lines: AsyncIterable<string>): AsyncGenerator<AlipayBillRow> {
  let layout: Layout | undefined;
  let lineNumber = 0;
  let isComplete = true;
  for await (const line of lines) {
    lineNumber += 1;
    const text = line.trim();
    if (END.test(text)) isComplete = true;
    if (text === '' || text.startsWith('#')) continue;
    if (text.startsWith(`${columnNames.transaction_id},`)) {
      layout = readLayout(text, lineNumber);
      isComplete = false;
    } else if (layout) yield readRow(text.split(','), layout, lineNumber);
    else throw malformed('transaction_id', lineNumber, '之前没有表头');
  }
  if (!isComplete) throw new MalformedMessageError('业务明细列表', '不完整');
}

function readLayout(header: string, lineNumber: number): Layout {
  const names = header.split(',').map((name) => name.trim());
  const find = (column: Column): number => {
    const position = names.indexOf(columnNames[column]);
    if (position === -1) throw malformed(column, lineNumber, '不在表头中');
    return position;
  };
  return {
    size: names.length,
    transaction_id: find('transaction_id'),
    payment_no: find('payment_no'),
    kind: find('kind'),
    goods: find('goods'),
    created_at: find('created_at'),
    amount: find('amount'),
    refund_no: find('refund_no'),
  };
}

function readRow(cells: string[], layout: Layout, lineNumber: number): AlipayBillRow {
  alignCells(cells, layout, lineNumber);
  const get = (column: Column): string => {
    const value = cells[layout[column]]?.trim() ?? '';
    if (value === '') throw malformed(column, lineNumber, '不能为空');
    return value;
  };
  const kind = kinds.get(get('kind'));
  if (!kind) throw malformed('kind', lineNumber, '不受支持');
  return {
    kind,
    payment_no: get('payment_no'),
    transaction_id: get('transaction_id'),
    amount: readAmount(get('amount'), kind, lineNumber),
    currency: 'CNY',
    refund_no: kind === 'refund' ? get('refund_no') : null,
  };
}

/**
 * The name of the goods and the remark at the end are free text, and may hold the separator: the surplus is the name's
 * if only then a time stands where it must.
 */
function alignCells(cells: string[], layout: Layout, lineNumber: number): void {
  const isAligned = () => parseBeijingTime(cells[layout.created_at]?.trim() ?? '') !== null;
  if (cells.length > layout.size && !isAligned()) cells.splice(layout.goods, cells.length - layout.size);
  if (cells.length < layout.size || !isAligned()) throw malformed('created_at', lineNumber, '不在其位');
}

/** What was returned is written below zero. */
function readAmount(text: string, kind: AlipayBillRow['kind'], lineNumber: number): number {
  try {
    return readYuan(kind === 'refund' ? text.replace(/^-/, '') : text, columnNames.amount);
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    throw malformed('amount', lineNumber, error.message);
  }
}

const malformed = (column: Column, lineNumber: number, message: string) =>
  new MalformedMessageError(columnNames[column], `第 ${lineNumber} 行：${message}`);
