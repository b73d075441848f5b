import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { webKeyFault } from '../config/auth.ts';
import { type Io, unansweredReason } from '../io.ts';
import { isJsonObject, JsonError, parseJsonObject } from '../json.ts';
import { readBoundedBody } from '../providers/call.ts';

/** A key that the login withdraws is taken no longer than this, while it can be asked. */
const LIFETIME_MS = 10 * 60_000;

/** However many tokens name unknown keys, and whether the login answers or not, it is asked once in this time. */
const COOLDOWN_MS = 30_000;

/** For the whole answer. */
const TIMEOUT_MS = 2_000;
const MAXIMUM_SIZE = 256 * 1024;

/** The login's keys could not be fetched. The message holds nothing of its answer. */
export class LoginKeysError extends Error {
  override readonly name = 'LoginKeysError';
}

/**
 * The keys that the login publishes at an address (RFC 7517), fetched when a token first asks for one. While the login
 * cannot be asked those that are known stay good, and a token by any other is refused like one by no key; `onFailure`
 * hears of it.
 */
export function createLoginKeys(
  url: URL,
  io: Pick<Io, 'fetch' | 'now'>,
  onFailure: (error: LoginKeysError) => void,
): JWTVerifyGetKey {
  let keys = createLocalJWKSet({ keys: [] });
  let staleAt = Number.NEGATIVE_INFINITY;
  let nextFetchAt = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> = Promise.resolve();

  const refresh = (): Promise<void> => {
    if (io.now() < nextFetchAt) return fetching;
    nextFetchAt = io.now() + COOLDOWN_MS;
    fetching = fetchKeys(url, io).then((set) => {
      keys = createLocalJWKSet(set);
      staleAt = io.now() + LIFETIME_MS;
    }, onFailure);
    return fetching;
  };

  return async (header, token) => {
    if (io.now() >= staleAt) await refresh();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      return keys(header, token);
    }
  };
}

/** @throws LoginKeysError */
async function fetchKeys(url: URL, { fetch }: Pick<Io, 'fetch'>): Promise<JSONWebKeySet> {
  const body = await fetchBody(url, fetch).catch((error: unknown) => {
    throw error instanceof LoginKeysError
      ? error
      : new LoginKeysError(`no answer: ${unansweredReason(error)}`);
  });
  try {
    return readKeySet(body);
  } catch (error) {
    throw error instanceof JsonError ? new LoginKeysError('the answer is no JSON object') : error;
  }
}

async function fetchBody(url: URL, fetch: Io['fetch']): Promise<Buffer> {
  const response = await fetch(url, {
    headers: { accept: 'application/json, application/jwk-set+json' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new LoginKeysError(`HTTP ${response.status}`);
  }
  const body = await readBoundedBody(response, MAXIMUM_SIZE);
  if (!body) throw new LoginKeysError('the answer is too large');
  return body;
}

/** What cannot verify a token is left out: a login may publish keys for other uses. @throws JsonError, LoginKeysError */
function readKeySet(body: Buffer): JSONWebKeySet {
  const { keys } = parseJsonObject(body);
  if (!Array.isArray(keys)) throw new LoginKeysError('the answer has no keys');
  return { keys: keys.filter((key) => isJsonObject(key) && webKeyFault(key) === null) };
}
