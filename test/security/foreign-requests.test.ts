import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system?.stop());

interface Asked {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** As `fetch` cannot: under another host, or with what only a browser may say. */
async function ask(url: string, { method = 'GET', headers }: Asked) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method, headers }, resolve).on('error', reject).end();
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString() };
}

const rebound = { host: 'stranger.example' };
const crossSite = {
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'cors',
  origin: 'http://stranger.example',
};

/** Everything that listens for the local system, and something that it would tell or do. */
const listening = () => {
  const { operatorEnvironment: addresses, consoleUrl, url } = system;
  return [
    ['GET', `${consoleUrl}/simulator/tokens`],
    ['GET', `${consoleUrl}/simulator/payments`],
    ['POST', `${consoleUrl}/simulator/payments/stripe/mall-1/pay`],
    ['GET', `${consoleUrl}/`],
    ['GET', `${consoleUrl}/console/orders`],
    ['GET', `${consoleUrl}/console/events`],
    ['POST', `${consoleUrl}/console/day/close`],
    ['GET', `${consoleUrl}/alipay/gateway.do`],
    ['POST', `${consoleUrl}/wecom/send`],
    ['GET', `${url}/console/settings.json`],
    ['GET', `${url}/docs`],
    ['POST', `${url}/api/pay/checkout`],
    ['GET', `${url}/nothing`],
    ['POST', addresses['AWS_ENDPOINT_URL_SECRETS_MANAGER']],
    ['POST', addresses['AWS_ENDPOINT_URL_SQS']],
    ['POST', addresses['AWS_ENDPOINT_URL_EVENTBRIDGE']],
  ].map(([method = '', address = '']) => ({ method, address }));
};

describe('a page of a stranger that is open on this machine', () => {
  it('is told nothing under a host name of its own that leads here', async () => {
    for (const { method, address } of listening()) {
      const { status, text } = await ask(address, { method, headers: rebound });
      expect([address, status]).toEqual([address, 421]);
      expect(Object.keys(JSON.parse(text))).toEqual(['message']);
    }
  });

  it('is told nothing across sites, nor does anything', async () => {
    for (const { method, address } of listening()) {
      const { status, headers } = await ask(address, { method, headers: crossSite });
      expect([address, status]).toEqual([address, 403]);
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('frames nothing', async () => {
    for (const address of [`${system.consoleUrl}/`, `${system.url}/console`, `${system.url}/docs`]) {
      const { headers } = await ask(address, { headers: {} });
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    }
  });

  it('does not find the table, which an engine serves that asks nobody who they are', () => {
    const { hostname } = new URL(system.dynamodbEndpoint);
    expect(hostname).toMatch(process.platform === 'linux' ? /^127\.\d+\.\d+\.[1-9]\d*$/ : /^127\.0\.0\.1$/);
    if (process.platform === 'linux') expect(hostname).not.toBe('127.0.0.1');
  });
});

describe("a provider's message", () => {
  it('is let in from wherever a tunnel leads here, to be verified', async () => {
    for (const path of ['/api/pay/callback/stripe', '/api/pay/callback/wechat/8', '/v2/payments/notify']) {
      const { text } = await ask(system.url + path, {
        method: 'POST',
        headers: { ...rebound, ...crossSite },
      });
      expect(Object.keys(JSON.parse(text))).toContain('code');
    }
  });
});

describe('the issuer', () => {
  const discovery = () => `${system.consoleUrl}/issuer/.well-known/openid-configuration`;
  const asked = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' };

  it('is asked by the console, which is at the address of the API', async () => {
    const { status, headers } = await ask(discovery(), { headers: { ...asked, origin: system.url } });
    expect([status, headers['access-control-allow-origin']]).toEqual([200, system.url]);
  });

  it('is asked by no other page, and under no other host', async () => {
    const origin = 'http://127.0.0.1:1';
    expect((await ask(discovery(), { headers: { ...asked, origin } })).status).toBe(403);
    const headers = { ...rebound, ...asked, origin: system.url };
    expect((await ask(discovery(), { headers })).status).toBe(421);
  });
});

describe('a link of another site', () => {
  it('opens a page, as the way back from a sign-in or a cashier does', async () => {
    const followed = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    for (const address of [`${system.url}/console/signed-in`, `${system.consoleUrl}/`]) {
      expect((await ask(address, { headers: followed })).status).toBe(200);
    }
  });
});
