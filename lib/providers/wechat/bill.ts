import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import {
  parseWechatDocument,
  type WechatConfig,
  wechatBackupBaseUrl,
  wechatBaseUrl,
} from '../../config/wechat.ts';
import { type Io, isoTime, unansweredReason } from '../../io.ts';
import { AmountError, parseAmount } from '../../money.ts';
import type { BillRow } from '../../orders/provider-gateway.ts';
import type { Wording } from '../../wording.ts';
import { parseFee, textLines, throughFile, throwNotReady, unknownRow } from '../bill.ts';
import { ProviderCallError } from '../call.ts';
import { MalformedMessageError, wordings } from '../message.ts';
import type { Bills, FromDocument } from '../provider.ts';
import { withPlatformCertificates } from './certificates.ts';
import {
  callFailure,
  fetchSigned,
  requestWechat,
  unusableAnswer,
  type WechatAnswer,
  type WechatRequest,
} from './request.ts';

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
        yield* readWechatTradeBill(textLines(bytes, 'utf-8'));
      },
    };
  };

const downloadTimeout_ms = 10 * 60_000;

/**
 * The trade bill of a day, `date` as YYYY-MM-DD in Beijing time, as the bytes of its CSV; none for a day without a
 * trade (docs: "申请交易账单", "下载账单"). It is there from 10 o'clock of the next day. The file's own answer is not
 * signed: it is kept aside until its hash has proven it; where that differs, the iteration throws before its first byte.
 * @throws ProviderCallError, BillNotReadyError
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
  const bytes = checkHash(await openFile(config, io, url), hash_value.toLowerCase());
  return throughFile((path) => pipeline(bytes, createWriteStream(path)), createReadStream);
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
    throwNotReady(error, ['STATEMENT_CREATING']);
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
    throw callFailure(request, null, unansweredReason(error));
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
  time: ['交易时间'],
  refund_id: ['微信退款单号'],
  refund_status: ['退款状态'],
  fee: ['手续费'],
} as const;

type Column = keyof typeof columnNames;
type Layout = Readonly<Record<Column, number>> & { readonly size: number };

const yuan = { digits: 2, step: 1 };
const countColumn = '总交易单数';

/**
 * The rows of a trade bill of type ALL (docs: "交易账单详细说明"): a header, a row for each payment and each refund, and
 * at the end a header and a row of sums, whose count (`45`, or `45.0`) must be that of the rows. A bill without lines has no rows.
 * @throws MalformedMessageError naming the column and the line
 */
export async function* readWechatTradeBill(lines: AsyncIterable<string>): AsyncGenerator<BillRow> {
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
      // Stryker disable next-line StringLiteral: any text that is no count
      count = '';
    } else if (layout === 'sums') {
      // Stryker disable next-line StringLiteral: what is split has a first part
      count = cells[0] ?? '';
    } else if (layout) {
      yield readRow(cells, layout, lineNumber);
      rows += 1;
    } else throw malformed('交易时间', lineNumber, { zh: '之前没有表头', en: 'comes before a header' });
  }
  if (!/^\d+(\.0+)?$/.test(count) || Number(count) !== rows) {
    throw malformed(countColumn, lineNumber, {
      zh: `与明细的 ${rows} 行不一致`,
      en: `does not agree with the ${rows} rows of the details`,
    });
  }
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
  };
}

/** A refund is in the bill as soon as it is begun, and its row is not written anew. */
const refundFailed: ReadonlyMap<string, boolean> = new Map([
  ['SUCCESS', false],
  ['FAIL', true],
]);

function readRow(cells: string[], layout: Layout, lineNumber: number): BillRow {
  // Only the name of the goods is free text: where it holds the separator itself, the surplus is its own.
  cells.splice(layout.goods, cells.length - layout.size);
  if (cells.length < layout.size)
    throw malformed('商品名称', lineNumber, { zh: '之后的列不完整', en: 'is not followed by all columns' });
  // Stryker disable next-line OptionalChaining,StringLiteral: no column is missing
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
  const getAmount = (column: 'amount' | 'refund_amount') =>
    read(column, get(column), (cell) => parseAmount(cell, yuan));
  const movement = () => {
    const currency = get('currency');
    return {
      payment_no: text('payment_no') || null,
      transaction_id: get('transaction_id'),
      at: parseTime(text('time')),
      currency,
      fee: read('fee', text('fee'), (cell) => parseFee(cell, yuan)),
      fee_currency: currency,
    };
  };
  const state = get('state');
  switch (state) {
    case 'SUCCESS':
      return { kind: 'payment', ...movement(), amount: getAmount('amount') };
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

/** In Beijing; null where it is no such time. */
function parseTime(text: string): string | null {
  const time_ms = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)
    ? Date.parse(`${text.replace(' ', 'T')}+08:00`)
    : Number.NaN;
  return Number.isNaN(time_ms) ? null : isoTime(time_ms);
}

const malformed = (column: string, lineNumber: number, { zh, en }: Wording) =>
  new MalformedMessageError(column, { zh: `第 ${lineNumber} 行：${zh}`, en: `line ${lineNumber}: ${en}` });
