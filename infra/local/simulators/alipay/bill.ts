import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { beijingTime } from '../beijing-time.ts';
import { type Answer, type Call, html } from '../http.ts';
import type { Payments } from '../payments.ts';
import type { Fees } from '../provider-simulator.ts';
import type { Refunds } from '../refunds.ts';
import { zipOf } from '../zip.ts';
import { tradeDetails, tradeSums } from './bill-file.ts';
import type { Fields, Methods } from './gateway.ts';
import { GatewayError } from './gateway-error.ts';
import { encodeGbk } from './gbk.ts';
import { parseBizContent } from './request.ts';

/** Of all apps: whoever knows a file's address is given it, for as long as that is good. */
export type BillFiles = Map<string, { readonly zip: Buffer; readonly until: number }>;

interface Parts {
  readonly seller_id: string;
  readonly payments: Payments;
  readonly refunds: Refunds;
  readonly fees: Fees;
  readonly consoleUrl: string;
  readonly now: () => number;
  readonly files: BillFiles;
}

const content = z.object({ bill_type: z.literal('trade'), bill_date: z.iso.date() });

/** How long the address of a bill is good (alipay.data.dataservice.bill.downloadurl.query). */
const ADDRESS_LIFE_MS = 30_000;

/**
 * The trade bill of a day: its address, where the zip is. Unlike at Alipay, where a bill is made in the next
 * morning, today's is there at once, with what has happened so far.
 */
export function createBills({ seller_id, payments, refunds, fees, consoleUrl, now, files }: Parts): Methods {
  function query(parameters: URLSearchParams): Fields {
    const { bill_date } = parseBizContent(parameters, content);
    const isOfDay = (time: string | null) =>
      time !== null && beijingTime(Date.parse(time)).startsWith(`${bill_date} `);
    const paid = payments.list().filter(({ paid_at }) => isOfDay(paid_at));
    const returned = refunds.list().filter(({ decided_at }) => isOfDay(decided_at));
    if (paid.length + returned.length === 0) throw new GatewayError('NO_BILL_DATA', '无账单数据');
    const bill = { seller_id, bill_date, paid, returned, payments, fees, exported_at: now() };
    const name = `${seller_id}_${bill_date.replaceAll('-', '')}_业务明细`;
    const zip = zipOf([
      { name: encodeGbk(`${name}(汇总).csv`), content: encodeGbk(tradeSums(bill)) },
      { name: encodeGbk(`${name}.csv`), content: encodeGbk(tradeDetails(bill)) },
    ]);
    const fileId = randomUUID();
    files.set(fileId, { zip, until: now() + ADDRESS_LIFE_MS });
    const address = new URLSearchParams({ bizType: 'trade', fileType: 'csv.zip', fileId });
    return { bill_download_url: `${consoleUrl}/alipay/downloadBillFile.resource?${address}` };
  }

  return { 'alipay.data.dataservice.bill.downloadurl.query': query };
}

/** The zip at an address that was given out. */
export function downloadBill(files: BillFiles, call: Call, now: number): Answer {
  const file = files.get(call.query.get('fileId') ?? '');
  if (!file || file.until < now) return html(404, '<h1>文件不存在或链接已失效</h1>');
  return { status: 200, headers: { 'content-type': 'application/zip' }, body: file.zip };
}
