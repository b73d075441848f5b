import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { EXPIRY_WARNING_DAYS } from '../documents/inspect/certificates.ts';
import { ok, type Result, unknown, warning } from './check.ts';

const TIMEOUT_MS = 5_000;
const DAY_MS = 86_400_000;

/** Whether the certificate of the address itself lasts. AWS renews its own 60 days before they end. */
export async function checkTls(url: string, now: number): Promise<Result> {
  const check = 'TLS certificate';
  const { hostname, port } = new URL(url);
  const end = await readCertificateEnd(hostname, Number(port || 443));
  if (end === null) return unknown(check, `could not be found out: ${hostname} shows none`);
  const day = new Date(end).toISOString().slice(0, 10);
  if (end > now + EXPIRY_WARNING_DAYS * DAY_MS) return ok(check, `lasts until ${day}`);
  return warning(check, `ends on ${day}. Look in AWS Certificate Manager why it is not renewed`);
}

/** Milliseconds since 1970. It need not be trusted to be read: nothing is sent. */
async function readCertificateEnd(host: string, port: number): Promise<number | null> {
  // Which of several names is meant; an address has none (RFC 6066, 3).
  const servername = isIP(host) ? '' : host;
  const socket = connect({ host, port, servername, rejectUnauthorized: false, timeout: TIMEOUT_MS });
  socket.once('timeout', () => socket.destroy(new Error('timeout')));
  try {
    await once(socket, 'secureConnect');
    return Date.parse(socket.getPeerCertificate().valid_to);
  } catch {
    return null;
  } finally {
    socket.destroy();
  }
}
