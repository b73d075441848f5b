import { providerFacts } from '../../lib/providers/facts.ts';
import type { Payee } from './payees.ts';
import type { LocalSystem } from './system.ts';
import { localUser, type Tokens } from './tokens.ts';

/** What the person who started the system needs first. The last line says that it is ready. */
export async function welcome(system: LocalSystem): Promise<readonly string[]> {
  const { url, consoleUrl, tokens, operatorEnvironment } = system;
  const payees = await system.payees.list();
  return [
    '',
    `Providers and their payments: ${consoleUrl}`,
    ...payees.map(({ tenant_id, providers }) => {
      const who = tenant_id === null ? 'The stage' : `Tenant ${tenant_id}, by merchants of its own,`;
      return `${who} is paid at: ${providers.map((name) => providerFacts[name].label).join(', ') || 'no provider'}`;
    }),
    ...(tokens
      ? firstSteps(url, tokens, payees)
      : ['No tokens: the auth document holds no hs256_secret to sign with.']),
    '',
    'For npm run doctor, reconcile, erase and webhooks with -- --stage local, in a terminal of its own:',
    `export ${Object.entries(operatorEnvironment)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
    '',
    `ready ${url}`,
  ];
}

function firstSteps(url: string, { admin, user }: Tokens, payees: readonly Payee[]): readonly string[] {
  const post = (path: string, token: string) =>
    `curl -X POST ${url}${path} -H "authorization: Bearer $${token}"`;
  const withBody = (body: object) => `-H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  const order = { user_id: localUser, openid: 'openid-1', amount: 19.99, points: 0, description: 'Tea' };
  const paid = payees.find(({ providers }) => providers.length > 0);
  const checkout = { tenant_id: paid?.tenant_id ?? 7, amount: 8.8, provider: paid?.providers[0] };
  return [
    'Tokens for 30 days, and a first order with its payment parameters:',
    '',
    `ADMIN_TOKEN=${admin}`,
    `USER_TOKEN=${user}`,
    ...(payees[0]?.providers.includes('wechat')
      ? [
          `curl -X PUT ${url}/v2/orders/mall/1 -H "authorization: Bearer $ADMIN_TOKEN" ${withBody(order)}`,
          post('/v2/orders/mall/1/pay', 'USER_TOKEN'),
        ]
      : [`${post('/api/pay/checkout', 'ADMIN_TOKEN')} ${withBody(checkout)}`]),
  ];
}
