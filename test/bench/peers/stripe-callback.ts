import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import Stripe from 'stripe';
import { bodyText } from './body.ts';
import { readSecret } from './secret.ts';
import { settle } from './settle.ts';

interface StripeSecret {
  readonly secret_key: string;
  readonly webhook_secrets: readonly [string, ...string[]];
}

const secret = readSecret<StripeSecret>('stripe').then(({ secret_key, webhook_secrets }) => ({
  stripe: new Stripe(secret_key),
  webhookSecret: webhook_secrets[0],
}));

export async function handler(
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { stripe, webhookSecret } = await secret;
  let message: Stripe.Event;
  try {
    const signature = event.headers['stripe-signature'] ?? '';
    message = stripe.webhooks.constructEvent(bodyText(event), signature, webhookSecret);
  } catch {
    return { statusCode: 401 };
  }
  if (message.type !== 'checkout.session.completed') return { statusCode: 204 };
  const { client_reference_id, payment_intent, payment_status, amount_total } = message.data.object;
  if (payment_status !== 'paid') return { statusCode: 204 };
  const payment = {
    transaction_id: String(payment_intent),
    order_no: String(client_reference_id),
    amount: amount_total ?? 0,
  };
  await settle(payment, context);
  return { statusCode: 200 };
}
