import { stripeAccounts } from '../documents.ts';
import { alipayMerchantName } from '../providers/alipay.ts';
import { stripeMerchantName } from '../providers/stripe/forms.ts';
import type { Town } from '../town.ts';

/** What happens in the world that nobody planned: keys change, merchants change, and providers say what is not so. */

export interface Stage {
  /** Puts another merchant of this provider into the stage's document, or the first one back. */
  readonly setMerchant: (provider: 'wechat' | 'alipay' | 'stripe', which: 0 | 1) => void;
}

export async function runWhims(town: Town, stage: Stage): Promise<void> {
  const { random, likely } = town;
  const whims = [
    { whim: rotateKey, isLikely: false },
    { whim: changeMerchant, isLikely: likely.has('merchant_change') },
    { whim: misstate, isLikely: likely.has('misstatements') },
    { whim: misstate, isLikely: likely.has('misstatements') },
    { whim: closeEarly, isLikely: likely.has('early_closing') },
    { whim: chatter, isLikely: false },
  ];
  const chosen = whims.filter(({ isLikely }) => random.chance(0.15) || isLikely);
  await Promise.all(chosen.map(({ whim }) => whim(town, stage)));
}

async function rotateKey({ random, clock, wechat, marks, tell }: Town): Promise<void> {
  await clock.sleep(random.between(60_000, 7_200_000));
  marks.take('key_rotated');
  tell('WeChat signs with its next key from now on');
  wechat.rotate();
}

async function changeMerchant({ random, clock, marks, tell }: Town, stage: Stage): Promise<void> {
  const provider = random.pick(['wechat', 'wechat', 'alipay', 'stripe'] as const);
  await clock.sleep(random.between(30_000, 7_200_000));
  marks.take('merchant_changed');
  tell(`the ${provider} document is another merchant's from now on`);
  stage.setMerchant(provider, 1);
  if (random.chance(0.4)) return;
  await clock.sleep(random.between(600_000, 20_000_000));
  marks.take('merchant_restored');
  tell(`the ${provider} document is the first merchant's again`);
  stage.setMerchant(provider, 0);
}

/** A message that is signed, and that says of a payment what is not so. */
async function misstate(town: Town): Promise<void> {
  const { random, clock, wechat, alipay, stripe, notes } = town;
  await clock.sleep(random.between(60_000, 9_000_000));
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
  ].filter(({ merchant }) => [...notes.merchants.values()].includes(merchant));
  if (choices.length === 0) return;
  const { number, act } = random.pick(choices);
  notes.misstated.push(number);
  act();
}

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
  stripe.chatter(stripeAccounts[0]);
}
