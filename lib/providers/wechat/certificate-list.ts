import { type KeyObject, X509Certificate } from 'node:crypto';
import { isJsonObject, parseJsonObject } from '../../json.ts';
import { decryptResource } from './decrypt.ts';

export interface PlatformCertificate {
  /** In upper-case hex, as `Wechatpay-Serial` names it. */
  readonly serial: string;
  readonly publicKey: KeyObject;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validUntil: number;
}

/**
 * The certificates that an answer of `/v3/certificates` carries, each decrypted with an APIv3 key, which only
 * WeChat Pay and the merchant have. An entry that is not what it must be is left out.
 * @throws JsonError
 */
export function readCertificateList(body: Buffer, apiv3Keys: readonly KeyObject[]): PlatformCertificate[] {
  const { data } = parseJsonObject(body);
  return (Array.isArray(data) ? data : []).flatMap((entry) => readEntry(entry, apiv3Keys) ?? []);
}

export function isValidAt({ validFrom, validUntil }: PlatformCertificate, now: number): boolean {
  return validFrom <= now && now <= validUntil;
}

function readEntry(entry: unknown, apiv3Keys: readonly KeyObject[]): PlatformCertificate | null {
  if (!isJsonObject(entry)) return null;
  const certificate = readCertificate(entry.encrypt_certificate, apiv3Keys);
  if (!certificate || certificate.serialNumber !== entry.serial_no) return null;
  if (certificate.publicKey.asymmetricKeyType !== 'rsa') return null;
  return {
    serial: certificate.serialNumber,
    publicKey: certificate.publicKey,
    // A time that cannot be read is NaN, and then so is the limit, which no time satisfies.
    validFrom: Math.max(certificate.validFromDate.getTime(), Date.parse(String(entry.effective_time))),
    validUntil: Math.min(certificate.validToDate.getTime(), Date.parse(String(entry.expire_time))),
  };
}

function readCertificate(resource: unknown, apiv3Keys: readonly KeyObject[]): X509Certificate | null {
  try {
    return new X509Certificate(decryptResource(resource, apiv3Keys));
  } catch {
    return null;
  }
}
