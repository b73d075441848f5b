import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import type { AlipayConfig } from '../../config/alipay.ts';
import { isHttpsOrLoopback } from '../../config/document.ts';
import type { Io } from '../../io.ts';
import { MalformedMessageError, ProviderCallError } from '../errors.ts';
import { textLines } from '../text-lines.ts';
import { parseBeijingTime, readYuan } from './fields.ts';
import { type AlipayRequest, requestAlipay, unusableAnswer } from './request.ts';

const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
const MAXIMUM_FILE_SIZE = 2 ** 30;

/**
 * The lines of a day's trade bill, `date` as YYYY-MM-DD in Beijing time; none for a day without a trade
 * (alipay.data.dataservice.bill.downloadurl.query). It is there from 9 o'clock of the next day. Its address is good for
 * 30 s and a zip is read from its end: the file is kept aside while the lines are read.
 * @throws ProviderCallError, and MalformedMessageError when the file is no bill
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
  const address = await requestAddress(config, io, request);
  if (address === null) return;
  const folder = await mkdtemp(join(tmpdir(), 'settle-bill-'));
  try {
    const path = join(folder, 'bill.zip');
    await download(io, address, path);
    yield* zippedBillLines(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Null when there was no trade on that day. Alipay may name an address without TLS, which the same host has too. */
async function requestAddress(
  config: AlipayConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  request: AlipayRequest,
): Promise<string | null> {
  let value: unknown;
  try {
    value = (await requestAlipay(config, io, request))['bill_download_url'];
  } catch (error) {
    if (error instanceof ProviderCallError && error.code === 'NO_BILL_DATA') return null;
    throw error;
  }
  if (typeof value !== 'string' || !/^https?:/.test(value) || !URL.canParse(value)) {
    throw unusableAnswer(request, 'bill_download_url');
  }
  return isHttpsOrLoopback(value) ? value : value.replace(/^http:/, 'https:');
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
    const reason = error instanceof Error ? error.name : 'no answer';
    throw new ProviderCallError('alipay', null, `the bill cannot be downloaded: ${reason}`);
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

/** Bit 11 of a zip entry's flags: its name is UTF-8. */
const UTF8_NAME = 0x800;

/**
 * The lines of the trade details in a bill's zip, which holds a file of sums beside them.
 * @throws MalformedMessageError
 */
export async function* zippedBillLines(path: string): AsyncGenerator<string> {
  let zip: ZipFile | undefined;
  let hasDetails = false;
  try {
    zip = await openPromise(path, { decodeStrings: false, autoClose: false });
    for await (const entry of zip.eachEntry()) {
      if (!isDetails(nameOf(entry))) continue;
      hasDetails = true;
      yield* billLines(await zip.openReadStreamPromise(entry));
    }
  } catch {
    throw new MalformedMessageError(null, '账单不是可读的 zip 文件');
  } finally {
    zip?.close();
  }
  if (!hasDetails) throw new MalformedMessageError('业务明细', '不在压缩包中');
}

/** The lines of a bill's CSV, which is GBK. */
export const billLines = (bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> =>
  textLines(bytes, 'gb18030');

const isDetails = (name: string): boolean => name.includes('业务明细') && !name.includes('汇总');

function nameOf({ fileNameRaw, generalPurposeBitFlag }: Entry): string {
  return new TextDecoder(generalPurposeBitFlag & UTF8_NAME ? 'utf-8' : 'gb18030').decode(fileNameRaw);
}

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
