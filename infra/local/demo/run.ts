import { providers } from '../../../lib/orders/kinds.ts';
import { createClient } from './client.ts';
import { giveUpOrders } from './close.ts';
import { payLate } from './late.ts';
import { checkLedger } from './ledger.ts';
import { findLostPayments, loseCallbacks } from './lost.ts';
import { payOwnMerchants } from './own-merchants.ts';
import { payByPhones } from './phones.ts';
import { refundCheckout } from './refund.ts';
import { createReport } from './report.ts';
import { shipOrder, waitForMeal } from './ship.ts';
import { payShopOrder, payWithPoints } from './shop.ts';
import type { Stage } from './stage.ts';
import { payByFlatBody, payCheckout } from './tenant.ts';
import { waitWhile } from './wait.ts';
import { tellShop } from './webhooks.ts';

/** WeCom takes 20 messages a minute: after a run just before, it can take two to come back to it. */
const ANNOUNCED_WITHIN_MS = 120_000;

export interface DemoOptions {
  readonly url: string;
  readonly consoleUrl: string;
  readonly print: (line: string) => void;
}

/** Drives a running system as its users would. The answer is how often it did not do what it should. */
export async function runDemo({ url, consoleUrl, print }: DemoOptions): Promise<number> {
  const client = createClient(url, consoleUrl);
  const report = createReport(print);
  let lastId = Date.now();
  const newId = () => {
    lastId += 1;
    return lastId;
  };
  const stage: Stage = {
    client,
    consoleUrl,
    tokens: await client.tokens(),
    report,
    newId,
    tenantId: newId(),
    startedAt: new Date().toISOString(),
    paid: [],
  };

  report.part('Payments whose callbacks get lost');
  const lost = await loseCallbacks(stage);
  report.part('A mall order');
  const sent = await payShopOrder(stage, 'mall', 128.5);
  report.part('It is sent');
  await shipOrder(stage, sent);
  report.part('A shop that is told of its orders');
  await tellShop(stage);
  report.part('A meal order');
  const meal = await payShopOrder(stage, 'meal', 35);
  report.part('An order for points alone');
  await payWithPoints(stage);
  for (const provider of providers) {
    report.part(`A checkout through ${provider}`);
    const order_no = await payCheckout(stage, provider);
    report.part(`Refunds through ${provider}`);
    await refundCheckout(stage, provider, order_no);
  }
  report.part('A checkout settled by the flat body');
  await payByFlatBody(stage, 'alipay');
  await payOwnMerchants(stage);
  await payByPhones(stage);
  report.part('Orders that are given up');
  await giveUpOrders(stage);
  report.part('A payment that comes too late');
  await payLate(stage);
  report.part('The payments whose callbacks got lost');
  await findLostPayments(stage, lost);
  report.part('The ledger');
  await checkLedger(stage);
  report.part('The WeCom group');
  const all = `${stage.paid.length} orders`;
  await report.step('every paid order is announced', all, () =>
    waitWhile(
      (count) => count !== all,
      ANNOUNCED_WITHIN_MS,
      () => announced(stage),
    ),
  );
  report.part('The meal, which is fetched');
  await waitForMeal(stage, meal);
  return report.differences();
}

/** How many of the paid orders the group has heard of. */
async function announced({ client, paid }: Stage): Promise<string> {
  const text = await client.wecomText();
  return `${paid.filter((order_no) => text.includes(order_no)).length} orders`;
}
