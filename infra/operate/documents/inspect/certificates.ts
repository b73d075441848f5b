import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type Finding, fault, warning } from './finding.ts';
import { type FieldText, textsIn, topField } from './texts.ts';

/** Long enough to get another at any provider. */
export const EXPIRY_WARNING_DAYS = 30;

const DAY_MS = 86_400_000;
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

interface HeldCertificate {
  readonly field: string;
  readonly certificate: X509Certificate;
}

/** Whether the public key is the private key's own. */
export const isPair = (privateKey: KeyObject, publicKey: KeyObject): boolean =>
  createPublicKey(privateKey).equals(publicKey);

/** The certificates that a text holds: PEM, of which a file can hold several, or one in bare base64. */
export function certificatesOf(text: string): X509Certificate[] {
  if (text.includes('-----BEGIN')) return (text.match(PEM) ?? []).flatMap(parse);
  return text.length > 300 ? parse(Buffer.from(text, 'base64')) : [];
}

/**
 * Certificates that are out of date, or soon will be. One that has expired does no harm beside something in the same
 * field that is good: during a rotation both are there.
 */
export function inspectCertificates(document: unknown, now: number): Finding[] {
  const texts = textsIn(document);
  const held = texts.flatMap(({ field, text }) =>
    certificatesOf(text).map((certificate) => ({ field, certificate })),
  );
  return held.flatMap((one) => {
    const isReplaced = hasGood(topField(one.field), texts, held, now);
    return inspectCertificate(one, now, isReplaced);
  });
}

function inspectCertificate(
  { field, certificate: { validFromDate, validToDate } }: HeldCertificate,
  now: number,
  isReplaced: boolean,
): Finding[] {
  if (validFromDate.getTime() > now) {
    return [
      (isReplaced ? warning : fault)(field, `holds a certificate that begins on ${day(validFromDate)}`),
    ];
  }
  if (validToDate.getTime() <= now) {
    return [(isReplaced ? warning : fault)(field, `holds a certificate that expired on ${day(validToDate)}`)];
  }
  if (validToDate.getTime() > now + EXPIRY_WARNING_DAYS * DAY_MS) return [];
  return [warning(field, `holds a certificate that expires on ${day(validToDate)}`)];
}

/** Whether a field holds a key, or a certificate that is in date. */
function hasGood(
  top: string,
  texts: readonly FieldText[],
  held: readonly HeldCertificate[],
  now: number,
): boolean {
  const inField = ({ field }: { readonly field: string }) => topField(field) === top;
  const keys = texts.filter((text) => inField(text) && certificatesOf(text.text).length === 0);
  const current = held.filter(
    ({ certificate: { validFromDate, validToDate } }) =>
      validFromDate.getTime() <= now && validToDate.getTime() > now,
  );
  return keys.length > 0 || current.some(inField);
}

function parse(text: string | Buffer): X509Certificate[] {
  try {
    return [new X509Certificate(text)];
  } catch {
    return [];
  }
}

const day = (date: Date): string => date.toISOString().slice(0, 10);
