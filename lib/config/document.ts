import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';

/** What is wrong with a field; the reason follows its name in a sentence. */
export interface DocumentIssue {
  readonly field: string;
  readonly reason: string;
}

/** A configuration document that is refused as a whole. Names the field, never its value. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly field: string;
  /** Every field that is wrong; the message names the first. */
  readonly issues: readonly DocumentIssue[];

  constructor(document: string, field: string, reason: string, others: readonly DocumentIssue[] = []) {
    super(`configuration document "${document}": ${field} ${reason}`);
    this.field = field;
    this.issues = [{ field, reason }, ...others];
  }
}

/** @throws DocumentError */
export function parseDocument<T>(name: string, schema: z.ZodMiniType<T>, value: unknown): T {
  const result = schema.safeParse(value, { reportInput: false });
  if (result.success) return result.data;
  const [first, ...others] = result.error.issues.map(({ path, message }) => ({
    field: path.join('.') || '(document)',
    reason: message,
  }));
  throw new DocumentError(name, first?.field ?? '(document)', first?.reason ?? 'is not valid', others);
}

/** For what a document does not know: an optional field that is misspelt would else open what it is there to close. */
export const nothingElse = z.undefined({ error: 'is no field of it' });

/** Text that is there and not blank. */
export const text = z
  .string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a string') })
  .check(z.refine((value) => value.trim() !== '', { error: 'must not be empty' }));

/** The number of an app, a merchant or a certificate: fit for names, paths, and between quotes in a header. */
export const identifier = text.check(
  z.refine((value) => /^[0-9A-Za-z_-]{1,64}$/.test(value), {
    error: 'may hold letters, digits, "_" and "-" only',
  }),
);

/** The merchants whose place a document's took: as many as a year of changes may leave. */
export const formerMerchants = z._default(
  z
    .array(
      text.check(
        z.refine((value) => /^[0-9A-Za-z_-][0-9A-Za-z_.-]{0,129}$/.test(value), {
          error: 'must be the name of a merchant',
        }),
      ),
      { error: 'must be a list of merchants' },
    )
    .check(z.refine((names) => names.length <= 5, { error: 'must hold five merchants at most' })),
  [],
);

/** A secret of at least `bytes` bytes of UTF-8, as bytes. */
export const secretBytes = (bytes: number) =>
  z.pipe(
    text.check(
      z.refine((value) => Buffer.byteLength(value) >= bytes, { error: `must have at least ${bytes} bytes` }),
    ),
    z.transform((value: string) => Buffer.from(value)),
  );

/** The current key first, and during a rotation the one before. */
export const callbackKeys = z
  .array(secretBytes(24), { error: 'must be a list of keys' })
  .check(z.minLength(1, { error: 'must hold a key' }));

/**
 * One key, or a list of the current one first and those that a rotation still takes: at most three. A message is tried
 * under each.
 */
export const currentAndPrevious = <T>(key: z.ZodMiniType<T>) =>
  z.pipe(
    z.unknown(),
    z.transform((value: unknown, context): readonly T[] => {
      const result = Array.isArray(value) ? keyList(key).safeParse(value) : key.safeParse(value);
      if (result.success) return Array.isArray(result.data) ? result.data : [result.data];
      context.issues.push(...result.error.issues.map(({ message, path }) => issueAt(path, message)));
      return z.NEVER;
    }),
  );

const keyList = <T>(key: z.ZodMiniType<T>) =>
  z
    .array(key)
    .check(
      z.minLength(1, { error: 'must hold a key' }),
      z.maxLength(3, { error: 'must hold three keys at most' }),
    );

const issueAt = (path: PropertyKey[], message: string) =>
  ({ code: 'custom', path, message, input: undefined }) as const;

/** Whether an address leads to the machine that reads it. */
export function isLoopback(address: string): boolean {
  const { hostname = '' } = URL.parse(address) ?? {};
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** An address that nobody on the way can read, or answer in the place of. */
export function isHttpsOrLoopback(value: string): boolean {
  const { protocol } = URL.parse(value) ?? {};
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(value));
}

/** Without white space, which an address loses when it is parsed. */
export const secureUrl = text.check(
  z.refine((value) => /^\S+$/.test(value) && isHttpsOrLoopback(value), {
    error: 'must be an https address (http on loopback only)',
  }),
);

/** The address of an API: without query, fragment or slash at its end. */
export const baseUrl = secureUrl.check(
  z.refine((value) => /^[^?#]+[^?#/]$/.test(value), {
    error: 'must be an address without a query, and without a slash at its end',
  }),
);

/** A shorter RSA key is within reach of being factored; WeChat Pay, Alipay and RFC 7518 (3.3) take none either. */
const LEAST_RSA_BITS = 2048;

/** Whether it is an RSA key that is too short to be trusted. */
export const isWeakRsaKey = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean =>
  asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_RSA_BITS;

export const weakRsaKey = `must have at least ${LEAST_RSA_BITS} bits`;

/** A PEM or bare base64 private key for RSA. */
export const rsaPrivateKey = keyField('must be an RSA private key', (value) =>
  value.includes('-----BEGIN')
    ? createPrivateKey(value)
    : firstThatParses(
        () => createPrivateKey({ key: decodeBase64(value), format: 'der', type: 'pkcs8' }),
        () => createPrivateKey({ key: decodeBase64(value), format: 'der', type: 'pkcs1' }),
      ),
);

/** A PEM or bare base64 public key for RSA, or a certificate that holds one. */
export const rsaPublicKey = keyField('must be an RSA public key or a certificate', (value) => {
  if (value.includes('-----BEGIN CERTIFICATE-----')) return new X509Certificate(value).publicKey;
  if (value.includes('-----BEGIN')) return createPublicKey(value);
  return firstThatParses(
    () => createPublicKey({ key: decodeBase64(value), format: 'der', type: 'spki' }),
    () => createPublicKey({ key: decodeBase64(value), format: 'der', type: 'pkcs1' }),
    () => new X509Certificate(decodeBase64(value)).publicKey,
  );
});

function keyField(reason: string, parse: (value: string) => KeyObject) {
  return z.pipe(
    text,
    z.transform((value: string, context) => {
      const key = parsed(() => parse(value));
      if (key?.asymmetricKeyType === 'rsa' && !isWeakRsaKey(key)) return key;
      const message = key && isWeakRsaKey(key) ? weakRsaKey : reason;
      context.issues.push({ code: 'custom', message, input: undefined });
      return z.NEVER;
    }),
  );
}

/** The parser's own error may quote the key. */
function parsed(parse: () => KeyObject): KeyObject | null {
  try {
    return parse();
  } catch {
    return null;
  }
}

function decodeBase64(value: string): Buffer {
  return Buffer.from(value.replace(/\s+/g, ''), 'base64');
}

function firstThatParses(...attempts: (() => KeyObject)[]): KeyObject {
  for (const attempt of attempts.slice(0, -1)) {
    try {
      return attempt();
    } catch {}
  }
  const last = attempts.at(-1);
  if (!last) throw new Error('nothing to try');
  return last();
}
