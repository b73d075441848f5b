import { Webhook } from 'standardwebhooks';
import { describe, expect, it, vi } from 'vitest';
import { signatureHeaders } from '../../../lib/webhooks/sign.ts';
import { newEventId, START } from '../../support/deliveries.ts';
import { webhookSecret } from '../../support/webhook-secret.ts';

const [current, next, retired] = [webhookSecret(1), webhookSecret(2), webhookSecret(3)];
const message = {
  id: newEventId(),
  body: '{"type":"order.paid","data":{"order_no":"mall-1","note":"付款"}}',
};

/** As a receiver does it, so long after the message was sent. */
function verify(
  secret: string,
  headers: Readonly<Record<string, string>>,
  body = message.body,
  after_ms = 0,
): unknown {
  vi.setSystemTime(START + after_ms);
  try {
    return new Webhook(secret).verify(body, headers);
  } finally {
    vi.useRealTimers();
  }
}

describe('a signature', () => {
  const headers = signatureHeaders([current], message, START);

  it('is verified by the package', () => {
    expect(verify(current, headers)).toEqual(JSON.parse(message.body));
    expect(headers['webhook-id']).toBe(message.id);
  });

  it('of a rotation is verified by either secret', () => {
    const rotating = signatureHeaders([current, next], message, START);
    for (const secret of [current, next]) expect(verify(secret, rotating)).toEqual(JSON.parse(message.body));
    expect(() => verify(retired, rotating)).toThrow('No matching signature');
  });

  it('of a retired secret is refused', () => {
    const old = signatureHeaders([retired], message, START);
    expect(() => verify(current, old)).toThrow('No matching signature');
  });

  it.each([
    ['body', { body: message.body.replace('mall-1', 'mall-2') }],
    ['space in the body', { body: `${message.body} ` }],
    ['id', { headers: { ...headers, 'webhook-id': newEventId() } }],
    ['time', { headers: { ...headers, 'webhook-timestamp': String(START / 1_000 + 1) } }],
    [
      'signature',
      { headers: { ...headers, 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` } },
    ],
    [
      'version',
      {
        headers: { ...headers, 'webhook-signature': headers['webhook-signature']?.replace('v1', 'v2') ?? '' },
      },
    ],
  ])(
    'with another %s is refused',
    (_, {
      headers: given = headers,
      body = message.body,
    }: {
      headers?: Readonly<Record<string, string>>;
      body?: string;
    }) => {
      expect(() => verify(current, given, body)).toThrow('No matching signature');
    },
  );

  it('is good for five minutes, either way', () => {
    expect(verify(current, headers, message.body, 299_000)).toBeDefined();
    expect(() => verify(current, headers, message.body, 301_000)).toThrow('too old');
    expect(() => verify(current, headers, message.body, -301_000)).toThrow('too new');
  });
});
