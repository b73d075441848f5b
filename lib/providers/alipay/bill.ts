import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise } from 'yauzl';
import { type AlipayConfig, parseAlipayDocument } from '../../config/alipay.ts';
import { isHttpsOrLoopback } from '../../config/document.ts';
import { type Io, isoTime, unansweredReason } from '../../io.ts';
import { AmountError, parseAmount } from '../../money.ts';
import type { BillRow } from '../../orders/provider-gateway.ts';
import type { Wording } from '../../wording.ts';
import { BillNotReadyError, parseFee, textLines, throughFile, unknownRow } from '../bill.ts';
import { ProviderCallError } from '../call.ts';
import { MalformedMessageError, wordings } from '../message.ts';
import type { BillReference, Bills, FromDocument } from '../provider.ts';
import { alignCells, type Columns, columnsOf } from './bill-cells.ts';
import { type BillSubject, checkSubject, createRowCount, isOnDay } from './bill-remarks.ts';
import { alipayFacts, CNY } from './facts.ts';
import { parseBeijingTime } from './fields.ts';
import { type AlipayRequest, requestAlipay, unusableAnswer } from './request.ts';

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

const fileLines = (file: string): AsyncIterable<string> =>
  file.toLowerCase().endsWith('.zip') ? zippedBillLines(file) : billLines(createReadStream(file));

const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
const MAXIMUM_FILE_SIZE = 2 ** 30;

/**
 * The lines of a day's trade bill, `date` as YYYY-MM-DD in Beijing time; none for a day without a trade
 * (alipay.data.dataservice.bill.downloadurl.query). It is there from 9 o'clock of the next day. Its address is good for
 * 30 s and a zip is read from its end: the file is kept aside while the lines are read.
 * @throws ProviderCallError, BillNotReadyError, and MalformedMessageError when the file is no bill
 */
export async function* downloadAlipayTradeBill(
  config: AlipayConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  date: string,
): AsyncGenerator<string> {
  const request = {
    method: 'alipay.data.dataservice.bill.downloadurl.query',
    bizContent: { bill_type: 'trade', bill_date: date },
  };
  const address = await requestAddress(config, io, request, date);
  if (address === null) return;
  yield* throughFile((path) => download(io, address, path), zippedBillLines);
}

/**
 * A bill that does not exist is not made yet, or never will be for a day without a trade: a day after it should have
 * been there, it is the latter. What is in the books of such a day is then missing in the bill.
 */
const NOT_MADE_AFTER_MS = (24 + alipayFacts.bill.ready_h - alipayFacts.bill.utcOffset_h + 24) * 3_600_000;

/**
 * What is said where there is no bill. The last one is said of a seller without a product that is paid with, and of one
 * that has had no trade by it yet: what its books have of such a day is as missing as on any other.
 */
const ABSENT: ReadonlySet<string> = new Set([
  'BILL_NOT_EXIST',
  'BILL_DATE_BEFORE_REGISTRATION',
  'TYPE_NOT_SUPPORTED',
]);

/** A refusal's code as it is documented: for `BILL_NOT_EXIST` there comes `isp.bill_not_exist`. */
const documentedCode = (error: unknown): string =>
  error instanceof ProviderCallError ? (error.code ?? '').replace(/^is[pv]\./, '').toUpperCase() : '';

/** Null when there was no trade on that day. Alipay may name an address without TLS, which the same host has too. */
async function requestAddress(
  config: AlipayConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  request: AlipayRequest,
  date: string,
): Promise<string | null> {
  let value: unknown;
  try {
    value = (await requestAlipay(config, io, request))['bill_download_url'];
  } catch (error) {
    const code = documentedCode(error);
    const isOver = io.now() >= Date.parse(date) + NOT_MADE_AFTER_MS;
    if (code === 'NO_BILL_DATA' || (isOver && ABSENT.has(code))) return null;
    throw ABSENT.has(code) ? new BillNotReadyError('alipay', { cause: error }) : error;
  }
  if (typeof value !== 'string' || !/^https?:/.test(value) || !URL.canParse(value)) {
    throw unusableAnswer(request, 'bill_download_url');
  }
  return isHttpsOrLoopback(value) ? value : value.replace('http:', 'https:');
}

async function download(io: Pick<Io, 'fetch'>, address: string, path: string): Promise<void> {
  try {
    const response = await io.fetch(address, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (response.status !== 200 || !response.body) {
      await response.body?.cancel();
      throw new ProviderCallError('alipay', response.status, 'the bill cannot be downloaded');
    }
    await pipeline(response.body, bounded, createWriteStream(path));
  } catch (error) {
    if (error instanceof ProviderCallError) throw error;
    throw new ProviderCallError('alipay', null, `the bill cannot be downloaded: ${unansweredReason(error)}`);
  }
}

async function* bounded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAXIMUM_FILE_SIZE) throw new ProviderCallError('alipay', 200, 'the bill is too large');
    yield chunk;
  }
}

/** What a bill's text may unpack to: rows of numbers shrink to a tenth or so, a file that is made to grow to a thousandth. */
const LARGEST_GROWTH = 200;
const LARGEST_TEXT = 2 ** 32;

/** Bit 11 of a zip entry's flags: its name is UTF-8. */
const UTF8_NAME = 0x800;

/**
 * The lines of the trade details in a bill's zip, which holds a file of sums beside them. Each file is as large as the
 * zip's directory says, and of the same checksum, or refused while it is read.
 * @throws MalformedMessageError
 */
async function* zippedBillLines(path: string): AsyncGenerator<string> {
  let hasDetails = false;
  try {
    let mayUnpack = Math.min((await stat(path)).size * LARGEST_GROWTH, LARGEST_TEXT);
    // Closed when its entries have been gone through, or are gone through no further.
    const zip = await openPromise(path, { decodeStrings: false });
    for await (const entry of zip.eachEntry()) {
      if (!isDetails(nameOf(entry))) continue;
      hasDetails = true;
      mayUnpack -= entry.uncompressedSize;
      if (mayUnpack < 0)
        throw new MalformedMessageError(null, { zh: '压缩包解压后过大', en: 'is too large when unpacked' });
      yield* billLines(checked(await zip.openReadStreamPromise(entry), entry));
    }
  } catch (error) {
    if (error instanceof MalformedMessageError) throw error;
    throw new MalformedMessageError(null, { zh: '账单不是可读的 zip 文件', en: 'is no readable zip file' });
  }
  if (!hasDetails)
    throw new MalformedMessageError('业务明细', { zh: '不在压缩包中', en: 'is not in the zip file' });
}

/** The bytes of an entry, which yauzl does not hold to their checksum. */
async function* checked(bytes: AsyncIterable<Uint8Array>, entry: Entry): AsyncGenerator<Uint8Array> {
  let checksum = 0;
  for await (const chunk of bytes) {
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (checksum !== entry.crc32) throw new Error('the file is not the one of its checksum');
}

/** The lines of a bill's CSV, which is GBK. */
export const billLines = (bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> =>
  textLines(bytes, 'gb18030');

const isDetails = (name: string): boolean => name.includes('业务明细') && !name.includes('汇总');

function nameOf({ fileNameRaw, generalPurposeBitFlag }: Entry): string {
  return new TextDecoder(generalPurposeBitFlag & UTF8_NAME ? 'utf-8' : 'gb18030').decode(fileNameRaw);
}

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
      if (!saysDay && !isOnDay(row, subject))
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
  // Stryker disable next-line StringLiteral: a row that is aligned has a cell for each column
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
