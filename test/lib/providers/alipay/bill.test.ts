import { randomBytes } from 'node:crypto';
import { fstatSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { parseAlipayDocument } from '../../../../lib/config/alipay.ts';
import { systemIo } from '../../../../lib/io.ts';
import { openAlipayBills, readAlipayTradeBill } from '../../../../lib/providers/alipay/bill.ts';
import { downloadAlipayTradeBill } from '../../../../lib/providers/alipay/bill-download.ts';
import { billLines } from '../../../../lib/providers/alipay/bill-file.ts';
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
  finished?: string;
}
const row = ({
  kind = '交易',
  goods = '租户订单',
  amount = '88.88',
  refund = '',
  remark = '',
  ...rest
}: Cells) =>
  `2024051322001498491428765432\t,p1\t,${kind},${goods},${rest.created ?? '2024-05-13 17:49:10'},${rest.finished ?? '2024-05-13 17:49:21'},,,,,abc***@example.com,${amount},${amount},0.00,0.00,0.00,0.00,0.00,,0.00,0.00,${refund},-0.53,0.00,${remark}`;
const countOf = (rows: readonly string[], kind: string) =>
  rows.filter((cells) => cells.includes(`,${kind},`)).length;
const countsOf = (rows: readonly string[]) => [
  `#交易合计：${countOf(rows, '交易')}笔，商家实收共88.88元，商家优惠共0.00元`,
  `#退款合计：${countOf(rows, '退款')}笔，商家实收退款共-10.50元，商家优惠退款共0.00元`,
];
const billOf = (rows: readonly string[], ending = [end, ...countsOf(rows)]) =>
  ['#支付宝业务明细查询', '#账号：[20881011221362410156]', header, ...rows, ...ending].join('\r\n');

/** A line whose columns, after the first, stand in the other order. */
function moved(line: string): string {
  const [first, ...others] = line.split(',');
  return [first, ...others.reverse()].join(',');
}

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
const subject = { sellerId: '2088101122136241', date: '2024-05-13' };
const rowsOf = (lines: AsyncIterable<string>) => Array.fromAsync(readAlipayTradeBill(lines, subject));
const read = (text: string) => rowsOf(billLines(chunked(encodeGbk(text))));

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
    expect(await read(billOf([moved(row({}))]).replace(header, moved(header)))).toEqual([payment]);
  });

  it('takes no notice of what is blank, around names, times and lines or between them', async () => {
    const spaced = header.replaceAll(/(?<=,)[^,]+/g, ' $&\t');
    const rows = [row({}), '  ', row({ created: ' 2024-05-13 17:49:10\t' })];
    const text = billOf(rows).replace(header, `\t${spaced} `).replace('#', ' #');
    expect(await read(text)).toEqual([payment, payment]);
  });

  it('does not know when a movement was made that the bill gives no time of', async () => {
    const text = billOf([row({}).replace(',2024-05-13 17:49:21,', ',,')]);
    expect(await read(text)).toEqual([{ ...payment, at: null }]);
  });

  it('takes a comma in the name of the goods or in the remark for theirs', async () => {
    const rows = [
      row({ goods: '苹果,梨,2024-05-13 17:49:10' }),
      row({ remark: '一,二' }),
      row({ goods: ',' }),
      row({ goods: '苹果,梨', created: ' 2024-05-13 17:49:10\t' }),
    ];
    expect(await read(billOf(rows))).toEqual([payment, payment, payment, payment]);
  });

  it('takes the name of the goods for no end of the list', async () => {
    expect(await read(billOf([row({ goods: end }), row({})]))).toEqual([payment, payment]);
  });

  it('takes commas in several free texts for theirs', async () => {
    const rows = [
      row({ goods: '苹果,梨', remark: '一,二' }),
      row({ goods: '苹果,梨', remark: '一,二', kind: '退款', amount: '-10.50', refund: 'p1-r1\t' }),
      row({ goods: '苹果,梨' }).replace(',,0.00,0.00,', ',满20,减5,0.00,0.00,'),
    ];
    const refund = {
      ...payment,
      kind: 'refund',
      amount: 1050,
      refund_no: 'p1-r1',
      refund_id: null,
      failed: false,
    };
    expect(await read(billOf(rows))).toEqual([payment, refund, payment]);
  });

  it('names a row in whose commas two amounts can be seen, and reads on', async () => {
    const rows = [row({}).replace('abc***@example.com', '八十八,88.00'), row({})];
    const name = '列不明 2024051322001498491428765432';
    expect(await read(billOf(rows))).toEqual([{ kind: 'other', name, understood: false }, payment]);
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

  it('reads lists one after another, in their own columns each', async () => {
    const other = billOf([moved(row({}))]).replace(header, moved(header));
    expect(await read(`${billOf([row({})])}\r\n${other}`)).toEqual([payment, payment]);
  });

  it('has no rows on a day without trades', async () => {
    expect(await read(billOf([]))).toEqual([]);
    expect(await read('')).toEqual([]);
  });

  const trade = row({});
  const refund = row({ kind: '退款', amount: '-10.50', refund: 'p1-r1' });
  const transfer = row({ kind: '转账' });

  it.each([
    ['as its end says', [trade, trade, refund], countsOf([trade, trade, refund])],
    ['as an end in other words says', [trade], ['#交易合计：1笔，交易金额共88.88元，优惠金额共0.00元']],
    ['and counts a row of another kind', [trade, transfer], countsOf([trade, trade])],
    ['and does not count a row of another kind', [trade, transfer], countsOf([trade])],
    ['and does not say how many', [trade], []],
    ['and says it of other sums', [trade], ['#其中#交易合计：9笔']],
  ])('reads a bill that has so many rows %s', async (_, rows, counts) => {
    expect(await read(billOf(rows, [end, ...counts]))).toHaveLength(rows.length);
  });

  it('reads a bill of more rows than one digit counts', async () => {
    const rows = Array.from({ length: 12 }, () => trade);
    expect(await read(billOf(rows))).toHaveLength(12);
  });

  it('counts the rows of all lists together', async () => {
    expect(await read([billOf([trade]), billOf([trade, refund])].join('\n'))).toHaveLength(3);
  });

  it.each([
    ['none of three', [], [trade, trade, refund]],
    ['a trade less', [trade, refund], [trade, trade, refund]],
    ['a refund less', [trade], [trade, refund]],
    ['a trade more', [trade, trade], [trade]],
    ['less, even with a row of another kind', [trade, transfer], [trade, trade, refund]],
  ])('refuses a bill that has other rows than its end says: %s', async (_, rows, said) => {
    await expect(read(billOf(rows, [end, ...countsOf(said)]))).rejects.toMatchObject({
      name: 'MalformedMessageError',
      field: '交易合计',
      message: `与明细的 ${rows.length} 行不一致`,
    });
  });

  const account = '#账号：[20881011221362410156]';
  const period = '#起始日期：[2024年05月13日 00:00:00]   终止日期：[2024年05月14日 00:00:00]';
  /** A bill with these remarks in place of its account. */
  const headed = (remarks: readonly string[], ...rows: string[]) =>
    billOf(rows).replace(account, remarks.join('\r\n'));
  const first = row({ finished: '2024-05-12 23:00:00' });
  const last = row({ finished: '2024-05-14 00:59:59' });
  const early = row({ finished: '2024-05-12 22:59:59' });
  const late = row({ finished: '2024-05-14 01:00:00' });

  it.each([
    ['says its account and day', headed([account, period], trade)],
    ['says them in other words', headed(['#账号：[me@example.com]', '#起始日期：2024-05-13'], trade)],
    ['says neither, but has rows of the day', headed([], first, last)],
    [
      'names others within a remark',
      headed(['#说明#账号：[20881011221362420156]', `#说明${period.replaceAll('2024年', '2023年')}`], trade),
    ],
    ['says its day, whatever the times of its rows', headed([period, account], early, late)],
    [
      'has a refund of an older trade',
      headed([], row({ kind: '退款', amount: '-10.50', created: '2024-05-01 10:00:00' })),
    ],
  ])('reads a bill that %s', async (_, text) => {
    expect(await read(text)).not.toEqual([]);
  });

  it.each([
    ['账号', headed(['#账号：[20881011221362420156]', period], trade)],
    ['起始日期', headed([account, period.replaceAll('2024年', '2023年')], trade)],
    ['起始日期', headed([account, period.replace('月14日', '月13日')], trade)],
    ['起始日期', headed([account, period.replace('05月14日', '06月01日')], trade)],
    ['完成时间', headed([account], trade, early)],
    ['完成时间', headed([account], trade, late)],
  ])('refuses a bill of another account or day by its %s: %#', async (field, text) => {
    await expect(read(text)).rejects.toMatchObject({ name: 'MalformedMessageError', field });
  });

  it.each([
    ['业务明细列表', billOf([row({})], [])],
    ['业务明细列表', [billOf([row({})], []), billOf([row({})])].join('\r\n')],
    ['支付宝交易号', row({})],
    ['支付宝交易号', `${billOf([])}\r\n${row({})}`],
    ['订单金额（元）', billOf([]).replaceAll('订单金额（元）', '金额')],
    ['创建时间', billOf(['1,p1,交易'])],
    ['创建时间', billOf([row({ created: '昨天' })])],
    ['创建时间', billOf([row({}).replace(/,$/, '')])],
    ['业务类型', billOf([row({ kind: '' })])],
    ['订单金额（元）', billOf([row({ amount: '-88.88' })])],
    ['订单金额（元）', billOf([row({ amount: '88.888' })])],
    ['订单金额（元）', billOf([row({ kind: '退款', amount: '10.50-' })])],
    ['服务费（元）', billOf([row({}).replace('-0.53', '0.5.3')])],
  ])('refuses a bill whose %s is wrong: %#', async (field, text) => {
    await expect(read(text)).rejects.toEqual(
      expect.objectContaining({ name: 'MalformedMessageError', field }),
    );
  });

  it.each([
    ['amount', row({ amount: '88.888' })],
    ['fee', row({}).replace('-0.53', '0.5.3')],
    ['time', row({ created: '昨天' })],
  ])('says in which line the %s is wrong', async (_, wrong) => {
    await expect(read(billOf([row({}), wrong]))).rejects.toThrow(/^第 5 行：/);
  });
});

describe('openAlipayBills', () => {
  const date = '2024-05-13';
  const csv = encodeGbk(billOf([row({})]));
  const zip = zipOf([{ name: encodeGbk('20881_20240513_业务明细.csv'), content: csv }]);
  const folder = mkdtempSync(join(tmpdir(), 'bill-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const open = (changes: object = {}) =>
    openAlipayBills({ io: systemIo, publicUrl: 'https://pay.example', orderPrefix: '', tenant_id: null })({
      ...document,
      ...changes,
    });

  it('are those of the merchant that the document names', () => {
    const former = ['2021000122671080.2088101122136240'];
    expect(open({ former })).toMatchObject({ name: '2021000122671080.2088101122136241', former });
  });

  it.each([
    ['bill.zip', zip],
    ['BILL.ZIP', zip],
    ['bill.csv', csv],
    ['.zip.csv', csv],
  ])('reads a file that was downloaded before: %s', async (name, content) => {
    const file = join(folder, name);
    writeFileSync(file, content);
    expect(await Array.fromAsync(open().rows({ date, file }))).toEqual([payment]);
  });

  it('reads no file of another seller or day', async () => {
    const file = join(folder, 'other.csv');
    writeFileSync(file, csv);
    const of = (seller_id: string, date: string) => Array.fromAsync(open({ seller_id }).rows({ date, file }));
    expect(await of(document.seller_id, date)).toEqual([payment]);
    await expect(of('2088101122136240', date)).rejects.toMatchObject({ field: '账号' });
    await expect(of(document.seller_id, '2024-05-14')).rejects.toMatchObject({ field: '完成时间' });
  });

  it('downloads the bill of a day of which there is no file', async () => {
    const server = await startLoopbackServer(({ path }) => ({
      body:
        path === '/bill.zip'
          ? zip
          : signAnswer(METHOD, { code: '10000', bill_download_url: `${server.baseUrl}/bill.zip` }),
    }));
    const bills = open({ gateway_url: `${server.baseUrl}/gateway.do` });
    expect(await Array.fromAsync(bills.rows({ date, file: null }))).toEqual([payment]);
    await server.close();
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
    vi.restoreAllMocks();
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
    const more = zipOf([{ name: encodeGbk('说明.txt'), content: encodeGbk('说明') }, sums, details]);
    expect(await rowsOf(await start({ body: more }))).toEqual([payment]);
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
    expect(await rowsOf(await start({ body: utf8 }))).toEqual([payment]);
  });

  it('reads a file whatever its name says of folders: nothing is written there', async () => {
    const elsewhere = zipOf([{ ...details, name: encodeGbk('/../业务明细.csv') }]);
    expect(await rowsOf(await start({ body: elsewhere }))).toEqual([payment]);
  });

  it('leaves nothing behind when it is not read to its end', async () => {
    let file = 0;
    for await (const line of await start({ body: zip })) {
      expect(line).toBe('#支付宝业务明细查询\r');
      file = statSync(join(folder, readdirSync(folder)[0] ?? '', 'bill')).ino;
      expect(openFiles()).toContain(file);
      break;
    }
    await expect.poll(() => openFiles()).not.toContain(file);
  });

  it('takes a zip whose details are 200 times as large, and no larger one', async () => {
    const content = Buffer.alloc(400_000, '#\n');
    const filledWith = (bytes: number) =>
      zipOf([
        { name: Buffer.from('filling'), content: randomBytes(bytes) },
        { ...details, content },
      ]);
    const filling = 1_000 + content.length / 200 - filledWith(1_000).length;
    const largest = filledWith(filling);
    expect(largest).toHaveLength(content.length / 200);
    expect(await rowsOf(await start({ body: largest }))).toEqual([]);
    await server?.close();
    const larger = await start({ body: filledWith(filling - 1) });
    await expect(Array.fromAsync(larger)).rejects.toThrow('压缩包解压后过大');
  });

  it.each(['NO_BILL_DATA', 'isp.no_bill_data'])(
    'has no lines for a day without trades: %s',
    async (sub_code) => {
      const lines = await start({ body: zip }, { code: '40004', sub_code }, () =>
        Date.parse('2024-05-14T09:00:00+08:00'),
      );
      expect(await Array.fromAsync(lines)).toEqual([]);
    },
  );

  const refusal = { code: '40004', sub_code: 'isp.unknown' };

  it('fails on a refusal, however late', async () => {
    for (const fields of [refusal, { code: '40004' }]) {
      for (const now of [systemIo.now, () => Date.parse('2024-05-13T09:00:00+08:00')]) {
        await expect(Array.fromAsync(await start({ body: zip }, fields, now))).rejects.toEqual(
          callError(200),
        );
        expect(server?.calls).toHaveLength(1);
        await server?.close();
      }
    }
  });

  it.each([
    ['no address', undefined],
    ['an address that is none', 'bill.zip'],
    ['a list of addresses', ['http://127.0.0.1:9/bill.zip']],
    ['a file of this machine', 'file:///etc/hostname'],
    ['an address of another kind', 'ftp://127.0.0.1:9/bill.zip?from=https:'],
  ])('fails on %s', async (_name, bill_download_url) => {
    const lines = await start({ body: zip }, { code: '10000', bill_download_url });
    const message = `${METHOD}: the answer has no usable bill_download_url`;
    await expect(Array.fromAsync(lines)).rejects.toEqual(
      expect.objectContaining({ name: 'ProviderCallError', provider: 'alipay', status: 200, message }),
    );
    expect(server?.calls).toHaveLength(1);
  });

  it.each([
    'isp.bill_not_exist',
    'BILL_NOT_EXIST',
    'BILL_DATE_BEFORE_REGISTRATION',
    'isp.bill_date_before_registration',
    'TYPE_NOT_SUPPORTED',
    'isv.type_not_supported',
  ])('says that it is not there yet, and a day later that there was no trade: %s', async (sub_code) => {
    const last = Date.parse('2024-05-15T09:00:00+08:00');
    const lines = await start({ body: zip }, { code: '40004', sub_code }, () => last - 1);
    await expect(Array.fromAsync(lines)).rejects.toEqual(
      expect.objectContaining({
        name: 'BillNotReadyError',
        message: 'alipay has no bill of the day yet',
        cause: expect.objectContaining({ name: 'ProviderCallError', code: sub_code }),
      }),
    );
    await server?.close();
    const none = await start({ body: zip }, { code: '40004', sub_code }, () => last);
    expect(await Array.fromAsync(none)).toEqual([]);
  });

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

  it('waits 10 min for the file', async () => {
    const signals = [new AbortController().signal, AbortSignal.abort()];
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    for (const signal of signals) timeout.mockReturnValueOnce(signal);
    await expect(Array.fromAsync(await start({ body: zip }))).rejects.toEqual(callError(null));
    expect(timeout).toHaveBeenLastCalledWith(600_000);
  });

  /** Bytes that pass for so many. */
  const passingFor = (length: number, bytes: Buffer) =>
    Object.defineProperty(Uint8Array.from(bytes), 'length', { value: length });

  it.each([
    ['takes a file of 1 GiB', [], [payment]],
    ['takes no more than that', [Buffer.from('#')], callError(200)],
  ])('%s', async (_, more, expected) => {
    await start({ body: zip });
    const chunks = [passingFor(2 ** 30, zip), ...more];
    const fetch: typeof globalThis.fetch = async (input, init) =>
      String(input).includes('/bill.zip')
        ? new Response(ReadableStream.from(chunks))
        : systemIo.fetch(input, init);
    const config = parseAlipayDocument({ ...document, gateway_url: `${server?.baseUrl}/gateway.do` });
    const lines = downloadAlipayTradeBill(config, { ...systemIo, fetch }, '2024-05-13');
    const result = await rowsOf(lines).catch((error: unknown) => error);
    expect(result).toEqual(expected);
  });

  it.each([
    ['no file', { status: 404, body: '' }, callError(404)],
    ['a page', { body: '<html>' }, expect.objectContaining({ name: 'MalformedMessageError', field: null })],
    ['half a file', { body: zip.subarray(0, zip.length / 2) }, expect.objectContaining({ field: null })],
    ['an altered file', { body: altered(zip) }, expect.objectContaining({ field: null })],
    [
      'a file of another checksum',
      { body: ofAnotherChecksum(zip) },
      expect.objectContaining({ field: null }),
    ],
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

/** Of this process, by their inodes. */
function openFiles(): number[] {
  return readdirSync('/dev/fd').flatMap((descriptor) => {
    try {
      return [fstatSync(Number(descriptor)).ino];
    } catch {
      return [];
    }
  });
}

/** With details that are one byte longer than the directory says. */
function understated(zip: Buffer): Buffer {
  const copy = Buffer.from(zip);
  const position = copy.lastIndexOf('PK\x01\x02') + 24;
  copy.writeUInt32LE(copy.readUInt32LE(position) - 1, position);
  return copy;
}

/** With details whose checksum in the directory is another. */
function ofAnotherChecksum(zip: Buffer): Buffer {
  const copy = Buffer.from(zip);
  const position = copy.lastIndexOf('PK\x01\x02') + 16;
  copy.writeUInt32LE((copy.readUInt32LE(position) ^ 1) >>> 0, position);
  return copy;
}

/** With another byte in the middle of its details. */
function altered(zip: Buffer): Buffer {
  const copy = Buffer.from(zip);
  const position = copy.indexOf('PK\x01\x02') - 60;
  copy[position] = (copy[position] ?? 0) ^ 0xff;
  return copy;
}
