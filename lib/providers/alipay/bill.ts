import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { AlipayConfig } from '../../config/alipay.ts';
import { isHttpsOrLoopback } from '../../config/document.ts';
import type { Io } from '../../io.ts';
import { ProviderCallError } from '../errors.ts';
import { zippedBillLines } from './bill-file.ts';
import { requestAlipay, unusableAnswer } from './request.ts';
import type { AlipayRequest } from './sign.ts';

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
