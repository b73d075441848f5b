import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { checkClock } from '../../../../infra/operate/doctor/clock.ts';
import { checkDocument } from '../../../../infra/operate/doctor/documents.ts';
import { checkTable, type TableFacts } from '../../../../infra/operate/doctor/table.ts';
import { checkTls } from '../../../../infra/operate/doctor/tls.ts';
import { createCertificate } from '../../../support/certificate.ts';
import { rsaKeys } from '../../../support/rsa-keys.ts';

const refusal = (name: string) => Object.assign(new Error('not authorized'), { name });

describe('what DynamoDB tells of a table', () => {
  const facts: TableFacts = {
    name: 'settle-dev',
    description: {
      TableName: 'settle-dev',
      TableStatus: 'ACTIVE',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      DeletionProtectionEnabled: true,
    },
    timeToLive: 'ttl',
    hasPointInTimeRecovery: true,
  };
  const levelOf = (check: string, changes: Partial<TableFacts>) =>
    checkTable({ ...facts, ...changes }).find((result) => result.check === check)?.level;
  const described = (changes: object) => ({ description: { ...facts.description, ...changes } });

  it.each<[string, string, Partial<TableFacts>, string]>([
    ['deletion protection', 'on', {}, 'ok'],
    ['deletion protection', 'off', described({ DeletionProtectionEnabled: false }), 'fault'],
    ['deletion protection', 'not told', described({ DeletionProtectionEnabled: undefined }), 'unknown'],
    ['point-in-time recovery', 'on', {}, 'ok'],
    ['point-in-time recovery', 'off', { hasPointInTimeRecovery: false }, 'fault'],
    [
      'point-in-time recovery',
      'not to be read',
      { hasPointInTimeRecovery: refusal('AccessDeniedException') },
      'warning',
    ],
    [
      'point-in-time recovery',
      'unknown to the engine',
      { hasPointInTimeRecovery: refusal('UnknownOperationException') },
      'unknown',
    ],
    ['time to live', 'of another attribute', { timeToLive: 'expires' }, 'warning'],
    ['table', 'of other keys', described({ KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] }), 'fault'],
    ['table', 'being deleted', described({ TableStatus: 'DELETING' }), 'fault'],
  ])('%s, %s', (check, _what, changes, level) => {
    expect(levelOf(check, changes)).toBe(level);
  });
});

describe('clocks', () => {
  const now = Date.parse('2026-11-22T06:00:00Z');
  const apiUrl = 'https://pay.example.com';
  const providers = [{ name: 'Stripe', url: 'https://api.stripe.example' }];

  /** Each address with a clock so many seconds ahead of this machine's. */
  function check(ahead_s: Readonly<Record<string, number>>) {
    const fetchDate: typeof fetch = async (url) => {
      const ahead = ahead_s[String(url)];
      if (ahead === undefined) throw new TypeError('fetch failed');
      return new Response('', { headers: { date: new Date(now + ahead * 1_000).toUTCString() } });
    };
    return checkClock({ fetch: fetchDate, now: () => now }, apiUrl, providers);
  }

  it.each<[string, Readonly<Record<string, number>>, string, RegExp]>([
    ['agree', { [apiUrl]: 30, 'https://api.stripe.example': -20 }, 'ok', /agrees with this machine, Stripe/],
    [
      'agree but for ours',
      { [apiUrl]: 90, 'https://api.stripe.example': 90 },
      'warning',
      /this machine's is off/,
    ],
    [
      'do not agree',
      { [apiUrl]: 400, 'https://api.stripe.example': 0 },
      'fault',
      /400 s from that of Stripe/,
    ],
    ['cannot all be read', { [apiUrl]: 1 }, 'ok', /agrees with this machine$/],
    ['disagree with nobody else to ask', { [apiUrl]: 90 }, 'fault', /90 s from that of this machine/],
    ['are not told', {}, 'unknown', /could not be found out/],
  ])('that %s', async (_what, ahead_s, level, text) => {
    expect(await check(ahead_s)).toEqual({ check: 'clock', level, text: expect.stringMatching(text) });
  });
});

describe('a document', () => {
  it.each([
    [{ state: 'absent' }, 'fault', /^is not stored\. Run npm run setup -- --stage dev --only auth$/],
    [
      { state: 'deleted' },
      'fault',
      /^is deleted, and can still be restored\. Run aws secretsmanager restore-secret --secret-id settle\/dev\/auth$/,
    ],
    [{ state: 'malformed' }, 'fault', /^is not a JSON object/],
    [refusal('AccessDeniedException'), 'warning', /^could not be found out: AccessDeniedException/],
  ] as const)('%j', (stored, level, text) => {
    expect(checkDocument('auth', stored, { stage: 'dev', now: 0 })).toEqual([
      { check: 'document auth', level, text: expect.stringMatching(text) },
    ]);
  });
});

it('leads to where the document of a local system comes from', () => {
  const [result] = checkDocument('auth', { state: 'malformed' }, { stage: 'local', now: 0 });
  expect(result?.text).toBe('is not a JSON object. Mend it in SETTLE_SECRETS_FILE, and start again');
});

describe('the certificate of the address', () => {
  const { publicKey, privateKey } = rsaKeys();
  const now = Date.parse('2026-11-22T06:00:00Z');

  it.each([
    ['2027-02-01T00:00:00Z', 'ok', /^lasts until 2027-02-01$/],
    ['2026-12-01T00:00:00Z', 'warning', /^ends on 2026-12-01\. /],
  ])('that ends at %s', async (end, level, text) => {
    const cert = createCertificate({
      publicKey,
      issuerKey: privateKey,
      serial: '01',
      validFrom: now - 1_000,
      validUntil: Date.parse(end),
    });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const server = createServer({ key, cert }, (socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const result = await checkTls(`https://localhost:${port}`, now);
    await new Promise((resolve) => server.close(resolve));
    expect(result).toEqual({ check: 'TLS certificate', level, text: expect.stringMatching(text) });
  });

  it('that nobody shows', async () => {
    expect(await checkTls('https://127.0.0.1:1', now)).toMatchObject({ level: 'unknown' });
  });
});
