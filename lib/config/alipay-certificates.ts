import { createHash, X509Certificate } from 'node:crypto';

/** Object identifiers of RSA signatures begin so (RFC 8017, PKCS #1). */
const RSA_SIGNATURES = '1.2.840.113549.1.1.';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * What Alipay calls a certificate's serial: MD5 over the issuer, its last attribute first, and the serial number in
 * decimal (alipay-sdk, antcertutil getSN).
 * @throws Error when it is no certificate
 */
export function appCertificateSerial(pem: string): string {
  return serialOf(new X509Certificate(pem));
}

/**
 * The serials of all RSA-signed certificates in Alipay's root file, joined; it also holds others, which do not count
 * (alipay-sdk, antcertutil getRootCertSN).
 * @throws Error when there is none
 */
export function rootCertificateSerial(pem: string): string {
  const serials = (pem.match(CERTIFICATE) ?? [])
    .map((text) => new X509Certificate(text))
    .filter((certificate) => certificate.signatureAlgorithmOid?.startsWith(RSA_SIGNATURES))
    .map(serialOf);
  if (serials.length === 0) throw new Error('no RSA certificate');
  return serials.join('_');
}

function serialOf(certificate: X509Certificate): string {
  const issuer = certificate.issuer.split('\n').map(unescaped).reverse().join(',');
  return createHash('md5')
    .update(`${issuer}${BigInt(`0x${certificate.serialNumber}`)}`)
    .digest('hex');
}

/** Node escapes as RFC 2253 does; Alipay's SDK takes the attribute as it is. */
function unescaped(attribute: string): string {
  return attribute.replace(/\\(.)/g, '$1');
}
