import { parseNumber } from '../numbers.ts';
import type { ShopOrderPlan, Town } from '../town.ts';
import { admin, callUntilDecided } from './client.ts';

/** The shop sends what was paid, in time or late or never, and says so; and corrects itself. */
export async function runShipper(town: Town, plan: ShopOrderPlan): Promise<void> {
  const { random, clock, likely, wechatApp } = town;
  const isBusy = likely.has('shipping');
  if (random.chance(0.1)) void breakDown(town);
  const pauses = isBusy ? [60_000, 3_600_000] : [60_000, 3_600_000, 14_400_000, 100_000_000];
  await clock.sleep(random.pick(pauses) + random.below(600_000));
  if (!isBusy && random.chance(0.3)) return;
  for (let rounds = random.pick(isBusy ? [2, 3, 4] : [1, 1, 2, 3]); rounds > 0; rounds -= 1) {
    await ship(town, plan, shipment(town));
    await clock.sleep(random.pick([1_000, 90_000, 5_400_000]));
  }
  for (const { number, needless } of wechatApp.sent())
    if (needless > 0) town.notes.violations.push(`WeChat was told anew of ${number} what it knew`);
}

async function breakDown({ random, clock, wechatApp }: Town): Promise<void> {
  await clock.sleep(random.between(60_000, 14_400_000));
  wechatApp.breakDown(3_600_000);
}

async function ship(town: Town, plan: ShopOrderPlan, body: Shipment): Promise<void> {
  const { marks, notes, wechatApp, random } = town;
  const { kind, id, order_no, shipments } = plan;
  const call = { method: 'PUT', path: `/v2/orders/${kind}/${id}/shipping`, body } as const;
  const reply = await callUntilDecided(town, admin, call);
  const isCorrectedBefore = reply?.status === 409 && reply.body.includes('更正');
  // A meal is told of by itself.
  if (isCorrectedBefore && shipments.length + (kind === 'meal' ? 1 : 0) < 2)
    notes.violations.push(`${order_no} is said to be corrected, and was told of ${shipments.length} times`);
  if (isCorrectedBefore) marks.take('correction_refused');
  if (reply?.status !== 409 && reply?.status !== 404) shipments.push(body.items);
  if (reply?.status === 202) marks.take('shipping_taken_on');
  if (reply?.status !== 200) return;
  const isKnown = wechatApp
    .sent()
    .some(
      ({ number, taken }) =>
        parseNumber(number)?.order_no === order_no &&
        taken.some(({ content }) => content.includes(body.items)),
    );
  if (!isKnown) notes.violations.push(`${order_no} is said to be told of, and WeChat does not know`);
  if (random.chance(0.3)) await callUntilDecided(town, admin, call);
}

interface Shipment {
  readonly logistics_type: 'courier' | 'city' | 'pickup' | 'virtual';
  readonly items: string;
  readonly parcels?: readonly { express_company: string; tracking_no: string; contact?: string }[];
}

function shipment({ random, notes }: Town): Shipment {
  const logistics_type = random.pick(['courier', 'courier', 'city', 'pickup', 'virtual'] as const);
  const items = `商品 ${random.text(8)}`;
  if (logistics_type !== 'courier') return { logistics_type, items };
  const parcels = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => {
    const express_company = random.pick(['SF', 'ZTO', 'YTO']);
    const contact = `138${random.digits(8)}`;
    if (express_company === 'SF') notes.contacts.push(contact);
    return {
      express_company,
      tracking_no: `${express_company}${random.digits(12)}`,
      ...(express_company === 'SF' && { contact }),
    };
  });
  return { logistics_type, items, parcels };
}
