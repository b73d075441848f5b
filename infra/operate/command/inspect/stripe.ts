import { isHttpsOrLoopback } from '../../../../lib/config/document.ts';
import type { StripeConfig } from '../../../../lib/config/stripe.ts';
import { isPlaceholder } from '../generated-secrets.ts';
import { type Finding, fault, type InspectionContext, warning } from './finding.ts';

export function inspectStripe(
  { mode, webhookSecrets, successUrl, cancelUrl }: StripeConfig,
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
    ...Object.entries({ success_url: successUrl, cancel_url: cancelUrl })
      .filter(([, url]) => !isHttpsOrLoopback(url))
      .map(([field]) => fault(field, 'must be an https address')),
  ];
}
