import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { parseAlipayDocument } from '../../../../lib/config/alipay.ts';
import { systemIo } from '../../../../lib/io.ts';
import {
  billLines,
  downloadAlipayTradeBill,
  readAlipayTradeBill,
} from '../../../../lib/providers/alipay/bill.ts';
import { createAlipayParty, encodeGbk } from '../../../support/alipay.ts';
import {
  type LoopbackServer,
  type ServerAnswer,
  startLoopbackServer,
} from '../../../support/loopback-server.ts';
import { zipOf } from '../../../support/zip.ts';

const { document, signAnswer } = createAlipayParty();
const METHOD = 'alipay.data.dataservice.bill.downloadurl.query';

const header =
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注';
const end = '#-----------------------------------------业务明细列表结束------------------------------------';
interface Cells {
  kind?: string;
  goods?: string;
  amount?: string;
  refund?: string;
  remark?: string;
  created?: string;
}
const row = ({
  kind = '交易',
  goods = '租户订单',
  amount = '88.88',
  refund = '',
  remark = '',
  ...rest
}: Cells) =>
  `2024051322001498491428765432\t,p1\t,${kind},${goods},${rest.created ?? '2024-05-13 17:49:10'},2024-05-13 17:49:21,,,,,abc***@example.com,${amount},${amount},0.00,0.00,0.00,0.00,0.00,,0.00,0.00,${refund},-0.53,0.00,${remark}`;
const billOf = (rows: readonly string[], ending = [end, '#交易合计：1笔，商家实收共88.88元']) =>
  ['#支付宝业务明细查询', '#账号：[20881011221362410156]', header, ...rows, ...ending].join('\r\n');

const payment = {
  kind: 'payment',
  payment_no: 'p1',
  transaction_id: '2024051322001498491428765432',
  amount: 8888,
  currency: 'CNY',
  at: '2024-05-13T09:49:21.000Z',
  // 0.53 yuan, in thousandths of a cent.
  fee: 53_000,
  fee_currency: 'CNY',
};
const read = (text: string) => Array.fromAsync(readAlipayTradeBill(billLines(chunked(encodeGbk(text)))));

/** Three bytes at a time, so that characters and lines are cut. */
async function* chunked(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 3) yield bytes.subarray(start, start + 3);
}

describe('readAlipayTradeBill', () => {
  it('gives payments, and refunds without their sign', async () => {
    const rows = [row({}), row({ kind: '退款', amount: '-10.50', refund: 'p1-r1\t' })];
    expect(await read(billOf(rows))).toEqual([
      payment,
      { ...payment, kind: 'refund', amount: 1050, refund_no: 'p1-r1', refund_id: null, failed: false },
    ]);
  });

  it('names a refund that has no number by its transaction and time', async () => {
    expect(await read(billOf([row({ kind: '退款', amount: '-10.50' })]))).toMatchObject([
      { refund_no: null, refund_id: expect.stringMatching(/^[0-9]+@20[0-9: -]+$/) },
    ]);
  });

  it('finds its columns by their names', async () => {
    const moved = (line: string) => {
      const [first, ...others] = line.split(',');
      return [first, ...others.reverse()].join(',');
    };
    expect(await read(billOf([moved(row({}))]).replace(header, moved(header)))).toEqual([payment]);
  });

  it('takes a comma in the name of the goods or in the remark for theirs', async () => {
    const rows = [
      row({ goods: '苹果,梨,2024-05-13 17:49:10' }),
      row({ remark: '一,二' }),
      row({ goods: ',' }),
    ];
    expect(await read(billOf(rows))).toEqual([payment, payment, payment]);
  });

  it('names rows of other kinds, and takes what Alipay gives back of its fee for that', async () => {
    const rows = [
      row({ kind: '转账' }),
      row({}).replace('-0.53', '0.53'),
      row({}).replace('\t,p1\t,', '\t,\t,'),
    ];
    expect(await read(billOf(rows))).toEqual([
      { kind: 'other', name: '转账', understood: false },
      { ...payment, fee: -53_000 },
      { ...payment, payment_no: null },
    ]);
  });

  it('has no rows on a day without trades', async () => {
    expect(await read(billOf([]))).toEqual([]);
    expect(await read('')).toEqual([]);
  });

  it.each([
    ['业务明细列表', billOf([row({})], [])],
    ['支付宝交易号', row({})],
    ['订单金额（元）', billOf([]).replaceAll('订单金额（元）', '金额')],
    ['创建时间', billOf(['1,p1,交易'])],
    ['创建时间', billOf([row({ created: '昨天' })])],
    ['业务类型', billOf([row({ kind: '' })])],
    ['订单金额（元）', billOf([row({ amount: '-88.88' })])],
    ['订单金额（元）', billOf([row({ amount: '88.888' })])],
  ])('refuses a bill whose %s is wrong: %#', async (field, text) => {
    await expect(read(text)).rejects.toEqual(
      expect.objectContaining({ name: 'MalformedMessageError', field }),
    );
  });
});

describe('downloadAlipayTradeBill', () => {
  const details = { name: encodeGbk('20881_20240513_业务明细.csv'), content: encodeGbk(billOf([row({})])) };
  const sums = { name: encodeGbk('20881_20240513_业务明细(汇总).csv'), content: encodeGbk('#汇总') };
  const zip = zipOf([sums, details]);
  const callError = (status: number | null) =>
    expect.objectContaining({ name: 'ProviderCallError', provider: 'alipay', status });

  const folder = mkdtempSync(join(tmpdir(), 'bill-test-'));
  vi.stubEnv('TMPDIR', folder);
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  let server: LoopbackServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
    expect(readdirSync(folder)).toEqual([]);
  });

  /** Downloads from an Alipay that names this address, by default its own, with this file. */
  async function start(
    file: ServerAnswer,
    fields?: Readonly<Record<string, unknown>>,
    now: () => number = systemIo.now,
  ) {
    server = await startLoopbackServer(({ path }) =>
      path === '/bill.zip'
        ? file
        : {
            body: signAnswer(
              METHOD,
              fields ?? { code: '10000', bill_download_url: `${server?.baseUrl}/bill.zip?fileId=1` },
            ),
          },
    );
    const config = parseAlipayDocument({ ...document, gateway_url: `${server.baseUrl}/gateway.do` });
    return downloadAlipayTradeBill(config, { ...systemIo, now }, '2024-05-13');
  }

  it('gives the lines of the details, whatever else is in the zip', async () => {
    expect(await Array.fromAsync(readAlipayTradeBill(await start({ body: zip })))).toEqual([payment]);
    const [asked, fetched] = server?.calls ?? [];
    expect(asked?.query.get('method')).toBe(METHOD);
    expect(JSON.parse(asked?.form.get('biz_content') ?? '')).toEqual({
      bill_type: 'trade',
      bill_date: '2024-05-13',
    });
    expect(fetched?.query.get('fileId')).toBe('1');
  });

  it('reads names in UTF-8 as well', async () => {
    const utf8 = zipOf([{ ...details, name: Buffer.from('业务明细.csv') }]);
    for (const start of [utf8.indexOf('PK\x03\x04') + 6, utf8.indexOf('PK\x01\x02') + 8]) {
      utf8.writeUInt16LE(0x0808, start);
    }
    expect(await Array.fromAsync(readAlipayTradeBill(await start({ body: utf8 })))).toEqual([payment]);
  });

  it('leaves nothing behind when it is not read to its end', async () => {
    for await (const line of await start({ body: zip })) {
      expect(line).toBe('#支付宝业务明细查询\r');
      break;
    }
  });

  it('has no lines for a day without trades', async () => {
    const lines = await start({ body: zip }, { code: '40004', sub_code: 'NO_BILL_DATA' });
    expect(await Array.fromAsync(lines)).toEqual([]);
  });

  it.each([
    ['a refusal', { code: '40004', sub_code: 'isp.unknown' }],
    ['no address', { code: '10000' }],
    ['an address that is none', { code: '10000', bill_download_url: 'bill.zip' }],
    ['a file of this machine', { code: '10000', bill_download_url: 'file:///etc/hostname' }],
  ])('fails on %s', async (_name, fields) => {
    await expect(Array.fromAsync(await start({ body: zip }, fields))).rejects.toEqual(callError(200));
    expect(server?.calls).toHaveLength(1);
  });

  it.each(['isp.bill_not_exist', 'BILL_NOT_EXIST'])(
    'says that it is not there yet, and a day later that there was no trade: %s',
    async (sub_code) => {
      const last = Date.parse('2024-05-15T09:00:00+08:00');
      const lines = await start({ body: zip }, { code: '40004', sub_code }, () => last - 1);
      await expect(Array.fromAsync(lines)).rejects.toEqual(
        expect.objectContaining({ name: 'BillNotReadyError' }),
      );
      await server?.close();
      const none = await start({ body: zip }, { code: '40004', sub_code }, () => last);
      expect(await Array.fromAsync(none)).toEqual([]);
    },
  );

  it('asks for it over TLS, wherever the address does not', async () => {
    await start(
      { body: zip },
      { code: '10000', bill_download_url: 'http://dwbillcenter.alipay.com/f?a=http:' },
    );
    const asked: unknown[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      asked.push(input);
      return asked.length === 1 ? systemIo.fetch(input, init) : new Response(null, { status: 404 });
    };
    const config = parseAlipayDocument({ ...document, gateway_url: `${server?.baseUrl}/gateway.do` });
    const lines = downloadAlipayTradeBill(config, { fetch, now: Date.now }, '2024-05-13');
    await expect(Array.fromAsync(lines)).rejects.toEqual(callError(404));
    expect(asked[1]).toBe('https://dwbillcenter.alipay.com/f?a=http:');
  });

  it.each([
    ['no file', { status: 404, body: '' }, callError(404)],
    ['a page', { body: '<html>' }, expect.objectContaining({ name: 'MalformedMessageError', field: null })],
    ['half a file', { body: zip.subarray(0, zip.length / 2) }, expect.objectContaining({ field: null })],
    ['an altered file', { body: altered(zip) }, expect.objectContaining({ field: null })],
    ['only sums', { body: zipOf([sums]) }, expect.objectContaining({ field: '业务明细' })],
    [
      'a small zip of a large file',
      { body: zipOf([{ ...details, content: Buffer.alloc(20_000_000, '#\n') }]) },
      expect.objectContaining({ message: '压缩包解压后过大' }),
    ],
    [
      'many files that are large together',
      {
        body: zipOf(
          Array.from({ length: 20 }, () => ({ ...details, content: Buffer.from(`${'#'.repeat(60_000)}\n`) })),
        ),
      },
      expect.objectContaining({ message: '压缩包解压后过大' }),
    ],
    ['a file larger than it says', { body: understated(zip) }, expect.objectContaining({ field: null })],
    [
      'a line without an end',
      { body: zipOf([{ ...details, content: Buffer.from(randomBytes(200_000).toString('hex')) }]) },
      expect.objectContaining({ message: '第 1 行过长' }),
    ],
  ])('fails on %s', async (_name, file, error) => {
    await expect(Array.fromAsync(await start(file))).rejects.toEqual(error);
  });
});

/** With details that are one byte longer than the directory says. */
function understated(zip: Buffer): Buffer {
  const copy = Buffer.from(zip);
  const position = copy.lastIndexOf('PK\x01\x02') + 24;
  copy.writeUInt32LE(copy.readUInt32LE(position) - 1, position);
  return copy;
}

/** With another byte in the middle of its details. */
function altered(zip: Buffer): Buffer {
  const copy = Buffer.from(zip);
  const position = copy.indexOf('PK\x01\x02') - 60;
  copy[position] = (copy[position] ?? 0) ^ 0xff;
  return copy;
}
