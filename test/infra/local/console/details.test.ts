import { describe, expect, it } from 'vitest';
import { entryDetails } from '../../../../infra/local/console/details.ts';
import type { Entry } from '../../../../infra/local/console/journal.ts';
import { encrypted } from '../../../../infra/local/simulators/wechat/encrypted.ts';

const KEY = 'k'.repeat(32);
const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o';
const content = JSON.stringify({ out_trade_no: 'mall-1', payer: { openid } });
const body = (key = KEY) => JSON.stringify({ id: '1', resource: encrypted(content, key, 'transaction') });

const callback = (sent: string): Entry => ({
  ...{ id: 1, at: '', order_nos: [], log: [], type: 'request', request_id: 'r1', function: 'wechat-notify' },
  ...{ method: 'POST', target: '/v2/payments/notify', headers: { 'wechatpay-signature': 'abc' } },
  ...{ body: Buffer.from(sent), status: 200, answer: '{"code":"SUCCESS"}', started_at: '', duration_ms: 1 },
});

const partsOf = (entry: Entry, ...apiv3Keys: string[]) =>
  entryDetails(entry, { repeatable: true, apiv3Keys }).parts;

describe('a callback', () => {
  it('is shown as it came and a field a line, its signature hidden', () => {
    const sent = body();
    const [request] = partsOf(callback(sent));
    expect(request?.text).toContain(sent);
    expect(request?.readable).toContain('{\n  "id": "1",\n  "resource": {\n');
    expect(`${request?.text}${request?.readable}`).not.toContain('abc');
  });

  it('is shown decrypted beside its ciphertext, its payer hidden', () => {
    const parts = partsOf(callback(body()), 'o'.repeat(32), KEY);
    expect(parts.map(({ title }) => title)).toEqual(['request', 'decrypted', 'answer']);
    expect(JSON.parse(parts[1]?.text ?? '')).toMatchObject({ out_trade_no: 'mall-1' });
    expect(JSON.stringify(parts)).not.toContain(openid);
    expect(JSON.stringify(parts)).not.toContain(KEY);
  });

  it.each([
    ['under a key that nobody here has', body('x'.repeat(32))],
    ['that is no JSON', 'a=b'],
    ['whose resource is broken', '{"resource":{"ciphertext":1}}'],
    ['of another kind', 'null'],
  ])('%s is shown as it came', (_name, sent) => {
    expect(partsOf(callback(sent), KEY).map(({ title }) => title)).toEqual(['request', 'answer']);
  });
});

it('a form that went to a provider is decoded, what it says of people hidden', () => {
  const form = `sign=secret&biz_content=${encodeURIComponent(JSON.stringify({ openid, out_trade_no: 'p1' }))}`;
  const call: Entry = {
    ...{ id: 1, at: '', order_nos: [], log: [], type: 'call', to: 'alipay', method: 'POST' },
    ...{ path: '/gateway.do', body: form, status: 200, answer: '', started_at: '' },
  };
  const [request] = partsOf(call);
  expect(request?.readable).toContain('"out_trade_no": "p1"');
  expect(JSON.stringify(request)).not.toMatch(/secret|oUpF8/);
});
