import type { Io } from '../../../lib/io.ts';
import { fault, ok, type Result } from './check.ts';
import { objectIn, request } from './request.ts';

/** Whether the address that the auth document names gives keys: without them nobody is let in. */
export async function checkTokenKeys(io: Pick<Io, 'fetch'>, jwksUrl: string): Promise<Result> {
  const check = 'token keys';
  const advice = 'Look at your login, or at jwks_url in the document auth';
  const answer = await request(io, jwksUrl, { method: 'GET', headers: {}, body: null });
  if (typeof answer === 'string') return fault(check, `jwks_url ${answer}`);
  if (answer.status !== 200) return fault(check, `jwks_url answers ${answer.status}. ${advice}`);
  const { keys } = objectIn(answer.body);
  const count = Array.isArray(keys) ? keys.length : 0;
  return count > 0 ? ok(check, `jwks_url gives ${count}`) : fault(check, `jwks_url gives no keys. ${advice}`);
}
