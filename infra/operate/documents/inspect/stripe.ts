import type { StripeConfig } from '../../../../lib/config/stripe.ts';
import { isPlaceholder } from '../document-fields.ts';
import { type Finding, type InspectionContext, warning } from './finding.ts';

export function inspectStripe(
  { mode, webhookSecrets }: StripeConfig,
  { stage }: InspectionContext,
): Finding[] {
  const isProduction = stage === 'prod';
  return [
    ...(isProduction && mode === 'test'
      ? [warning('secret_key', 'is of the test side: stage prod takes no real money with it')]
      : []),
    ...(!isProduction && mode === 'live'
      ? [warning('secret_key', `is of the live side: stage ${stage} takes real money with it`)]
      : []),
    ...(webhookSecrets.every(isPlaceholder)
      ? [
          warning(
            'webhook_secrets',
            "is made up: enter the webhook's signing secret once you have made the webhook at Stripe",
          ),
        ]
      : []),
  ];
}
