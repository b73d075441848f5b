import { createHmac } from 'node:crypto';
import { addressOf, callbackKeyOf, stripeAccounts, wechatMerchants } from '../documents.ts';
import { parseNumber } from '../numbers.ts';
import type { Transaction } from '../providers/books.ts';
import { stripeMerchantName } from '../providers/stripe/forms.ts';
import type { Town } from '../town.ts';
import type { Post, Reply } from '../wire.ts';

/** Relays tell of payments in flat bodies, often without a transaction number or an amount, before or after the provider. */
export async function runRelay(town: Town): Promise<void> {
  const { random, clock, books, marks } = town;
  // Some relays are often wrong.
  const isLiar = town.likely.has('misstatements') || random.chance(0.15);
  const isBusy = isLiar || town.likely.has('relays');
  let seen = 0;
  while (clock.now() < town.closing_at) {
    const pauses = isBusy ? [200, 1_000, 5_000, 60_000] : [1_000, 30_000, 600_000, 3_000_000];
    await clock.sleep(random.pick(pauses));
    for (const transaction of books.transactions.slice(seen)) {
      if (transaction.origin !== 'ours' || !random.chance(town.likely.has('relays') ? 0.9 : 0.35)) continue;
      const copies = random.pick([1, 1, 2]);
      for (let copy = 0; copy < copies; copy += 1) void relay(town, transaction, isLiar);
      marks.take('relayed');
    }
    seen = books.transactions.length;
    if (random.chance(0.1)) void relayFailure(town);
    if (random.chance(town.likely.has('misstatements') ? 0.1 : 0.02)) void relayUnpaid(town);
    if (random.chance(0.03)) void relayUnknown(town);
  }
}

async function relay(town: Town, transaction: Transaction, isLiar: boolean): Promise<void> {
  const { random, clock, marks } = town;
  const hasAmount = random.chance(isLiar ? 0.7 : 0.5);
  const isWrong = hasAmount && random.chance(isLiar ? 0.6 : 0.05);
  // What is wrong comes before its provider's own word as often as after it.
  await clock.sleep(random.pick(isWrong ? [0, 0, 5_000, 400_000] : [0, 5_000, 400_000]) + random.below(500));
  const isNamed = random.chance(isWrong ? 0.8 : 0.4);
  if (!isNamed) marks.take('told_without_number');
  transaction.whole.isSent = true;
  const { provider, number, id, amount, currency } = transaction;
  const unit = { JPY: 0, KWD: 3 }[currency] ?? 2;
  // More or less than was taken, of which a provider gives back the one alone.
  const said = isWrong ? amount + random.pick(amount > 10 ? [10, -10] : [10]) : amount;
  const words = {
    wechat: ['succeeded', 'SUCCESS'],
    alipay: ['succeeded', 'TRADE_SUCCESS', 'TRADE_FINISHED'],
    stripe: ['succeeded'],
  }[provider];
  const other = isWrong && isNamed && random.chance(0.3) ? anotherOf(town, transaction, said) : null;
  const told = other ?? number;
  if (other !== null) marks.take('relayed_under_another_number');
  const fields = {
    order_no: told,
    status: random.pick(words),
    ...(isNamed ? { txn_id: id } : {}),
    ...(hasAmount ? { amount: (said / 10 ** unit).toFixed(unit), currency } : {}),
  };
  if (isWrong) {
    marks.take('relay_misstated');
    town.notes.misstated.push(told);
  }
  await tellUntilTaken(town, transaction, fields);
}

/** The number of another payment of the same order and merchant, which is over another amount than is told. */
function anotherOf({ wechat, random }: Town, { number, merchant }: Transaction, said: number): string | null {
  const order_no = parseNumber(number)?.order_no;
  const others = wechat
    .trades()
    .filter((trade) => trade.merchant.mchid === merchant && trade.number !== number && trade.total !== said)
    .filter((trade) => parseNumber(trade.number)?.order_no === order_no);
  return others.length > 0 ? random.pick(others).number : null;
}

/** Of a payment that its bank refused, which the payer may still pay. */
async function relayFailure(town: Town): Promise<void> {
  const failed = town.wechat.trades().filter(({ state }) => state === 'PAYERROR' || state === 'NOTPAY');
  if (failed.length === 0) return;
  const trade = town.random.pick(failed);
  town.marks.take('failure_relayed');
  const subject = { provider: 'wechat', merchant: trade.merchant.mchid } as const;
  await tellUntilTaken(town, subject, {
    order_no: trade.number,
    status: town.random.pick(['failed', 'PAYERROR']),
  });
}

/** Of a payment that nobody has made, over another amount: its provider knows better. */
async function relayUnpaid(town: Town): Promise<void> {
  const unpaid = town.wechat.trades().filter(({ state }) => state === 'NOTPAY');
  if (unpaid.length === 0) return;
  const { number, merchant, total } = town.random.pick(unpaid);
  town.marks.take('unpaid_relayed');
  town.notes.misstated.push(number);
  const subject = { provider: 'wechat', merchant: merchant.mchid } as const;
  const fields = { order_no: number, status: 'succeeded', amount: ((total + 10) / 100).toFixed(2) };
  await tellUntilTaken(town, subject, { ...fields, currency: 'CNY' });
}

/** Of an order that is not here, or not yet: nothing may be made of it. */
async function relayUnknown(town: Town): Promise<void> {
  town.marks.take('unknown_order_relayed');
  const party = { provider: 'wechat', merchant: wechatMerchants[0]?.mchid ?? '' } as const;
  const post = compose(town, party, {
    order_no: `${town.prefix}mall-${town.random.digits(12).replace(/^0+/, '9')}`,
    status: 'succeeded',
  });
  const reply = await town.send(post);
  if (reply && reply.status < 400)
    town.notes.violations.push(`a payment of an unknown order was taken: ${reply.body}`);
}

type Party = Pick<Transaction, 'provider' | 'merchant'>;

async function tellUntilTaken(town: Town, party: Party, fields: Record<string, string>): Promise<Reply> {
  for (let attempt = 0; ; attempt += 1) {
    const reply = await town.send(compose(town, party, fields));
    if ((reply && reply.status < 500 && reply.status !== 401 && reply.status !== 404) || attempt === 14)
      return reply;
    await town.clock.sleep(20_000 * 2 ** Math.min(attempt, 10));
  }
}

function compose(
  { clock }: Pick<Town, 'clock'>,
  { provider, merchant }: Party,
  fields: Readonly<Record<string, string>>,
): Post {
  const path = addressOf(provider, merchant);
  if (provider === 'stripe') {
    const body = JSON.stringify(fields);
    const time = Math.floor(clock.now() / 1_000);
    const secret =
      stripeAccounts.find((account) => stripeMerchantName(account) === merchant)?.webhook_secret ?? '';
    const v1 = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
    return {
      path,
      headers: { 'content-type': 'application/json', 'stripe-signature': `t=${time},v1=${v1}` },
      body,
    };
  }
  const sig = createHmac('sha256', callbackKeyOf(provider, merchant)).update(flatText(fields)).digest('hex');
  return { path, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...fields, sig }) };
}

const flatText = (fields: Readonly<Record<string, string>>) =>
  Object.keys(fields)
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
