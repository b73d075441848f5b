import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from './client.ts';
import { createReport } from './report.ts';
import { payShopOrder, payWithPoints } from './shop.ts';
import type { Stage } from './stage.ts';
import { payByFlatBody, payCheckout } from './tenant.ts';

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
  const stage: Stage = { client, tokens: await client.tokens(), report, newId, paid: [] };

  report.part('A mall order');
  await payShopOrder(stage, 'mall', 128.5);
  report.part('A meal order');
  await payShopOrder(stage, 'meal', 35);
  report.part('An order for points alone');
  await payWithPoints(stage);
  for (const provider of ['wechat', 'alipay', 'stripe'] as const) {
    report.part(`A checkout through ${provider}`);
    await payCheckout(stage, provider);
  }
  report.part('A checkout settled by the flat body');
  await payByFlatBody(stage, 'alipay');
  report.part('The WeCom group');
  await report.step('every paid order is announced', `${stage.paid.length} orders`, () => announced(stage));
  return report.differences();
}

/** How many of the paid orders the group has heard of, once it is all of them or the time is over. */
async function announced({ client, paid }: Stage): Promise<string> {
  const deadline = Date.now() + ANNOUNCED_WITHIN_MS;
  for (;;) {
    const text = await client.wecomText();
    const count = paid.filter((order_no) => text.includes(order_no)).length;
    if (count === paid.length || Date.now() > deadline) return `${count} orders`;
    await sleep(100);
  }
}
