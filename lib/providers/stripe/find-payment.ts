import type { StripeConfig } from '../../config/stripe.ts';
import { type Io, unansweredReason } from '../../io.ts';
import { isJsonObject, parseJsonObject } from '../../json.ts';
import { ProviderCallError, readBoundedBody } from '../call.ts';
import { STRIPE_API_VERSION } from './facts.ts';
import { readMetadata, readPaymentNumber, readReference, type StripeFields } from './fields.ts';

/** Of a callback's 4 s, the document may have taken 2 s before, and settling comes after. */
const TIMEOUT_MS = 1500;

const MAXIMUM_SIZE = 256 * 1024;

type AskingConfig = Pick<StripeConfig, 'secretKey' | 'baseUrl'>;

/**
 * The payment that a refund or a dispute is of. What was made in the dashboard does not say, nor does any dispute: then
 * Stripe is asked once, about the payment intent or else the charge, which carry what we gave with the session. Not
 * through Stripe's package, which weighs more than all that a callback holds. Null when it is no payment of ours.
 * @throws ProviderCallError when Stripe does not say, and MalformedMessageError
 */
export async function findPayment(
  config: AskingConfig,
  io: Pick<Io, 'fetch'>,
  object: StripeFields,
): Promise<string | null> {
  const named = readPaymentNumber(readMetadata(object)['order_no'], 'data.object.metadata.order_no');
  if (named !== null) return named;
  const path = pathOf(object);
  const paid = path === null ? null : await retrieve(config, io, path);
  if (paid === null) return null;
  const metadata = paid['metadata'];
  return isJsonObject(metadata) ? readPaymentNumber(metadata['order_no'], 'metadata.order_no') : null;
}

function pathOf(object: StripeFields): string | null {
  const intent = readReference(object['payment_intent'], 'data.object.payment_intent');
  if (intent !== null) return `/v1/payment_intents/${encodeURIComponent(intent)}`;
  const charge = readReference(object['charge'], 'data.object.charge');
  return charge && `/v1/charges/${encodeURIComponent(charge)}`;
}

/** An object of the account; null when it holds none of this name. @throws ProviderCallError */
async function retrieve(
  { secretKey, baseUrl }: AskingConfig,
  io: Pick<Io, 'fetch'>,
  path: string,
): Promise<StripeFields | null> {
  const { status, body } = await ask();
  if (status === 404) return null;
  if (status !== 200) throw new ProviderCallError('stripe', status, `GET ${path}: HTTP ${status}`);
  try {
    // Stryker disable next-line ConditionalExpression: of what is too long nothing is there to be read
    if (body) return parseJsonObject(body);
  } catch {
    // Whatever it holds, it is no answer of Stripe's.
  }
  throw new ProviderCallError('stripe', status, `GET ${path}: the answer could not be read`);

  async function ask() {
    try {
      const response = await io.fetch(`${baseUrl}${path}`, {
        headers: { authorization: `Bearer ${secretKey}`, 'stripe-version': STRIPE_API_VERSION },
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: response.status, body: await readBoundedBody(response, MAXIMUM_SIZE) };
    } catch (error) {
      throw new ProviderCallError('stripe', null, `GET ${path}: ${unansweredReason(error)}`);
    }
  }
}
