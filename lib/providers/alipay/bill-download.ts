import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { AlipayConfig } from '../../config/alipay.ts';
import { isHttpsOrLoopback } from '../../config/document.ts';
import { type Io, unansweredReason } from '../../io.ts';
import { BillNotReadyError, throughFile } from '../bill.ts';
import { ProviderCallError } from '../call.ts';
import { zippedBillLines } from './bill-file.ts';
import { alipayFacts } from './facts.ts';
import { type AlipayRequest, requestAlipay, unusableAnswer } from './request.ts';

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
const ABSENT: ReadonlySet<string | undefined> = new Set([
  'BILL_NOT_EXIST',
  'BILL_DATE_BEFORE_REGISTRATION',
  'TYPE_NOT_SUPPORTED',
]);

/** A refusal's code as it is documented: for `BILL_NOT_EXIST` there comes `isp.bill_not_exist`. */
const documentedCode = (error: unknown): string | undefined =>
  error instanceof ProviderCallError ? error.code?.replace(/is[pv]\./, '').toUpperCase() : undefined;

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
