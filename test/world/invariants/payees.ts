import { appid as usualAppid } from '../documents.ts';
import type { Town } from '../town.ts';
import type { Stored } from './stored.ts';

/** Every payment is made to somebody to whom its order's owner was to be paid: a tenant's own are never the stage's. */
export function checkPayees({ setup, marks, wechat }: Town, { orders }: Stored): string[] {
  const wrong: string[] = [];
  for (const { order, payments } of orders.values()) {
    const tenant_id = order['kind'] === 'tenant' ? Number(order['tenant_id']) : null;
    for (const { payment_no, provider, merchant, appid, state } of payments.values()) {
      if (!setup.payees(tenant_id).has(`${provider}.${merchant}`))
        wrong.push(
          `${payment_no} is made to ${merchant}, to whom ${tenant_id ?? 'the shop'} was not to be paid`,
        );
      const isOwn = tenant_id !== null && !setup.payees(null).has(`${provider}.${merchant}`);
      if (isOwn && state === 'paid') marks.take('paid_to_own');
      const trade = wechat.trade(String(merchant), String(payment_no));
      const isOurs = trade?.transactions.every(({ origin }) => origin === 'ours') === true;
      if (provider === 'wechat' && isOurs && trade?.appid !== appid)
        wrong.push(`${payment_no} is stored as of ${appid}, and is ${trade?.appid}'s`);
      if (tenant_id === null && state === 'paid' && appid !== usualAppid) marks.take('paid_in_other_program');
    }
  }
  return wrong;
}
