import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { type RawMessage, VerificationError } from '../message.ts';

const TOLERANCE_S = 300;
const MAX_ITEMS = 32;
const MAX_SIGNATURES = 16;

interface SignatureHeader {
  /** As sent, for it is part of what is signed. Seconds since 1970. */
  readonly timestamp: string;
  /** In hex. */
  readonly signatures: readonly string[];
}

/**
 * Checks `Stripe-Signature` over the body's own bytes: any v1 signature under any of the secrets, HMAC-SHA256 keyed
 * with the whole `whsec_…` text (stripe-node, Webhooks), and at most 300 s between its clock and ours, either way.
 * @param now milliseconds since 1970
 * @throws VerificationError
 */
export function verifyStripeMessage(
  { headers, body }: RawMessage,
  secrets: readonly KeyObject[],
  now: number,
): void {
  const { timestamp, signatures } = parseSignatureHeader(headers['stripe-signature'] ?? '');
  const isGenuine = secrets.some((secret) => {
    const hmac = createHmac('sha256', secret).update(`${timestamp}.`).update(body);
    const expected = Buffer.from(hmac.digest('hex'));
    return signatures.some((signature) => timingSafeEqual(expected, Buffer.from(signature)));
  });
  if (!isGenuine) {
    throw new VerificationError('signature_mismatch', 'no Stripe signature matches');
  }
  if (Math.abs(Math.floor(now / 1000) - Number(timestamp)) > TOLERANCE_S) {
    throw new VerificationError('timestamp_out_of_range', 'the Stripe timestamp is more than 300 s off');
  }
}

/** Signatures of other schemes than v1 are left out, as Stripe asks; a second timestamp is refused. */
function parseSignatureHeader(header: string): SignatureHeader {
  if (header === '')
    throw new VerificationError('signature_missing', 'the Stripe-Signature header is missing');
  const items = header.split(',', MAX_ITEMS + 1);
  const timestamps: string[] = [];
  const signatures: string[] = [];
  for (const item of items) {
    if (item.startsWith('t=')) timestamps.push(item.slice(2));
    else if (item.startsWith('v1=')) signatures.push(item.slice(3));
  }
  // Stryker disable next-line StringLiteral: whatever is no number is refused below
  const [timestamp = ''] = timestamps;
  if (
    items.length > MAX_ITEMS ||
    timestamps.length > 1 ||
    signatures.length > MAX_SIGNATURES ||
    !/^[0-9]{1,12}$/.test(timestamp) ||
    !signatures.every((signature) => /^[0-9a-f]{64}$/.test(signature))
  ) {
    throw new VerificationError('signature_malformed', 'the Stripe-Signature header has another form');
  }
  if (signatures.length === 0) {
    throw new VerificationError('signature_missing', 'the Stripe-Signature header has no v1 signature');
  }
  return { timestamp, signatures };
}
