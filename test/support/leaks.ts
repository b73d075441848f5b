import type { LocalSystem } from '../../infra/local/system.ts';
import { type Canary, documentSecrets, findCanaries, type Written } from './canaries.ts';
import { answersOf, sentOpenids, sentProofs } from './exchange.ts';
import { scanTable, type TableItem } from './table-scan.ts';

/** The payer that WeChat's messages name (test/support/wechat.ts). */
const PAYER = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o';

/**
 * What became public of a system's secrets, of the tokens and signatures that it was sent, and of its payers: in its
 * log, its answers, the messages to WeCom and to shops, and its tables, in one of which alone an openid may stand.
 */
export async function findLeaks(system: LocalSystem, logs: readonly string[]): Promise<string[]> {
  const items = await scanTable(system);
  const deliveries = await scanTable({ ...system, tableName: system.deliveriesTable });
  const canaries: Canary[] = [
    ...documentSecrets(system.documents),
    ...tenantSecrets(system.documents),
    ...[...sentProofs(), ...deliveredProofs(system), ...accessTokens(system)].map((value) => ({
      name: 'a token or signature',
      value,
    })),
    ...[PAYER, ...sentOpenids(), ...openids(items)].map((value) => ({ name: 'an openid', value })),
  ];
  return findCanaries(canaries, [
    ...logs.map((text) => ({ place: 'the log', text })),
    ...answersOf(system.url).map((text) => ({ place: 'an answer', text })),
    ...wecomMessages(system),
    ...webhooks(system),
    ...deliveries.map((item) => ({ place: `the delivery ${item['sk']}`, text: JSON.stringify(item) })),
    ...items.map(({ openid: _openid, ...item }) => ({
      place: `the item ${item['sk']}`,
      text: JSON.stringify(item),
    })),
  ]);
}

const tenantSecrets = ({ tenants }: LocalSystem['documents']): Canary[] =>
  Object.values(tenants).flatMap((document) => documentSecrets(document as Record<string, unknown>));

const openids = (items: readonly TableItem[]) =>
  items.flatMap(({ openid }) => (typeof openid === 'string' ? [openid] : []));

/** Those that the API of mini-programs gave. */
const accessTokens = ({ simulators }: LocalSystem): string[] =>
  simulators.recorder
    .recorded()
    .flatMap((event) =>
      event.type === 'call' && event.to === 'weixin'
        ? [/"access_token":"([^"]+)"/.exec(event.answer)?.[1] ?? []].flat()
        : [],
    );

function wecomMessages({ simulators }: LocalSystem): Written[] {
  return simulators.recorder
    .recorded()
    .flatMap((event) => (event.type === 'call' && event.to === 'wecom' ? [event.body] : []))
    .map((text) => ({ place: 'a WeCom message', text }));
}

/** Those that came to an inbox here. */
const webhooks = ({ simulators }: LocalSystem): Written[] =>
  simulators.recorder
    .recorded()
    .flatMap((event) => (event.type === 'webhook' ? [{ place: 'a webhook', text: event.webhook.body }] : []));

/** The signatures of what the simulators sent. */
function deliveredProofs({ simulators }: LocalSystem): string[] {
  return simulators.recorder.recorded().flatMap((event) => {
    if (event.type !== 'delivery') return [];
    const { headers, body } = event.delivery;
    const all = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    return [
      ...all.filter(([name]) => name === 'wechatpay-signature').map(([, value]) => value),
      ...all.filter(([name]) => name === 'stripe-signature').map(([, value]) => value.split('v1=')[1] ?? ''),
      new URLSearchParams(body).get('sign') ?? '',
    ];
  });
}
