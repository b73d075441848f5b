import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import type { Io } from '../../../../lib/io.ts';
import type { Bills } from '../../../../lib/providers/provider.ts';
import { openWechatBills } from '../../../../lib/providers/wechat/bill.ts';
import { downloadWechatTradeBill } from '../../../../lib/providers/wechat/bill-download.ts';
import { createWechatIo, createWechatParty, type WechatAnswer } from '../../../support/wechat.ts';

const party = createWechatParty();
const config = parseWechatDocument(party.document);
const now = Date.parse('2026-11-22T03:00:00Z');
const file = '交易时间,商户订单号\r\n`2026-11-21 10:00:00,`mall-1\r\n';
const sha1 = createHash('sha1').update(file).digest('hex');
const download_url = 'https://api.mch.weixin.qq.com/v3/billdownload/file?token=secret-token';
const bill = { hash_type: 'SHA1', hash_value: sha1, download_url };

const unsigned = { 'wechatpay-signature': undefined, 'wechatpay-serial': undefined };

function arrange(
  answer: WechatAnswer | object = bill,
  download: WechatAnswer | (() => WechatAnswer) = { text: file },
  base = config,
) {
  const requested = 'text' in answer || 'status' in answer ? answer : { text: JSON.stringify(answer) };
  const { io, calls } = createWechatIo(
    party,
    ({ url }) =>
      url.includes('/tradebill?')
        ? requested
        : { headers: unsigned, ...(typeof download === 'function' ? download() : download) },
    now,
  );
  return { calls, io, open: () => downloadWechatTradeBill(base, io, '2026-11-21') };
}

async function read(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

const callError = (message: string) =>
  expect.objectContaining({
    name: 'ProviderCallError',
    provider: 'wechat',
    message: expect.stringContaining(message),
  });

describe('downloadWechatTradeBill', () => {
  it('gives the file, asked for with a signature both times', async () => {
    const { calls, open } = arrange();
    expect(await read(await open())).toBe(file);
    expect(calls.map(({ method, url }) => [method, url])).toEqual([
      ['GET', 'https://api.mch.weixin.qq.com/v3/bill/tradebill?bill_date=2026-11-21&bill_type=ALL'],
      ['GET', download_url],
    ]);
    expect(calls.map(({ headers }) => headers.get('accept'))).toEqual(['application/json', '*/*']);
    for (const { headers } of calls) {
      expect(headers.get('authorization')).toMatch(/^WECHATPAY2-SHA256-RSA2048 mchid="1230000109"/);
    }
  });

  it('takes a hash in capitals', async () => {
    const { open } = arrange({ ...bill, hash_value: sha1.toUpperCase() });
    expect(await read(await open())).toBe(file);
  });

  it.each([
    ['another file', { text: file.replace('mall-1', 'mall-2') }],
    ['a file cut short', { text: file.slice(0, -2) }],
    ['an empty file', { text: '' }],
  ])('throws before the first byte of %s', async (_, download) => {
    const chunks = await arrange(bill, download).open();
    const given: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of chunks) given.push(chunk);
    })();
    await expect(reading).rejects.toThrow(callError('not the one of its hash'));
    expect(given).toEqual([]);
  });

  it('says that a bill is not there yet', async () => {
    const { open } = arrange({ status: 400, text: '{"code":"STATEMENT_CREATING"}' });
    await expect(open()).rejects.toThrow(expect.objectContaining({ name: 'BillNotReadyError' }));
  });

  it('gives nothing for a day without a trade', async () => {
    const { open } = arrange({ status: 400, text: '{"code":"NO_STATEMENT_EXIST"}' });
    expect(await read(await open())).toBe('');
  });

  it.each<[string, WechatAnswer | object, string]>([
    ['is answered by an error', { status: 500, text: '' }, 'HTTP 500'],
    ['is answered by somebody else', { text: JSON.stringify(bill), headers: unsigned }, 'not verified'],
    [
      'does not exist, says somebody else',
      { status: 400, text: '{"code":"NO_STATEMENT_EXIST"}', headers: unsigned },
      'HTTP 400',
    ],
    ['has another kind of hash', { ...bill, hash_type: 'MD5' }, 'hash_type'],
    ['has no hash', { ...bill, hash_value: '' }, 'hash_value'],
    ['has a hash that is no text', { ...bill, hash_value: [sha1] }, 'hash_value'],
    ['has a hash behind something', { ...bill, hash_value: `0${sha1}` }, 'hash_value'],
    ['has a hash before something', { ...bill, hash_value: `${sha1}0` }, 'hash_value'],
    ['has an address that is no text', { ...bill, download_url: [download_url] }, 'download_url'],
    ['has no address', { ...bill, download_url: undefined }, 'download_url'],
    ['lies at no address', { ...bill, download_url: 'file' }, 'download_url'],
    ['lies with somebody else', { ...bill, download_url: 'https://example.com/f?token=x' }, 'download_url'],
    ['lies in the open', { ...bill, download_url: download_url.replace('https', 'http') }, 'download_url'],
    [
      'lies with somebody of a similar name',
      { ...bill, download_url: 'https://api.mch.weixin.qq.com.example.com/f' },
      'download_url',
    ],
  ])('fails when the bill %s', async (_, answer, message) => {
    const { calls, open } = arrange(answer);
    await expect(open()).rejects.toThrow(callError(message));
    expect(calls).toHaveLength(1);
  });

  it('downloads from the backup address too, and for another base address from that alone', async () => {
    const backup = download_url.replace('api.', 'api2.');
    expect(await read(await arrange({ ...bill, download_url: backup }).open())).toBe(file);

    const local = { ...config, baseUrl: 'http://127.0.0.1:3001/wechat' };
    const nearby = 'http://127.0.0.1:3001/wechat/file?token=x';
    expect(await read(await arrange({ ...bill, download_url: nearby }, undefined, local).open())).toBe(file);
    await expect(arrange(bill, undefined, local).open()).rejects.toThrow(callError('download_url'));
  });

  it.each<[string, WechatAnswer | (() => WechatAnswer)]>([
    ['HTTP 404, no file', { status: 404, text: 'gone' }],
    ['HTTP 500, no file', { status: 500, text: 'gone' }],
    ['HTTP 204, no file', { status: 204 }],
    [
      'TimeoutError',
      () => {
        throw new DOMException('no answer for secret-token', 'TimeoutError');
      },
    ],
  ])('fails when the file is answered by %s, without telling its token', async (outcome, download) => {
    const opened = arrange(bill, download).open();
    await expect(opened).rejects.toThrow(callError(`WeChat Pay GET /v3/billdownload/file: ${outcome}`));
    await expect(opened).rejects.not.toThrow(/secret-token/);
  });
});

describe('the bills of a merchant', () => {
  const header =
    '交易时间,公众账号ID,商户号,微信订单号,商户订单号,交易状态,货币种类,微信退款单号,商户退款单号,退款金额,退款状态,商品名称,手续费,总金额';
  const day = `${header}\n\`2026-11-21 10:06:33,\`wx1,\`1230000109,\`4200,\`mall-1,\`SUCCESS,\`CNY,\`0,\`0,\`0,\`,\`咖啡,\`0.1,\`19.99\n总交易单数\n\`1\n`;
  const hash_value = createHash('sha1').update(day).digest('hex');
  const date = '2026-11-21';
  const open = (io: Io) =>
    openWechatBills({ io, publicUrl: 'https://pay.example.com', orderPrefix: 'mall', tenant_id: null })(
      party.document,
    );
  const rowsOf = ({ rows }: Bills, path: string | null) => Array.fromAsync(rows({ date, file: path }));
  const paid = [expect.objectContaining({ kind: 'payment', payment_no: 'mall-1', amount: 1999 })];

  it('are its own, under its name, and are downloaded', async () => {
    const { io, calls } = arrange({ ...bill, hash_value }, { text: day });
    const bills = open(io);
    expect(bills).toMatchObject({ name: config.merchant, former: config.former });
    expect(await rowsOf(bills, null)).toEqual(paid);
    expect(calls).toHaveLength(2);
  });

  it('are read from a file where there is one, and then nobody is asked', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'settle-test-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'bill.csv');
    await writeFile(path, day);
    const { io, calls } = arrange();
    expect(await rowsOf(open(io), path)).toEqual(paid);
    expect(calls).toEqual([]);
  });
});
