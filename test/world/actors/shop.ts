import { otherAppid } from '../documents.ts';
import type { ShopOrderBody, ShopOrderPlan, Town } from '../town.ts';
import { admin, callUntilDecided } from './client.ts';
import { prepayOf, requestPayment } from './payer.ts';

/** The shop: hands orders over, and changes its mind about some of them. */

export async function runShop(town: Town, plan: ShopOrderPlan): Promise<void> {
  const { random, clock, marks } = town;
  const body = newBody(town);
  if (random.chance(0.05)) {
    marks.take('a_byte_too_long');
    const call = {
      method: 'PUT',
      path: `/v2/orders/${plan.kind}/${plan.id}`,
      body: { ...body, amount: 1, description: `${'字'.repeat(42)}é` },
    } as const;
    const reply = await callUntilDecided(town, admin, call);
    if (reply && reply.status < 300)
      town.notes.violations.push('a description of 128 bytes was taken, which WeChat refuses');
  }
  await handOver(town, plan, body);
  const isRestless = town.likely.has('changes');
  for (let changes = isRestless ? 3 : random.pick([0, 0, 1, 1, 2]); changes > 0; changes -= 1) {
    await clock.sleep(
      random.pick(isRestless ? [300, 1_000, 2_000, 3_000] : [300, 2_000, 60_000, 1_800_000, 8_000_000]) +
        random.below(2_000),
    );
    if (clock.now() > town.closing_at) return;
    const before = plan.sent ?? body;
    const after = changed(town, before);
    marks.take('order_changed');
    // Two of the shop's processes may change an order at the same time.
    if (random.chance(0.15)) {
      marks.take('order_changed_twice_at_once');
      await Promise.all([handOver(town, plan, after), handOver(town, plan, changed(town, before))]);
    } else {
      await handOver(town, plan, after);
    }
  }
}

/** The shop changes an order at the very moment at which its payer asks for what to pay it with. */
export async function runRace(town: Town, plan: ShopOrderPlan): Promise<void> {
  const { random, clock, marks } = town;
  const isRacing = town.likely.has('races');
  for (let rounds = isRacing ? 8 : random.between(1, 3); rounds > 0; rounds -= 1) {
    const pauses = isRacing ? [1_000, 3_000, 9_000, 60_000] : [4_000, 9_000, 60_000, 4_000_000];
    await clock.sleep(random.pick(pauses) + random.below(2_000));
    if (clock.now() > town.closing_at || plan.stored === null) return;
    marks.take('order_changed_while_begun');
    const asked = requestPayment(town, plan);
    await clock.sleep(random.pick([5, 60, 150, 400, 1_200]));
    await handOver(town, plan, changed(town, plan.sent ?? plan.stored));
    const prepay_id = prepayOf(await asked);
    if (prepay_id !== null && random.chance(0.7))
      town.wechat.pay(prepay_id, town.wechat.tradeOf(prepay_id)?.openid ?? null);
  }
}

async function handOver(town: Town, plan: ShopOrderPlan, body: ShopOrderBody): Promise<void> {
  const { kind, id } = plan;
  plan.sent = body;
  const call = {
    method: 'PUT',
    path: `/v2/orders/${kind}/${id}`,
    body: { ...body, amount: body.amount / 100 },
  } as const;
  const reply = await callUntilDecided(town, admin, call);
  if (reply?.status === 200 || reply?.status === 201) plan.stored = body;
  if (reply?.status === 409) town.marks.take('change_refused');
}

function newBody(town: Town): ShopOrderBody {
  const { random, notes, likely } = town;
  const openid = `oUpF8uMuAJO-${random.text(16)}`;
  notes.openids.push(openid);
  const amount = random.chance(0.08) ? 0 : random.pick([1, 1990, 5_000, random.between(1, 99_999)]);
  return {
    user_id: `user-${random.below(1_000)}`,
    openid,
    amount,
    points: random.pick([0, 0, 100]),
    description: description(random.below(5)),
    ...(random.chance(0.25) && { appid: otherAppid }),
    ...(random.chance(likely.has('deadlines') ? 0.9 : 0.3) && { expires_at: deadline(town) }),
  };
}

/** When an order is given up: some as soon as a provider takes a payment at all. */
const deadline = ({ random, clock, likely }: Town): string =>
  new Date(
    clock.now() +
      random.pick(
        likely.has('deadlines') ? [62_000, 70_000, 100_000] : [65_000, 90_000, 360_000, 1_800_000, 7_300_000],
      ) +
      random.below(3_000),
  ).toISOString();

function changed(town: Town, body: ShopOrderBody): ShopOrderBody {
  const { random, notes, likely } = town;
  switch (random.below(8)) {
    case 7:
      return { ...body, expires_at: deadline(town) };
    case 0:
      return { ...body, description: description(random.below(5)) };
    case 1: {
      const openid = `oUpF8uMuAJO-${random.text(16)}`;
      notes.openids.push(openid);
      return { ...body, openid };
    }
    case 2:
      return { ...body, points: body.points + 1 };
    case 4: {
      const { appid: _appid, ...rest } = body;
      return body.appid === undefined ? { ...body, appid: otherAppid } : rest;
    }
    case 3:
      return { ...body, amount: random.chance(likely.has('races') ? 0.02 : 0.4) ? 0 : body.amount + 100 };
    default:
      return { ...body, amount: random.between(1, 99_999) };
  }
}

/** Some as long as WeChat takes them, to the byte. */
const description = (choice: number): string =>
  [
    '一份午餐',
    'plain text',
    `${'商'.repeat(42)}x`,
    `${'汉'.repeat(42)}.`,
    '*粗体* `code` <font color="warning">红</font>\n换行',
  ][choice] ?? 'text';
