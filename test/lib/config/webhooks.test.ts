import { describe, expect, it } from 'vitest';
import { DocumentError } from '../../../lib/config/document.ts';
import { parseWebhooksDocument } from '../../../lib/config/webhooks.ts';
import { webhookSecret } from '../../support/webhook-secret.ts';

const document = { url: 'https://shop.example/hooks?shop=1', secrets: [webhookSecret(1)] };
const ofBytes = (count: number) => `whsec_${Buffer.alloc(count, 7).toString('base64')}`;

const parse = (value: unknown, allowLoopback = false, name = 'webhooks') =>
  parseWebhooksDocument(name, value, { allowLoopback });

function refusal(value: unknown, allowLoopback = false, name = 'webhooks'): string {
  try {
    parse(value, allowLoopback, name);
  } catch (error) {
    if (error instanceof DocumentError) return error.message;
  }
  throw new Error('not refused');
}

describe('the webhooks document', () => {
  it('reads an endpoint that is told of everything of the shop', () => {
    expect(parse(document)).toEqual({
      url: new URL(document.url),
      secrets: document.secrets,
      events: null,
      tenantEvents: false,
    });
  });

  it('reads two secrets, the types that are wanted, and that tenants are heard of', () => {
    const secrets = [webhookSecret(1), webhookSecret(2)];
    const events = ['order.paid', 'refund.succeeded'];
    expect(parse({ ...document, secrets, events, tenant_events: true })).toMatchObject({
      secrets,
      events,
      tenantEvents: true,
    });
  });

  it.each([24, 64])('takes a secret of %i bytes', (count) => {
    expect(parse({ ...document, secrets: [ofBytes(count)] }).secrets).toEqual([ofBytes(count)]);
  });

  it.each([
    ['none', undefined],
    ['a text', webhookSecret(1)],
    ['an empty list', []],
    ['three', [1, 2, 3].map(webhookSecret)],
  ])('refuses %s for secrets', (_, secrets) => {
    expect(refusal({ ...document, secrets })).toMatch(/^configuration document "webhooks": secrets must /);
  });

  it.each([
    ['23 bytes', ofBytes(23)],
    ['65 bytes', ofBytes(65)],
    ['no prefix', webhookSecret(1).slice('whsec_'.length)],
    ['the prefix alone', 'whsec_'],
    ['base64url', `whsec_${Buffer.alloc(32, 0xff).toString('base64url')}`],
    ['a space at its end', `${webhookSecret(1)} `],
  ])('refuses a secret of %s by its place, and does not say it', (_, secret) => {
    const message = refusal({ ...document, secrets: [webhookSecret(2), secret] });
    expect(message).toBe(
      'configuration document "webhooks": secrets.1 must be whsec_ and 24 to 64 bytes in base64',
    );
  });

  it.each([
    'http://shop.example/hooks',
    'ftp://shop.example/hooks',
    'shop.example',
    'https://user:password@shop.example/hooks',
    'https://user@shop.example/hooks',
    'https://shop.example/hooks#part',
    'https://shop.example/a path',
    `https://shop.example/${'a'.repeat(2048)}`,
    'https://10.0.0.1/hooks',
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00:ec2::254]/latest',
    'https://[::ffff:10.0.0.1]/',
    'https://192.168.1.1:8443/',
    'https://127.0.0.1/hooks',
    'https://0x7f.1/hooks',
    'https://2130706433/hooks',
    'https://localhost/hooks',
    'http://localhost:3001/hooks',
    'https://[::1]/hooks',
  ])('refuses %s', (url) => {
    const message = refusal({ ...document, url });
    expect(message).toMatch(/^configuration document "webhooks": url must be an https address/);
    expect(message).not.toContain('password');
  });

  it.each(['', ' ', 7, undefined, null])('refuses %j for an address', (url) => {
    expect(refusal({ ...document, url })).toContain('"webhooks": url ');
  });

  it.each(['http://127.0.0.1:3001/inbox', 'http://localhost:3001/inbox', 'https://[::1]:3001/inbox'])(
    'takes %s where the loopback is allowed',
    (url) => {
      expect(parse({ ...document, url }, true).url.href).toBe(url);
    },
  );

  it.each(['http://10.0.0.1/', 'http://shop.example/', 'https://10.0.0.1/', 'ftp://127.0.0.1/'])(
    'refuses %s there too',
    (url) => {
      expect(refusal({ ...document, url }, true)).toContain('"webhooks": url ');
    },
  );

  it.each([
    ['events', { events: [] }],
    ['events', { events: 'order.paid' }],
    ['events.1', { events: ['order.paid', 'order.payed'] }],
    ['tenant_events', { tenant_events: 'yes' }],
  ])('refuses %s by name', (field, changes) => {
    expect(refusal({ ...document, ...changes })).toContain(`"webhooks": ${field} must `);
  });

  it.each(['event', 'tenant_event', 'secret', 'constructor'])(
    'refuses the field %s, which it has not',
    (field) => {
      expect(refusal({ ...document, [field]: [] })).toBe(
        `configuration document "webhooks": ${field} is no field of it`,
      );
    },
  );

  it.each([true, false])("refuses a tenant's that says whether it hears of tenants' events: %s", (value) => {
    expect(refusal({ ...document, tenant_events: value }, false, 'tenants/7')).toBe(
      `configuration document "tenants/7": tenant_events is of the stage's document alone`,
    );
  });

  it.each([null, [], 'text', 7])('refuses %j', (value) => {
    expect(() => parse(value)).toThrow(DocumentError);
  });
});
