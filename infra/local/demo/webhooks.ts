import { handOver } from './shop.ts';
import { acknowledged, type Stage, summary } from './stage.ts';
import { waitWhile } from './wait.ts';

/** By way of the stream, the bus and the queue. */
const COMES_WITHIN_MS = 15_000;

interface Delivery {
  readonly id: string;
  readonly state: string;
  readonly attempts: readonly { readonly status: number | null }[];
}

/** A shop is told that an order is paid; it fails once, and is told again on request. */
export async function tellShop(stage: Stage): Promise<void> {
  const { client, tokens, report } = stage;
  const taken = await payOrder(stage, 12.5);
  await report.step('its webhook', 'order.paid verified 200', () => comes(stage, taken, 1));

  await report.step('the shop answers 500 from now on', 'error', () => client.setInbox('stage', 'error'));
  const order_no = await payOrder(stage, 13.5);
  await report.step('its webhook', 'order.paid verified 500', () => comes(stage, order_no, 1));
  await report.step('its delivery', 'due after 500', () =>
    waitWhile(
      (state) => state === 'due after nothing',
      COMES_WITHIN_MS,
      async () => stateOf(await find(stage, order_no)),
    ),
  );
  await report.step('the shop is well again', 'ok', () => client.setInbox('stage', 'ok'));
  await report.step('send it again', '202', async () => {
    const id = (await find(stage, order_no))?.id ?? '';
    const path = `/api/pay/webhooks/deliveries/${id}/redeliver`;
    return String((await client.api('POST', path, { token: tokens.admin })).status);
  });
  await report.step('its webhooks', 'order.paid verified 500, order.paid verified 200', () =>
    comes(stage, order_no, 2),
  );
  await report.step('what the shop knows of it', 'paid', () => client.known(order_no));
}

async function payOrder(stage: Stage, amount: number): Promise<string> {
  const { client, tokens, report, paid } = stage;
  const { path, order_no } = await handOver(stage, 'mall', amount);
  await report.step('ask for payment parameters', '200', async () =>
    String((await client.api('POST', `${path}/pay`, { token: tokens.user })).status),
  );
  const isPaid = await report.step('the genuine callback', acknowledged.wechat, async () =>
    (await client.pay('wechat', order_no)).map(summary).join(),
  );
  if (isPaid) paid.push(order_no);
  return order_no;
}

/** Waits until so many different answers were given: an attempt that its time brings is no other. */
const comes = ({ client }: Stage, order_no: string, answers: number): Promise<string> =>
  waitWhile(
    (came) => came.split(', ').length < answers || came === '',
    COMES_WITHIN_MS,
    async () => [...new Set(await client.webhooks(order_no))].join(', '),
  );

async function find({ client, tokens }: Stage, order_no: string): Promise<Delivery | undefined> {
  const path = `/api/pay/webhooks/deliveries?order_no=${order_no}`;
  const { data } = await client.api('GET', path, { token: tokens.admin });
  return (data['deliveries'] as Delivery[])[0];
}

const stateOf = (delivery: Delivery | undefined): string =>
  delivery
    ? `${delivery.state} after ${delivery.attempts.map(({ status }) => status).join(', ') || 'nothing'}`
    : 'due after nothing';
