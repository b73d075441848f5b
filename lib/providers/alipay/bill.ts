import { parseAlipayDocument } from '../../config/alipay.ts';
import { isoTime } from '../../io.ts';
import { AmountError, parseAmount } from '../../money.ts';
import type { BillRow } from '../../orders/provider-gateway.ts';
import type { Wording } from '../../wording.ts';
import { isOnBeijingDay, parseBeijingTime } from '../beijing-time.ts';
import { parseFee, unknownRow } from '../bill.ts';
import { MalformedMessageError, wordings } from '../message.ts';
import type { BillReference, Bills, FromDocument } from '../provider.ts';
import { alignCells, type Columns, columnsOf } from './bill-cells.ts';
import { downloadAlipayTradeBill } from './bill-download.ts';
import { fileLines } from './bill-file.ts';
import { type BillSubject, checkSubject, createRowCount } from './bill-remarks.ts';
import { CNY } from './facts.ts';

/** The trade bills of a seller at Alipay; a file is the zip, or the CSV in it. */
export const openAlipayBills: FromDocument<Bills> =
  ({ io }) =>
  (document) => {
    const config = parseAlipayDocument(document);
    const { merchant: name, former, sellerId } = config;
    const linesOf = ({ date, file }: BillReference) =>
      file === null ? downloadAlipayTradeBill(config, io, date) : fileLines(file);
    return {
      name,
      former,
      rows: (bill) => readAlipayTradeBill(linesOf(bill), { sellerId, date: bill.date }),
    };
  };

const columnNames = {
  transaction_id: '支付宝交易号',
  payment_no: '商户订单号',
  kind: '业务类型',
  created_at: '创建时间',
  amount: '订单金额（元）',
  refund_no: '退款批次号/请求号',
  finished_at: '完成时间',
  fee: '服务费（元）',
} as const;

type Column = keyof typeof columnNames;

interface Layout extends Columns, Readonly<Record<Column, number>> {
  /** The positions of all columns that are read. */
  readonly read: readonly number[];
}

const END = /^#-+业务明细列表结束/;

/**
 * The rows of a trade bill's details ("业务明细"): remarks that begin with #, and lists, each of a header, a row for each
 * payment and each refund, and remarks that say that they end and how many there were, or some may be missing. A bill
 * without lines has no rows. One of another seller or day is refused: what does not say its day is told by its rows.
 * @throws MalformedMessageError naming the column and the line
 */
export async function* readAlipayTradeBill(
  lines: AsyncIterable<string>,
  subject: BillSubject,
): AsyncGenerator<BillRow> {
  const count = createRowCount();
  let open: Layout | undefined;
  let lineNumber = 0;
  let saysDay = false;
  for await (const line of lines) {
    lineNumber += 1;
    const text = line.trim();
    if (END.test(text)) open = undefined;
    if (text.startsWith('#')) {
      count.readRemark(text);
      saysDay = checkSubject(text, subject) || saysDay;
    } else if (text === '') continue;
    else if (text.startsWith(`${columnNames.transaction_id},`)) {
      if (open) throw incomplete();
      open = readLayout(text, lineNumber);
    } else if (open) {
      const row = readRow(text.split(','), open, lineNumber);
      count.countRow(row);
      // When it was created says nothing: a refund has that of its trade.
      if (!saysDay && !isOnBeijingDay(row, subject.date))
        throw malformed('finished_at', lineNumber, {
          zh: '不在账单当日',
          en: 'is not on the day of the bill',
        });
      yield row;
    } else
      throw malformed('transaction_id', lineNumber, {
        zh: '不在表头和结束行之间',
        en: 'is not between a header and its end',
      });
  }
  if (open) throw incomplete();
  count.check();
}

const incomplete = () => new MalformedMessageError('业务明细列表', { zh: '不完整', en: 'is not complete' });

function readLayout(header: string, lineNumber: number): Layout {
  const names = header.split(',').map((name) => name.trim());
  const find = (column: Column): number => {
    const position = names.indexOf(columnNames[column]);
    if (position === -1)
      throw malformed(column, lineNumber, { zh: '不在表头中', en: 'is not in the header' });
    return position;
  };
  const positions = {
    transaction_id: find('transaction_id'),
    payment_no: find('payment_no'),
    kind: find('kind'),
    created_at: find('created_at'),
    amount: find('amount'),
    refund_no: find('refund_no'),
    finished_at: find('finished_at'),
    fee: find('fee'),
  };
  return { ...columnsOf(names), ...positions, read: Object.values(positions) };
}

function readRow(cells: readonly string[], layout: Layout, lineNumber: number): BillRow {
  if (cells.length > layout.size) {
    const aligned = alignCells(
      cells.map((cell) => cell.trim()),
      layout,
      layout.read,
    );
    // Its number comes before any free text.
    return aligned ? readAligned(aligned, layout, lineNumber) : unknownRow(`列不明 ${cells[0]}`);
  }
  if (cells.length < layout.size || parseBeijingTime(cellOf(cells, layout.created_at)) === null)
    throw malformed('created_at', lineNumber, { zh: '不在其位', en: 'is out of place' });
  return readAligned(cells, layout, lineNumber);
}

function readAligned(cells: readonly string[], layout: Layout, lineNumber: number): BillRow {
  const text = (column: Column): string => cellOf(cells, layout[column]);
  const get = (column: Column): string => {
    const value = text(column);
    if (value === '') throw malformed(column, lineNumber, wordings.empty);
    return value;
  };
  const done_ms = parseBeijingTime(text('finished_at'));
  const movement = () => ({
    at: done_ms === null ? null : isoTime(done_ms),
    payment_no: text('payment_no') || null,
    transaction_id: get('transaction_id'),
    currency: 'CNY',
    // What Alipay keeps is written below zero.
    fee: -readMoney('fee', lineNumber, () => parseFee(text('fee'), CNY)) || 0,
    fee_currency: 'CNY',
  });
  const amountOf = (amount: string) => readMoney('amount', lineNumber, () => parseAmount(amount, CNY));
  const kind = get('kind');
  switch (kind) {
    case '交易':
      return { kind: 'payment', ...movement(), amount: amountOf(get('amount')) };
    case '退款': {
      const money = movement();
      const refund_no = text('refund_no') || null;
      return {
        kind: 'refund',
        ...money,
        // Below zero too.
        amount: amountOf(get('amount').replace(/^-/, '')),
        refund_no,
        // Its messages name a refund by this number and no other. One made in the console may have none.
        refund_id: refund_no === null ? `${money.transaction_id}@${text('finished_at')}` : null,
        failed: false,
      };
    }
    default:
      return unknownRow(kind);
  }
}

function cellOf(cells: readonly string[], position: number): string {
  // Stryker disable next-line OptionalChaining,StringLiteral: a row that is aligned has a cell for each column
  return cells[position]?.trim() ?? '';
}

/** @throws MalformedMessageError naming the column and the line */
function readMoney(column: Column, lineNumber: number, read: () => number): number {
  try {
    return read();
  } catch (error) {
    // Stryker disable next-line ConditionalExpression: nothing else is thrown, which its type does not say
    if (!(error instanceof AmountError)) throw error;
    throw malformed(column, lineNumber, error.wording);
  }
}

const malformed = (column: Column, lineNumber: number, { zh, en }: Wording) =>
  new MalformedMessageError(columnNames[column], {
    zh: `第 ${lineNumber} 行：${zh}`,
    en: `line ${lineNumber}: ${en}`,
  });
