import { type TokenClaims, tokenOf } from '../documents.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Reply } from '../wire.ts';

/** Calls of somebody with a token: JSON in, JSON out. */

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export function callAs(
  world: Surroundings,
  claims: TokenClaims,
  { method, path, body, headers = {} }: Call,
): Promise<Reply> {
  const post = {
    path,
    headers: {
      authorization: `Bearer ${tokenOf(claims, world.clock.now())}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    body: body ? JSON.stringify(body) : '',
  };
  return world.send(post, method);
}

/** Calls again while there is no reply or a passing failure. @returns the last reply */
export async function callUntilDecided(
  world: Surroundings,
  claims: TokenClaims,
  call: Call,
  tries = 6,
): Promise<Reply> {
  for (let attempt = 1; ; attempt += 1) {
    const reply = await callAs(world, claims, call);
    if (isDecided(reply) || attempt === tries) return reply;
    world.marks.take('called_again');
    await world.clock.sleep(1_000 * 2 ** attempt + world.random.below(1_000));
  }
}

/** Whether it says what became of the call: a token can be refused while keys are replaced. */
export const isDecided = (reply: Reply): reply is NonNullable<Reply> =>
  reply !== null && reply.status < 500 && reply.status !== 401;

export const dataOf = (reply: Reply): Readonly<Record<string, unknown>> | null =>
  reply === null
    ? null
    : ((JSON.parse(reply.body) as { data: Readonly<Record<string, unknown>> | null }).data ?? null);

export const admin: TokenClaims = { sub: 'the-shop', role: 'admin' };

type Fields = Readonly<Record<string, unknown>>;

const MAX_PAGES = 20;

/** The exceptions that are open, as they are listed. */
export async function listOpen(world: Surroundings): Promise<readonly Fields[]> {
  const listed: Fields[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const query: string = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const reply = await callAs(world, admin, { method: 'GET', path: `/api/pay/exceptions${query}` });
    const data = dataOf(reply) as { exceptions: Fields[]; cursor: string | null } | null;
    listed.push(...(data?.exceptions ?? []));
    cursor = data?.cursor ?? null;
    if (cursor === null) break;
  }
  return listed;
}

const pathOf = ({ id }: Fields): string => `/api/pay/exceptions/${encodeURIComponent(String(id))}`;

/** What each end of an exception is said to come to. */
export const lookAtException = (world: Surroundings, exception: Fields): Promise<Reply> =>
  callUntilDecided(world, admin, { method: 'GET', path: pathOf(exception) });

export const endException = (world: Surroundings, exception: Fields, resolution: string): Promise<Reply> =>
  callUntilDecided(world, admin, {
    method: 'POST',
    path: `${pathOf(exception)}/resolve`,
    body: { resolution, reason: '已核实' },
  });
