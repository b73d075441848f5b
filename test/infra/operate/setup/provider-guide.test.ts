import { expect, it } from 'vitest';
import { providerGuide } from '../../../../infra/operate/setup/provider-guide.ts';
import { type Provider, providers } from '../../../../lib/orders/kinds.ts';
import { stripeEvents } from '../../../../lib/providers/stripe/facts.ts';
import { callbackOutputs } from '../../../support/callback-outputs.ts';

it('tells a tenant its own addresses, and a provider that nobody has nothing', () => {
  const outputs = callbackOutputs('https://pay.example.com');
  const guide = (tenant_id: number | null, ...offered: readonly Provider[]) =>
    providerGuide({ stage: 'prod', tenant_id, offered }, outputs).join('\n');
  const tenant = guide(7, ...providers);
  expect(tenant.match(/(?<=https:\/\/pay\.example\.com\/api\/pay\/callback\/)\S+/g)).toEqual([
    'stripe/7',
    'wechat/7',
    'alipay/7',
  ]);
  expect(tenant).not.toMatch(/notify|Mini-program/);
  expect(guide(null, 'alipay')).not.toMatch(/Stripe|WeChat|Mini-program/);
  expect(guide(7)).toBe('There is nothing to enter at any provider.');
});

it('has Stripe send exactly the events that are read', () => {
  const lines = providerGuide({ stage: 'prod', tenant_id: null, offered: ['stripe'] }, {});
  const start = lines.findIndex((line) => line.startsWith('Stripe, '));
  const section = lines.slice(start, lines.length).join('\n');
  expect(section.match(/\b(?:checkout|refund|charge)\.[\w.]+/g)).toEqual(stripeEvents);
  expect(section).toContain('charge.dispute.funds_withdrawn');
});
