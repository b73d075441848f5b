import { createHash } from 'node:crypto';
import { type WechatConfig, wechatBackupBaseUrl, wechatBaseUrl } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import { AmountError, parseAmount } from '../../money.ts';
import { MalformedMessageError, ProviderCallError } from '../errors.ts';
import {
  callFailure,
  fetchSigned,
  requestWechat,
  unusableAnswer,
  type WechatAnswer,
  type WechatRequest,
} from './request.ts';

const downloadTimeout_ms = 10 * 60_000;

/**
 * The trade bill of a day, `date` as YYYY-MM-DD in Beijing time, as the bytes of its CSV; none for a day without a
 * trade (docs: "申请交易账单", "下载账单"). It is there from 10 o'clock of the next day. The file's own answer is not
 * signed: what it holds is proven when its end is reached, where the iteration throws if the hash differs.
 * @throws ProviderCallError
 */
export async function downloadWechatTradeBill(
  config: WechatConfig,
  io: Io,
  date: string,
): Promise<AsyncIterable<Uint8Array>> {
  const path = `/v3/bill/tradebill?bill_date=${encodeURIComponent(date)}&bill_type=ALL`;
  const request: WechatRequest = { method: 'GET', path };
  const bill = await requestBill(config, io, request);
  if (!bill) return noBytes();
  const { hash_type, hash_value } = bill;
  if (hash_type !== 'SHA1') throw unusableAnswer(request, 'hash_type');
  if (typeof hash_value !== 'string' || !/^[0-9a-fA-F]{40}$/.test(hash_value)) {
    throw unusableAnswer(request, 'hash_value');
  }
  const url = downloadAddress(config, bill.download_url);
  if (!url) throw unusableAnswer(request, 'download_url');
  return checkHash(await openFile(config, io, url), hash_value.toLowerCase());
}

/** Null when there was no trade on that day. */
async function requestBill(
  config: WechatConfig,
  io: Io,
  request: WechatRequest,
): Promise<WechatAnswer | null> {
  try {
    return (await requestWechat(config, io, request)) ?? {};
  } catch (error) {
    if (error instanceof ProviderCallError && error.code === 'NO_STATEMENT_EXIST') return null;
    throw error;
  }
}

/** What the merchant signs for the download goes to WeChat Pay and nobody else. */
function downloadAddress({ baseUrl }: WechatConfig, value: unknown): URL | null {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  const addresses = baseUrl === wechatBaseUrl ? [wechatBaseUrl, wechatBackupBaseUrl] : [baseUrl];
  return url && addresses.some((address) => new URL(address).origin === url.origin) ? url : null;
}

async function openFile(config: WechatConfig, io: Io, url: URL): Promise<AsyncIterable<Uint8Array>> {
  const signal = AbortSignal.timeout(downloadTimeout_ms);
  // Without the query, which is a token.
  const request: WechatRequest = { method: 'GET', path: url.pathname };
  let response: Response;
  try {
    response = await fetchSigned(config, io, { method: 'GET', url, accept: '*/*', signal });
  } catch (error) {
    throw callFailure(request, null, error instanceof Error ? error.name : 'no answer');
  }
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw callFailure(request, response.status, 'no file');
  }
  return response.body;
}

async function* checkHash(chunks: AsyncIterable<Uint8Array>, expected: string) {
  const hash = createHash('sha1');
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== expected) {
    throw new ProviderCallError('wechat', null, 'WeChat Pay trade bill: the file is not the one of its hash');
  }
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

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
