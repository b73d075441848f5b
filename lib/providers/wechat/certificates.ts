import { type KeyObject, X509Certificate } from 'node:crypto';
import { isWeakRsaKey } from '../../config/document.ts';
import type { PublicKeys, WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import { isJsonObject, parseJsonObject } from '../../json.ts';
import { decryptResource } from './decrypt.ts';
import { exchangeWechat } from './request.ts';
import { verifyWechatMessage } from './verify.ts';

export interface PlatformCertificate {
  /** In upper-case hex, as `Wechatpay-Serial` names it. */
  readonly serial: string;
  readonly publicKey: KeyObject;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validUntil: number;
}

type Certificates = ReadonlyMap<string, PlatformCertificate>;

/**
 * The certificates by serial that an answer of `/v3/certificates` carries and that are valid now, each decrypted with an
 * APIv3 key, which only WeChat Pay and the merchant have. An entry that is not what it must be is left out.
 * @throws JsonError
 */
function readCertificates(body: Buffer, apiv3Keys: readonly KeyObject[], now: number): Certificates {
  const certificates = new Map<string, PlatformCertificate>();
  const { data } = parseJsonObject(body);
  // Stryker disable next-line ArrayDeclaration: a text among the entries would be left out
  for (const entry of Array.isArray(data) ? data : []) {
    const certificate = readEntry(entry, apiv3Keys);
    if (certificate && isValidAt(certificate, now)) certificates.set(certificate.serial, certificate);
  }
  return certificates;
}

function isValidAt({ validFrom, validUntil }: PlatformCertificate, now: number): boolean {
  return validFrom <= now && now <= validUntil;
}

function readEntry(entry: unknown, apiv3Keys: readonly KeyObject[]): PlatformCertificate | null {
  if (!isJsonObject(entry)) return null;
  const { encrypt_certificate, serial_no, effective_time, expire_time } = entry;
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(decryptResource(encrypt_certificate, apiv3Keys));
  } catch {
    return null;
  }
  if (certificate.serialNumber !== serial_no) return null;
  if (certificate.publicKey.asymmetricKeyType !== 'rsa' || isWeakRsaKey(certificate.publicKey)) return null;
  return {
    serial: certificate.serialNumber,
    publicKey: certificate.publicKey,
    // A time that cannot be read is NaN, and then so is the limit, which no time satisfies.
    validFrom: Math.max(certificate.validFromDate.getTime(), Date.parse(String(effective_time))),
    validUntil: Math.min(certificate.validToDate.getTime(), Date.parse(String(expire_time))),
  };
}

/** However many unknown serials come, the certificates are downloaded once in this time. */
const cooldown_ms = 5 * 60_000;

/** Of a callback's 4 s, the document may have taken 2 s before, and settling comes after. */
const timeout_ms = 1500;

/** No more than a certificate's serial number can be; a public key id is never downloaded. */
const certificateSerial = /^[0-9A-F]{1,40}$/;

/** What WeChat Pay hands out to one merchant. */
interface HandedOut {
  certificates: Certificates;
  nextDownloadAt: number;
  downloading: Promise<void> | null;
}

/** As many merchants as are asked about at once within one execution environment, and more. */
const MOST_MERCHANTS = 1_000;

/** By execution environment, which its `io` stands for, and merchant: they outlive whatever document names it. */
const environments = new WeakMap<Io, Map<string, HandedOut>>();

function handedOutTo(io: Io, mchid: string): HandedOut {
  const merchants = environments.get(io) ?? new Map<string, HandedOut>();
  environments.set(io, merchants);
  const known = merchants.get(mchid);
  const of = known ?? {
    certificates: new Map(),
    nextDownloadAt: Number.NEGATIVE_INFINITY,
    downloading: null,
  };
  merchants.delete(mchid);
  merchants.set(mchid, of);
  if (merchants.size > MOST_MERCHANTS) {
    const [oldest] = merchants.keys();
    // Stryker disable next-line ConditionalExpression: of too many one is the oldest
    if (oldest !== undefined) merchants.delete(oldest);
  }
  return of;
}

/**
 * Makes the platform certificates that WeChat Pay hands out known to a configuration: a key that its document does not
 * hold is looked for among them, and they are downloaded when it is not there. What cannot be downloaded is an unknown
 * key.
 */
export function withPlatformCertificates(config: WechatConfig, io: Io): WechatConfig {
  const of = handedOutTo(io, config.mchid);

  const find = (serial: string): KeyObject | undefined => {
    const certificate = of.certificates.get(serial);
    return certificate && isValidAt(certificate, io.now()) ? certificate.publicKey : undefined;
  };

  const refresh = (): Promise<void> => {
    if (of.downloading && io.now() < of.nextDownloadAt) return of.downloading;
    of.nextDownloadAt = io.now() + cooldown_ms;
    of.downloading = downloadCertificates(config, io).then(
      (certificates) => {
        of.certificates = certificates;
      },
      () => {
        // Those in use stay in use: the message is refused as one by an unknown key, and is sent again.
      },
    );
    return of.downloading;
  };

  const findOrDownload = async (serial: string): Promise<KeyObject | undefined> => {
    await refresh();
    return find(serial);
  };

  const get: PublicKeys['get'] = (serial) =>
    config.publicKeys.get(serial) ??
    find(serial) ??
    (certificateSerial.test(serial) ? findOrDownload(serial) : undefined);
  return { ...config, publicKeys: { get } };
}

/**
 * The certificates that are valid now (docs: "获取商户当前可用的平台证书"; wechatpay-go core/downloader). The answer may be
 * signed by one that it carries, so that they are read before it is verified. A merchant that uses a public key has
 * none, which WeChat Pay answers with 404.
 */
async function downloadCertificates(config: WechatConfig, io: Io): Promise<Certificates> {
  const answer = await exchangeWechat(config, io, { method: 'GET', path: '/v3/certificates', timeout_ms });
  const carried: Certificates =
    answer.status === 200 ? readCertificates(answer.body, config.apiv3Keys, io.now()) : new Map();
  const keys: PublicKeys = {
    // Stryker disable next-line OptionalChaining: without a key the answer is refused, as by any error
    get: (serial) => config.publicKeys.get(serial) ?? carried.get(serial)?.publicKey,
  };
  await verifyWechatMessage(keys, answer, io.now());
  if (answer.status !== 200 && answer.status !== 404) throw new Error(`HTTP ${answer.status}`);
  return carried;
}
