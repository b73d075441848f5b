import { expect, it } from 'vitest';
import { providerGuide } from '../../../../infra/operate/setup/provider-guide.ts';
import { stripeEvents } from '../../../../lib/providers/stripe/facts.ts';

it('has Stripe send exactly the events that are read', () => {
  const lines = providerGuide('prod', {});
  const start = lines.findIndex((line) => line.startsWith('Stripe, '));
  const section = lines.slice(start, lines.indexOf('', start)).join('\n');
  expect(section.match(/\b(?:checkout|refund|charge)\.[\w.]+/g)).toEqual(stripeEvents);
  expect(section).toContain('charge.dispute.funds_withdrawn');
});
