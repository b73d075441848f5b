import { parseAlipayDocument } from '../../../../lib/config/alipay.ts';
import { parseStripeDocument } from '../../../../lib/config/stripe.ts';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import { isoTime, systemIo } from '../../../../lib/io.ts';
import type { Provider } from '../../../../lib/orders/kinds.ts';
import { tenantOrderNumber } from '../../../../lib/orders/order-number.ts';
import type { BillRow, PaymentReference, ProviderGateway } from '../../../../lib/orders/provider-gateway.ts';
import { readAlipayTradeBill } from '../../../../lib/providers/alipay/bill.ts';
import { downloadAlipayTradeBill } from '../../../../lib/providers/alipay/bill-download.ts';
import { alipay } from '../../../../lib/providers/alipay/index.ts';
import type { ReceiveMessage } from '../../../../lib/providers/message.ts';
import type { ProviderFace } from '../../../../lib/providers/provider.ts';
import { listStripeTransactions } from '../../../../lib/providers/stripe/bill.ts';
import { stripe } from '../../../../lib/providers/stripe/index.ts';
import { readWechatTradeBill } from '../../../../lib/providers/wechat/bill.ts';
import { downloadWechatTradeBill } from '../../../../lib/providers/wechat/bill-download.ts';
import { wechat } from '../../../../lib/providers/wechat/index.ts';
import type { Bench } from './bench.ts';

type Bill = (day: string) => Promise<readonly BillRow[]>;

/** What Settle itself calls the providers with, and reads their messages with. */
export interface Caller {
  readonly merchant: string;
  readonly gateway: ProviderGateway;
  readonly receive: ReceiveMessage;
  /** Makes the payment exist at the provider. */
  readonly start: (payment: PaymentReference) => Promise<unknown>;
  /** The rows of a day's bill; the day as YYYY-MM-DD by the provider's calendar. */
  readonly bill: Bill;
}

/** As the stage calls them, or the tenant that is paid to merchants of its own. */
export function createCallers(
  { counterparts, publicUrl }: Bench,
  tenant_id: number | null = null,
): Readonly<Record<Provider, Caller>> {
  const of = tenant_id === null ? counterparts : counterparts.tenants.get(tenant_id);
  if (!of?.wechat || !of.alipay || !of.stripe) throw new Error(`tenant ${tenant_id} has not all merchants`);
  const caller = ({ open, receive }: ProviderFace, document: unknown, bill: Bill): Caller => {
    const parts = { io: systemIo, publicUrl, orderPrefix: '', tenant_id };
    const { gateway, name } = open(parts)(document);
    return {
      merchant: name,
      gateway,
      receive: receive(parts)(document).native,
      bill,
      start: async (payment) => {
        const request = { scene: 'desktop', openid: null, payer_client_ip: null } as const;
        const created = await gateway.createPayment({ ...payment, ...request });
        // Alipay makes the trade when the payer opens the page.
        if (created.outcome === 'created' && created.page.startsWith('http')) await fetch(created.page);
      },
    };
  };
  const documents = {
    wechat: of.wechat.document,
    alipay: of.alipay.document,
    stripe: of.stripe,
  };
  const wechatConfig = parseWechatDocument(documents.wechat);
  const alipayConfig = parseAlipayDocument(documents.alipay);
  const stripeConfig = parseStripeDocument(documents.stripe);
  return {
    wechat: caller(wechat, documents.wechat, async (day) => {
      const bill = await downloadWechatTradeBill(wechatConfig, systemIo, day);
      return Array.fromAsync(readWechatTradeBill(lines(bill), { mchid: wechatConfig.merchant, date: day }));
    }),
    alipay: caller(alipay, documents.alipay, (day) =>
      Array.fromAsync(
        readAlipayTradeBill(downloadAlipayTradeBill(alipayConfig, systemIo, day), {
          sellerId: alipayConfig.sellerId,
          date: day,
        }),
      ),
    ),
    stripe: caller(stripe, documents.stripe, (day) =>
      Array.fromAsync(listStripeTransactions(stripeConfig, systemIo, day)),
    ),
  };
}

export const newPayment = (): PaymentReference => ({
  payment_no: tenantOrderNumber(Date.now(), systemIo.randomBytes),
  amount: 1234,
  currency: 'CNY',
  appid: null,
  begun_at: isoTime(Date.now()),
  expires_at: isoTime(Date.now() + 7_200_000),
  description: '租户 7 订单',
  attempt: 1,
  return_url: null,
  handed_out: null,
});

async function* lines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  yield* Buffer.concat(await Array.fromAsync(bytes))
    .toString()
    .split('\n');
}
