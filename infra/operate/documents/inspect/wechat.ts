import type { KeyObject } from 'node:crypto';
import { rsaPublicKey } from '../../../../lib/config/document.ts';
import type { WechatConfig } from '../../../../lib/config/wechat.ts';
import { certificatesOf, inspectCertificates, isPair } from './certificates.ts';
import { type Finding, fault, type InspectionContext, warning } from './finding.ts';

const SERIAL = /^[0-9A-F]{40}$/i;

/**
 * That `serial_no` names the certificate of `private_key` cannot be seen without that certificate, which the document
 * does not hold: it is checked where the file is at hand, and else by WeChat Pay at the first payment.
 */
export function inspectWechat(
  document: unknown,
  { appids, mchid, serialNumber, privateKey }: WechatConfig,
  { merchantCertificate, now }: InspectionContext,
): Finding[] {
  return [
    ...appids.flatMap((appid, index) =>
      /^wx[0-9a-z]{16}$/.test(appid)
        ? []
        : [warning(index === 0 ? 'appid' : `apps.${appid}`, 'is usually wx and 16 letters and digits')],
    ),
    ...(/^\d{8,10}$/.test(mchid) ? [] : [warning('mchid', 'is usually 8 to 10 digits')]),
    ...(SERIAL.test(serialNumber) ? [] : [warning('serial_no', 'is usually 40 hexadecimal digits')]),
    ...publicKeyTexts(document).flatMap(([name, text]) => inspectPublicKey(name, text, privateKey)),
    ...(publicKeyTexts(document).some(([name]) => name === serialNumber)
      ? [fault('serial_no', "is WeChat Pay's own: it must be of the merchant's certificate")]
      : []),
    ...(merchantCertificate === undefined
      ? []
      : inspectMerchantCertificate(merchantCertificate, serialNumber, privateKey, now)),
  ];
}

function publicKeyTexts(document: unknown): [string, string][] {
  const { public_keys } = document as { public_keys: Readonly<Record<string, string>> };
  return Object.entries(public_keys);
}

function inspectPublicKey(name: string, text: string, privateKey: KeyObject): Finding[] {
  const field = `public_keys.${name}`;
  const [certificate] = certificatesOf(text);
  const isPublicKeyId = name.startsWith('PUB_KEY_ID_');
  if (isPair(privateKey, rsaPublicKey.parse(text))) {
    return [fault(field, "is the merchant's own key: it must be WeChat Pay's")];
  }
  if (isPublicKeyId && certificate) return [fault(field, 'must be a public key: a certificate has a serial')];
  if (certificate && certificate.serialNumber !== name.toUpperCase()) {
    return [fault(field, `holds the certificate of serial ${certificate.serialNumber}`)];
  }
  if (isPublicKeyId || SERIAL.test(name)) return [];
  return [warning(field, 'is usually named PUB_KEY_ID_…, or by the serial of a certificate')];
}

function inspectMerchantCertificate(
  text: string,
  serialNumber: string,
  privateKey: KeyObject,
  now: number,
): Finding[] {
  const [certificate] = certificatesOf(text);
  if (!certificate) return [fault('serial_no', 'cannot be checked: apiclient_cert.pem is no certificate')];
  return [
    ...(certificate.serialNumber === serialNumber.toUpperCase()
      ? []
      : [fault('serial_no', `is not that of apiclient_cert.pem, ${certificate.serialNumber}`)]),
    ...(isPair(privateKey, certificate.publicKey)
      ? []
      : [fault('private_key', 'does not belong to apiclient_cert.pem')]),
    ...inspectCertificates({ serial_no: text }, now),
  ];
}
