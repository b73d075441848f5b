import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { WebhooksConfig } from '../config/webhooks.ts';
import { type Io, isoTime } from '../io.ts';
import { isLoopbackAddress, isPublicAddress } from '../public-address.ts';
import type { Attempt, AttemptError } from './delivery.ts';
import { signatureHeaders, type WebhookMessage } from './sign.ts';

/** For everything, from the name's look-up to the end of the answer. */
const TIMEOUT_MS = 5_000;

/** So much of an answer is read, for the receiver to end it in peace; nothing of it is used but its status. */
const MAX_ANSWER_BYTES = 16_384;

export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface SenderParts {
  readonly now: Io['now'];
  /** Whether an endpoint may be on this machine, and be reached without TLS there: in no stage. */
  readonly allowLoopback: boolean;
  readonly resolve?: Resolve;
  /** Aborts when a request that begins now has had its time. */
  readonly deadline?: () => AbortSignal;
}

/** Signs a message and sends it to an endpoint, once. Never rejects, and nothing of an answer but its status goes on. */
export type SendWebhook = (
  endpoint: Pick<WebhooksConfig, 'url' | 'secrets'>,
  message: WebhookMessage,
) => Promise<Attempt>;

export function createSender({
  now,
  allowLoopback,
  resolve = resolveName,
  deadline = () => AbortSignal.timeout(TIMEOUT_MS),
}: SenderParts): SendWebhook {
  return async ({ url, secrets }, message) => {
    const began = now();
    const signal = deadline();
    const attempt = (result: Pick<Attempt, 'status' | 'error'>): Attempt => ({
      at: isoTime(began),
      ...result,
      duration_ms: now() - began,
    });
    try {
      const addresses = await beforeAbort(resolve(url.hostname.replace(/^\[|\]$/g, '')), signal);
      if (!mayConnect(url, addresses, allowLoopback))
        return attempt({ status: null, error: 'address_refused' });
      const headers = {
        ...signatureHeaders(secrets, message, began),
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(message.body),
        'user-agent': 'Settle-Webhooks/1',
      };
      const options = {
        method: 'POST',
        headers,
        signal,
        agent: false,
        lookup: fixedLookup(addresses),
      } as const;
      return attempt({ status: await post(url, options, message.body), error: null });
    } catch (error) {
      return attempt({ status: null, error: signal.aborted ? 'timeout' : wordFor(error) });
    }
  };
}

/** The name servers are asked so often, and have so long each time. */
const RESOLVER = { timeout: 1_000, tries: 2 };

/**
 * Not by `dns.lookup`, whose few threads one name could hold up for all others, and which reads `/etc/hosts`. An IPv6
 * address only where there is no other: Lambda has none itself, outside of a VPC.
 */
async function resolveName(hostname: string): Promise<readonly LookupAddress[]> {
  if (isIP(hostname) !== 0) return [{ address: hostname, family: isIP(hostname) }];
  if (hostname === 'localhost') return [{ address: '127.0.0.1', family: 4 }];
  const resolver = new Resolver(RESOLVER);
  const addresses = await resolver.resolve4(hostname).catch(() => null);
  if (addresses) return addresses.map((address) => ({ address, family: 4 }));
  return (await resolver.resolve6(hostname)).map((address) => ({ address, family: 6 }));
}

/** One address that is none of the public internet condemns the name: it may be the next that is taken. */
function mayConnect(url: URL, addresses: readonly LookupAddress[], allowLoopback: boolean): boolean {
  const isAllowed = ({ address }: LookupAddress) =>
    (url.protocol === 'https:' && isPublicAddress(address)) || (allowLoopback && isLoopbackAddress(address));
  return addresses.length > 0 && addresses.every(isAllowed);
}

/** What was looked at is what is connected to: the name is not asked for again, whatever it would lead to then. */
const fixedLookup =
  (addresses: readonly LookupAddress[]): LookupFunction =>
  (_hostname, { all }, callback) => {
    const [first] = addresses;
    if (all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };

/**
 * The status; what follows it is read to its end or its bound, or until the time is over, and dropped. Settles once the
 * request is closed, which alone comes whatever the other side does: one that switches protocols gives neither an answer
 * nor an error.
 */
function post(url: URL, options: RequestOptions, body: string): Promise<number> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    let status: number | undefined;
    let failure: Error | undefined;
    const outgoing = request(url, options);
    outgoing.once('response', (response) => {
      status = response.statusCode;
      readToBound(response, () => outgoing.destroy());
    });
    outgoing.once('upgrade', ({ statusCode }, socket) => {
      status = statusCode;
      socket.destroy();
    });
    outgoing.on('error', (error) => {
      failure = error;
    });
    outgoing.once('close', () => (status === undefined ? reject(failure) : resolve(status)));
    outgoing.end(body);
  });
}

function readToBound(response: IncomingMessage, onBound: () => void): void {
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) onBound();
  });
  response.on('error', () => {});
}

async function beforeAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
  return Promise.race([promise, aborted]);
}

/** A code of Node's or OpenSSL's, in a word of ours. */
function wordFor(error: unknown): AttemptError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(?:ENOTFOUND|ENODATA|EAI_)/.test(code)) return 'name_unresolved';
  if (code.startsWith('HPE_')) return 'answer_malformed';
  if (/CERT|SSL|TLS|EPROTO|UNABLE_TO_|MISMATCH/.test(code)) return 'tls_failed';
  return 'connection_failed';
}
