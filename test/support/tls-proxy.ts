import { request as httpRequest } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createCertificate } from './certificate.ts';
import { rsaKeys } from './rsa-keys.ts';

const HOST = 'localhost';
const DAY_MS = 86_400_000;

export interface TlsIdentity {
  readonly key: string;
  /** In PEM; a client that trusts it trusts every proxy of this identity. */
  readonly certificate: string;
}

/** A self-signed certificate for `localhost`. */
export function createTlsIdentity(): TlsIdentity {
  const { publicKey, privateKey } = rsaKeys();
  const certificate = createCertificate({
    publicKey,
    issuerKey: privateKey,
    serial: '01',
    commonName: HOST,
    validFrom: Date.now() - DAY_MS,
    validUntil: Date.now() + DAY_MS,
  });
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), certificate };
}

/** Puts TLS before a plain HTTP server, as AWS has it: a cold start pays for handshakes too. */
export async function startTlsProxy(target: string, { key, certificate }: TlsIdentity) {
  const server = createServer({ key, cert: certificate }, (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const forwarded = httpRequest(new URL(url ?? '/', target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.once('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return {
    url: `https://${HOST}:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
