import { providerFacts } from '../../lib/providers/facts.ts';
import { usualConsolePort } from '../operate/local-stage.ts';
import type { Payee } from './payees.ts';
import type { LocalSystem } from './system.ts';
import { localUser, type Tokens } from './tokens.ts';

/** What the person who started the system needs first. The last line says that it is ready. */
export async function welcome(system: LocalSystem): Promise<readonly string[]> {
  const { url, consoleUrl, tokens } = system;
  const payees = await system.payees.list();
  return [
    '',
    `The operator's console: ${url}/console, and the API to look at: ${url}/docs`,
    `The laboratory, where payers pay and what can go wrong does: ${consoleUrl}`,
    'All that it does, one after another, in a terminal of its own: npm run demo',
    '',
    ...payees.map(({ tenant_id, providers }) => {
      const who = tenant_id === null ? 'The stage' : `Tenant ${tenant_id}, by merchants of its own,`;
      return `${who} is paid at: ${providers.map((name) => providerFacts[name].label).join(', ') || 'no provider'}`;
    }),
    ...(tokens
      ? firstSteps(url, tokens, payees)
      : ['No tokens: the auth document is your own, and so is the login that signs them.']),
    '',
    'In a terminal of its own, and so for reconcile, erase and webhooks:',
    `${portPrefix(consoleUrl)}npm run doctor -- --stage local`,
    '',
    `ready ${url}`,
  ];
}

/** Commands look for the system at its usual port. */
function portPrefix(consoleUrl: string): string {
  const { port } = new URL(consoleUrl);
  return port === usualConsolePort ? '' : `CONSOLE_PORT=${port} `;
}

function firstSteps(
  url: string,
  { admin, viewer, user }: Tokens,
  payees: readonly Payee[],
): readonly string[] {
  const post = (path: string, token: string) =>
    `curl -X POST ${url}${path} -H "authorization: Bearer $${token}"`;
  const withBody = (body: object) => `-H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  const order = { user_id: localUser, openid: 'openid-1', amount: 19.99, points: 0, description: 'Tea' };
  const paid = payees.find(({ providers }) => providers.length > 0);
  const ofStage = Math.max(6, ...payees.map(({ tenant_id }) => tenant_id ?? 0)) + 1;
  const checkout = { tenant_id: paid?.tenant_id ?? ofStage, amount: 8.8, provider: paid?.providers[0] };
  return [
    'Tokens for 30 days, and a first order with its payment parameters:',
    '',
    `ADMIN_TOKEN=${admin}`,
    `VIEWER_TOKEN=${viewer}`,
    `USER_TOKEN=${user}`,
    ...(payees[0]?.providers.includes('wechat')
      ? [
          `curl -X PUT ${url}/v2/orders/mall/1 -H "authorization: Bearer $ADMIN_TOKEN" ${withBody(order)}`,
          post('/v2/orders/mall/1/pay', 'USER_TOKEN'),
        ]
      : [`${post('/api/pay/checkout', 'ADMIN_TOKEN')} ${withBody(checkout)}`]),
  ];
}
