import type { KeyObject } from 'node:crypto';
import type { PublicKeys, WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import { isValidAt, type PlatformCertificate, readCertificateList } from './certificate-list.ts';
import { exchangeWechat } from './exchange.ts';
import { verifyWechatMessage } from './verify.ts';

/** However many unknown serials come, the certificates are downloaded once in this time. */
const cooldown_ms = 5 * 60_000;

/** Of a callback's 4 s, the document may have taken 2 s before, and settling comes after. */
const timeout_ms = 1500;

/** No more than a certificate's serial number can be; a public key id is never downloaded. */
const certificateSerial = /^[0-9A-F]{1,40}$/;

export type WithPlatformCertificates = (config: WechatConfig) => WechatConfig;

/**
 * Makes the platform certificates that WeChat Pay hands out known to configurations: a key that a document does not
 * hold is looked for among them, and they are downloaded when it is not there. One for each execution environment,
 * whatever becomes of the document. What cannot be downloaded is an unknown key.
 */
export function createPlatformCertificates(io: Io): WithPlatformCertificates {
  let certificates: readonly PlatformCertificate[] = [];
  let nextDownloadAt = Number.NEGATIVE_INFINITY;
  let downloading: Promise<void> | undefined;

  const find = (serial: string): KeyObject | undefined =>
    certificates.find((certificate) => certificate.serial === serial && isValidAt(certificate, io.now()))
      ?.publicKey;

  const refresh = (config: WechatConfig): Promise<void> => {
    if (downloading && io.now() < nextDownloadAt) return downloading;
    nextDownloadAt = io.now() + cooldown_ms;
    downloading = downloadCertificates(config, io).then(
      (list) => {
        certificates = list;
      },
      () => {
        // Those in use stay in use: the message is refused as one by an unknown key, and is sent again.
      },
    );
    return downloading;
  };

  const findOrDownload = async (config: WechatConfig, serial: string): Promise<KeyObject | undefined> => {
    await refresh(config);
    return find(serial);
  };

  return (config) => {
    const get: PublicKeys['get'] = (serial) =>
      config.publicKeys.get(serial) ??
      find(serial) ??
      (certificateSerial.test(serial) ? findOrDownload(config, serial) : undefined);
    return { ...config, publicKeys: { get } };
  };
}

/**
 * The certificates that are valid now (docs: "获取商户当前可用的平台证书"; wechatpay-go core/downloader). The answer may be
 * signed by one that it carries, so that they are read before it is verified. A merchant that uses a public key has
 * none, which WeChat Pay answers with 404.
 */
async function downloadCertificates(config: WechatConfig, io: Io): Promise<PlatformCertificate[]> {
  const answer = await exchangeWechat(config, io, { method: 'GET', path: '/v3/certificates', timeout_ms });
  const list = answer.status === 200 ? readCertificateList(answer.body, config.apiv3Keys) : [];
  const valid = list.filter((certificate) => isValidAt(certificate, io.now()));
  const carried = new Map(valid.map(({ serial, publicKey }) => [serial, publicKey]));
  const keys: PublicKeys = { get: (serial) => config.publicKeys.get(serial) ?? carried.get(serial) };
  await verifyWechatMessage(keys, answer, io.now());
  if (answer.status !== 200 && answer.status !== 404) throw new Error(`HTTP ${answer.status}`);
  return valid;
}
