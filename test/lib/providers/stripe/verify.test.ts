import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawMessage } from '../../../../lib/providers/message.ts';
import { verifyStripeMessage } from '../../../../lib/providers/stripe/verify.ts';
import { createStripeParty } from '../../../support/stripe.ts';

const { secret, signText } = createStripeParty();
const older = `whsec_${'o'.repeat(32)}`;
const now = Date.parse('2024-05-13T09:49:22.500Z');
const t = Math.floor(now / 1000);
const payload = '{"id": "evt_1", "text": "支付 \\/"}';

const v1 = (key = secret, time: string | number = t) =>
  createHmac('sha256', key).update(`${time}.${payload}`).digest('hex');
const verifyWith = (secrets: readonly string[], message: RawMessage) =>
  verifyStripeMessage(
    message,
    secrets.map((text) => createSecretKey(text, 'utf8')),
    now,
  );
const verify = (header: string | undefined, body = Buffer.from(payload)) =>
  verifyWith([secret, older], { headers: { 'stripe-signature': header }, body });
const refusal = (reason: string) => expect.objectContaining({ name: 'VerificationError', reason });

describe('verifyStripeMessage', () => {
  it('takes what the stripe package signs', () => {
    expect(() => verifyWith([secret], signText(payload, { at: now }))).not.toThrow();
  });

  it('takes any v1 under any of the secrets', () => {
    const other = 'ab'.repeat(32);
    verify(`t=${t},v1=${v1(older)}`);
    verify(`t=${t},v1=${other},v1=${v1()}`);
    verify(`v0=${other},v1=${v1()},t=${t},v2=x`);
    verify(`t=${t}${`,v1=${other}`.repeat(15)},v1=${v1()}`);
    verify(`t=${t},v1=${v1()}${',v9=x'.repeat(30)}`);
  });

  it('keys with the whole secret, prefix and all', () => {
    expect(() => verify(`t=${t},v1=${v1(secret.slice('whsec_'.length))}`)).toThrow(
      refusal('signature_mismatch'),
    );
  });

  it.each([-300, 300])('takes a message %i s off', (offset) => {
    const time = t + offset;
    expect(() => verify(`t=${time},v1=${v1(secret, time)}`)).not.toThrow();
  });

  it.each([-86_400 * 365, -301, 301, 600])('refuses one %i s off', (offset) => {
    const time = t + offset;
    expect(() => verify(`t=${time},v1=${v1(secret, time)}`)).toThrow(refusal('timestamp_out_of_range'));
  });

  it('does not look at the time of a message that nobody signed', () => {
    expect(() => verify(`t=1,v1=${v1('whsec_other', 1)}`)).toThrow(refusal('signature_mismatch'));
  });

  it.each([
    ['signature_missing', undefined],
    ['signature_missing', ''],
    ['signature_missing', `t=${t}`],
    ['signature_missing', `t=${t},v0=${v1()}`],
    ['signature_malformed', `v1=${v1()}`],
    ['signature_malformed', `t=x${t},v1=${v1()}`],
    ['signature_malformed', `t=${t}x,v1=${v1()}`],
    ['signature_malformed', `t=${t},v1=00${v1()}`],
    ['signature_malformed', `t=${t},v1=${v1()}${',v9=x'.repeat(31)}`],
    ['signature_malformed', `t=,v1=${v1()}`],
    ['signature_malformed', `t=${t}.0,v1=${v1()}`],
    ['signature_malformed', `t=-${t},v1=${v1()}`],
    ['signature_malformed', `t=${t},t=${t},v1=${v1()}`],
    ['signature_malformed', `t=${t},v1=${v1()}, t=${t},v1=${v1()},t=${t}`],
    ['signature_malformed', `t=${t},v1=${v1()},t=${t},v1=${v1()}`],
    ['signature_malformed', `t=${t},v1=`],
    ['signature_malformed', `t=${t},v1=${v1().toUpperCase()}`],
    ['signature_malformed', `t=${t},v1=${v1()}00`],
    ['signature_malformed', `t=${t},v1=${v1()},v1=junk`],
    ['signature_malformed', `t=${t}${`,v1=${v1()}`.repeat(17)}`],
    ['signature_malformed', `t=${t},v1=${v1()}${',v9=x'.repeat(1000)}`],
    ['signature_mismatch', `t=${t + 1},v1=${v1()}`],
    ['signature_mismatch', `t=0${t},v1=${v1()}`],
    ['signature_mismatch', `t=${t},v1=${v1(`${secret} `)}`],
  ])('says %s of header %#', (reason, header) => {
    expect(() => verify(header)).toThrow(refusal(reason));
  });

  it('throws nothing but refusals, whatever the header holds', () => {
    const item = fc.oneof(
      fc.constantFrom(`t=${t}`, `v1=${v1()}`, 't=', 'v1', 'v0=1', ''),
      fc.string({ unit: 'binary', maxLength: 80 }),
    );
    fc.assert(
      fc.property(fc.array(item, { maxLength: 5 }), (items) => {
        const genuine =
          items.filter((one) => one.startsWith('t=')).join() === `t=${t}` && items.includes(`v1=${v1()}`);
        fc.pre(!genuine);
        expect(() => verify(items.join())).toThrow(expect.objectContaining({ name: 'VerificationError' }));
      }),
    );
  });

  it('takes whatever was signed, and nothing of it altered', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, place, change) => {
          const body = Buffer.from(bytes);
          const mac = createHmac('sha256', secret).update(`${t}.`).update(body).digest('hex');
          verify(`t=${t},v1=${mac}`, body);
          const index = place % body.length;
          body[index] = (body[index] ?? 0) ^ change;
          expect(() => verify(`t=${t},v1=${mac}`, body)).toThrow(refusal('signature_mismatch'));
        },
      ),
    );
  });

  it('verifies the bytes as they came', () => {
    const header = `t=${t},v1=${v1()}`;
    verify(header);
    for (const body of [JSON.stringify(JSON.parse(payload)), `${payload}\n`, `\uFEFF${payload}`, '']) {
      expect(() => verify(header, Buffer.from(body))).toThrow(refusal('signature_mismatch'));
    }
  });
});
