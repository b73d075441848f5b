import type { LocalSystem } from './system.ts';
import { localUser } from './tokens.ts';

/** What the person who started the system needs first. The last line says that it is ready. */
export function welcome({ url, consoleUrl, tokens, operatorEnvironment }: LocalSystem): readonly string[] {
  return [
    '',
    `Providers and their payments: ${consoleUrl}`,
    ...(tokens
      ? firstSteps(url, tokens)
      : ['No tokens: the auth document holds no hs256_secret to sign with.']),
    '',
    'For npm run doctor, reconcile and erase with -- --stage local, in a terminal of its own:',
    `export ${Object.entries(operatorEnvironment)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
    '',
    `ready ${url}`,
  ];
}

function firstSteps(url: string, { admin, user }: NonNullable<LocalSystem['tokens']>): readonly string[] {
  const order = JSON.stringify({
    user_id: localUser,
    openid: 'openid-1',
    amount: 19.99,
    points: 0,
    description: 'Tea',
  });
  return [
    'Tokens for 30 days, and a first order with its payment parameters:',
    '',
    `ADMIN_TOKEN=${admin}`,
    `USER_TOKEN=${user}`,
    `curl -X PUT ${url}/v2/orders/mall/1 -H "authorization: Bearer $ADMIN_TOKEN" -H 'content-type: application/json' -d '${order}'`,
    `curl -X POST ${url}/v2/orders/mall/1/pay -H "authorization: Bearer $USER_TOKEN"`,
  ];
}
