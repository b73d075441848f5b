import { type Owner, stripeOf } from '../documents.ts';
import { alipayMerchantName } from '../providers/alipay.ts';
import { providerNames } from '../providers/books.ts';
import { stripeMerchantName } from '../providers/stripe/forms.ts';
import type { Town } from '../town.ts';

/** What happens in the world that nobody planned: keys change, merchants change, and providers say what is not so. */

export async function runWhims(town: Town): Promise<void> {
  const { random, likely } = town;
  const whims = [
    { whim: rotateKey, isLikely: false },
    { whim: changeMerchant, isLikely: likely.has('merchant_change') },
    { whim: dropProvider, isLikely: likely.has('drops') },
    { whim: changePayee, isLikely: false },
    { whim: misstate, isLikely: likely.has('misstatements') },
    { whim: misstate, isLikely: likely.has('misstatements') },
    { whim: closeEarly, isLikely: likely.has('early_closing') },
    { whim: chatter, isLikely: false },
  ];
  const chosen = whims.filter(({ isLikely }) => random.chance(0.15) || isLikely);
  await Promise.all(chosen.map(({ whim }) => whim(town)));
}

async function rotateKey({ random, clock, wechat, marks, tell }: Town): Promise<void> {
  await clock.sleep(random.between(60_000, 7_200_000));
  marks.take('key_rotated');
  tell('WeChat signs with its next key from now on');
  wechat.rotate();
}

/** Another merchant takes the place of the stage's, or of the tenant's that has its own. */
async function changeMerchant(town: Town): Promise<void> {
  const { random, clock, marks, setup } = town;
  const provider = random.pick(['wechat', 'wechat', 'alipay', 'stripe'] as const);
  const owner = ownerOf(town);
  await clock.sleep(random.between(30_000, 7_200_000));
  const how = { keeps: random.chance(0.6), inWrongOrder: random.chance(0.2) };
  marks.take(owner === 'stage' ? 'merchant_changed' : 'merchant_of_tenant_changed');
  marks.take(how.keeps ? 'merchant_kept' : 'merchant_not_kept');
  if (how.inWrongOrder) marks.take('merchant_changed_in_wrong_order');
  await setup.swap(owner, provider, how);
  if (random.chance(0.4)) return;
  await clock.sleep(random.between(600_000, 20_000_000));
  marks.take('merchant_restored');
  await setup.swap(owner, provider, { keeps: random.chance(0.8), inWrongOrder: false });
}

const ownerOf = ({ random, likely, setup }: Town): Owner =>
  setup.hasOwn() && random.chance(likely.has('own_tenants') ? 0.8 : 0.4) ? 'tenant' : 'stage';

/** A provider is offered no more, and then again: the stage always comes back. */
async function dropProvider(town: Town): Promise<void> {
  const { random, clock, marks, setup } = town;
  const provider = random.pick(providerNames);
  const owner = ownerOf(town);
  await clock.sleep(random.between(30_000, 7_200_000));
  marks.take('provider_dropped');
  await setup.drop(owner, provider);
  if (owner === 'tenant' && random.chance(0.5)) return;
  await clock.sleep(random.between(60_000, 5_400_000));
  marks.take('provider_added');
  await setup.add(owner, provider);
}

/** A tenant is paid to the stage, and then perhaps to its own again. */
async function changePayee({ random, clock, marks, setup }: Town): Promise<void> {
  if (!setup.hasOwn()) return;
  await clock.sleep(random.between(30_000, 7_200_000));
  marks.take('paid_to_changed');
  await setup.payTo('stage');
  if (random.chance(0.5)) return;
  await clock.sleep(random.between(60_000, 5_400_000));
  await setup.payTo('own');
}

/** A message that is signed, and that says of a payment what is not so. */
async function misstate(town: Town): Promise<void> {
  const { random, clock, likely } = town;
  for (let rounds = likely.has('misstatements') ? 5 : 1; rounds > 0; rounds -= 1) {
    await clock.sleep(random.between(60_000, 9_000_000));
    misstateOne(town);
  }
}

function misstateOne(town: Town): void {
  const { random, wechat, alipay, stripe, notes } = town;
  const trades = wechat.trades().filter(({ transactions }) => transactions[0]?.origin === 'ours');
  const paidPages = alipay.trades().filter(({ transaction }) => transaction !== null);
  const sessions = stripe.sessions().filter(({ payment_status }) => payment_status === 'paid');
  const choices = [
    ...trades.map((trade) => ({
      number: trade.number,
      merchant: trade.merchant.mchid,
      act: () => wechat.misstate(trade, random.pick(['total', 'currency', 'appid', 'mchid'])),
    })),
    ...paidPages.map((trade) => ({
      number: trade.number,
      merchant: alipayMerchantName(trade.merchant),
      act: () => alipay.misstate(trade, random.pick(['total_amount', 'seller_id', 'app_id'])),
    })),
    ...sessions.map((session) => ({
      number: session.number,
      merchant: stripeMerchantName(session.account),
      act: () => stripe.misstate(session, random.pick(['amount_total', 'currency', 'livemode'])),
    })),
  ].filter(({ merchant }) => isCurrent(town, merchant));
  if (choices.length === 0) return;
  const { number, act } = random.pick(choices);
  notes.misstated.push(number);
  act();
}

const isCurrent = ({ setup }: Town, merchant: string): boolean =>
  providerNames.some((provider) =>
    (['stage', 'tenant'] as const).some((owner) => setup.current(owner, provider) === merchant),
  );

/** A provider gives something up before its time. */
async function closeEarly({ random, clock, wechat, alipay, stripe, likely }: Town): Promise<void> {
  for (let rounds = likely.has('early_closing') ? 20 : 2; rounds > 0; rounds -= 1) {
    await clock.sleep(random.between(60_000, likely.has('early_closing') ? 600_000 : 7_200_000));
    for (const trade of wechat.trades())
      if (wechat.isPayable(trade) && random.chance(0.3)) wechat.closeEarly(trade);
    for (const trade of alipay.trades())
      if (alipay.isPayable(trade) && random.chance(0.3)) alipay.closeEarly(trade);
    for (const session of stripe.sessions()) if (random.chance(0.3)) stripe.closeEarly(session);
  }
}

async function chatter({ random, clock, stripe }: Town): Promise<void> {
  await clock.sleep(random.between(60_000, 3_600_000));
  stripe.chatter(stripeOf.stage[0]);
}
