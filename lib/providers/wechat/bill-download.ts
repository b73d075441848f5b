import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type WechatConfig, wechatBackupBaseUrl, wechatBaseUrl } from '../../config/wechat.ts';
import { type Io, unansweredReason } from '../../io.ts';
import { throughFile, throwNotReady } from '../bill.ts';
import { ProviderCallError } from '../call.ts';
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
