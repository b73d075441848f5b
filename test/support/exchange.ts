/** What the HTTP clients of a test file sent that nobody may repeat, and what they were answered. */

const sent = new Set<string>();
const openids = new Set<string>();
const answered = new Map<string, Set<string>>();

/** Keeps what a request proves itself with, and the payer that it names. */
export function recordRequest(headers: Readonly<Record<string, string | undefined>>, body: unknown): void {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const text = isRaw ? Buffer.from(body).toString() : (JSON.stringify(body) ?? '');
  const token = /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1];
  const proofs = [
    token,
    token?.split('.')[2],
    headers['wechatpay-signature'],
    /v1=(\w+)/.exec(headers['stripe-signature'] ?? '')?.[1],
    /"sig":"([^"]+)"/.exec(text)?.[1],
    /(?:^|&)sign=([^&]+)/.exec(text)?.[1],
  ];
  for (const proof of proofs) if (proof !== undefined) sent.add(proof);
  const openid = /"openid":"([^"]+)"/.exec(text)?.[1];
  if (openid !== undefined) openids.add(openid);
}

export function recordAnswer(baseUrl: string, text: string): void {
  const answers = answered.get(baseUrl) ?? new Set();
  answered.set(baseUrl, answers.add(text));
}

/** Tokens and signatures, as they were sent. */
export const sentProofs = (): readonly string[] => [...sent];

/** The payers that requests named. */
export const sentOpenids = (): readonly string[] => [...openids];

/** Each different answer of this address. */
export const answersOf = (baseUrl: string): readonly string[] => [...(answered.get(baseUrl) ?? [])];
