import { parseAlipayDocument } from '../../../../lib/config/alipay.ts';
import { parseStripeDocument } from '../../../../lib/config/stripe.ts';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import { systemIo } from '../../../../lib/io.ts';
import type { Provider } from '../../../../lib/orders/order.ts';
import { tenantOrderNumber } from '../../../../lib/orders/order-number.ts';
import { downloadAlipayTradeBill } from '../../../../lib/providers/alipay/bill.ts';
import { readAlipayTradeBill } from '../../../../lib/providers/alipay/bill-rows.ts';
import { createAlipayGateway } from '../../../../lib/providers/alipay/gateway.ts';
import { receiveAlipayNotification } from '../../../../lib/providers/alipay/notification.ts';
import { createAlipayPagePay } from '../../../../lib/providers/alipay/page-pay.ts';
import type {
  PaymentReference,
  ProviderGateway,
  ReceiveMessage,
} from '../../../../lib/providers/provider.ts';
import { createCheckoutSession } from '../../../../lib/providers/stripe/checkout-session.ts';
import { createStripeGateway } from '../../../../lib/providers/stripe/gateway.ts';
import { receiveStripeNotification } from '../../../../lib/providers/stripe/notification.ts';
import { listStripeTransactions } from '../../../../lib/providers/stripe/report.ts';
import { downloadWechatTradeBill } from '../../../../lib/providers/wechat/bill.ts';
import { readWechatTradeBill } from '../../../../lib/providers/wechat/bill-rows.ts';
import { createWechatGateway } from '../../../../lib/providers/wechat/gateway.ts';
import { createNativePayment } from '../../../../lib/providers/wechat/native.ts';
import { receiveWechatNotification } from '../../../../lib/providers/wechat/notification.ts';
import type { Bench } from './bench.ts';

interface BillRow {
  readonly order_no: string;
  readonly transaction_id: string | null;
  readonly amount: number;
  readonly refund_no: string | null;
}

/** What Settle itself calls the providers with, and reads their messages with. */
export interface Caller {
  readonly gateway: ProviderGateway;
  readonly receive: ReceiveMessage;
  /** Makes the payment exist at the provider. */
  readonly start: (payment: PaymentReference) => Promise<unknown>;
  /** The rows of a day's bill; the day as YYYY-MM-DD by the provider's calendar. */
  readonly bill: (day: string) => Promise<readonly BillRow[]>;
}

export function createCallers({ counterparts, publicUrl }: Bench): Readonly<Record<Provider, Caller>> {
  const wechat = parseWechatDocument(counterparts.wechat.document);
  const alipay = parseAlipayDocument(counterparts.alipay.document);
  const stripe = parseStripeDocument(counterparts.stripe);
  const notify_url = `${publicUrl}/notify`;
  const description = '租户订单';
  return {
    wechat: {
      gateway: createWechatGateway(wechat, systemIo, notify_url),
      receive: receiveWechatNotification(wechat, Date.now),
      start: (payment) => createNativePayment(wechat, systemIo, { ...payment, description, notify_url }),
      bill: async (day) =>
        Array.fromAsync(readWechatTradeBill(lines(await downloadWechatTradeBill(wechat, systemIo, day)))),
    },
    alipay: {
      gateway: createAlipayGateway(alipay, systemIo),
      receive: receiveAlipayNotification(alipay),
      start: (payment) =>
        fetch(createAlipayPagePay(alipay, systemIo.now(), { ...payment, description, notify_url })),
      bill: (day) => Array.fromAsync(readAlipayTradeBill(downloadAlipayTradeBill(alipay, systemIo, day))),
    },
    stripe: {
      gateway: createStripeGateway(stripe, systemIo),
      receive: receiveStripeNotification(stripe, Date.now),
      start: (payment) => createCheckoutSession(stripe, systemIo, { ...payment, description, attempt: 1 }),
      bill: (day) => Array.fromAsync(listStripeTransactions(stripe, systemIo, day, day)),
    },
  };
}

export const newPayment = (): PaymentReference => ({
  order_no: tenantOrderNumber(7, Date.now(), systemIo.randomBytes(10)),
  amount: 1234,
  currency: 'CNY',
  created_at: new Date().toISOString(),
  expires_at: new Date(Date.now() + 7_200_000).toISOString(),
});

async function* lines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  yield* Buffer.concat(await Array.fromAsync(bytes))
    .toString()
    .split('\n');
}
