import { type KeyObject, sign } from 'node:crypto';

export interface CertificateOptions {
  readonly publicKey: KeyObject;
  readonly issuerKey: KeyObject;
  /** In hex, below 80… so that it is not negative. */
  readonly serial: string;
  /** Of subject and issuer alike. */
  readonly commonName?: string;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validUntil: number;
}

/** An X.509 certificate in PEM (RFC 5280), without extensions; OpenSSL makes none without a command line. */
export function createCertificate({
  publicKey,
  issuerKey,
  serial,
  commonName = 'Tenpay.com Root CA',
  validFrom,
  validUntil,
}: CertificateOptions): string {
  const name = sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(commonName)))));
  const body = sequence(
    der(0x02, Buffer.from(serial, 'hex')),
    sha256WithRsa,
    name,
    sequence(time(validFrom), time(validUntil)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const certificate = sequence(body, sha256WithRsa, der(0x03, Buffer.of(0), sign('sha256', body, issuerKey)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const size = content.length;
  const header = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.of(tag, ...header), content]);
}

const sequence = (...contents: readonly Buffer[]) => der(0x30, ...contents);
const objectId = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const sha256WithRsa = sequence(objectId('2a864886f70d01010b'), der(0x05));

/** GeneralizedTime, to the second. */
function time(time_ms: number): Buffer {
  const text = new Date(time_ms).toISOString().replace(/[-:T]|\.\d{3}/g, '');
  return der(0x18, Buffer.from(text));
}
