import { randomUUID } from 'node:crypto';
import { forEachConcurrently } from '../../../lib/concurrency.ts';
import type { Io } from '../../../lib/io.ts';
import type { Provider } from '../../../lib/orders/kinds.ts';
import { type Endpoint, endpoints } from '../../endpoints.ts';
import { fault, ok, type Result } from './check.ts';
import { type Answer, request } from './request.ts';
import { type UnsignedMessage, unsignedMessages } from './unsigned-messages.ts';

type Ask = Pick<Io, 'fetch'>;

/** Few at once: a new account runs ten functions at a time, and a stage for trying things out is throttled. */
const CONCURRENT_ROUTES = 4;

/** What a stage has of what not each has. */
export interface Offered {
  /** Where somebody is paid. */
  readonly providers: readonly Provider[];
  readonly webhooks: boolean;
}

/**
 * Whether every route refuses what nobody signed, in its own words; one fault when nothing answers at all. What the
 * stage does not have is not looked at.
 */
export async function checkRoutes(io: Ask, url: string, offered: Offered): Promise<Result[]> {
  const unknownPath = await checkUnknownPath(io, url);
  if (unknownPath.check === 'API') return [unknownPath];
  const results: Result[] = [];
  const asked = endpoints.filter(
    ({ callback = [], stack }) =>
      callback.every((form) => form === 'flat' || offered.providers.includes(form)) &&
      (stack !== 'webhooks' || offered.webhooks),
  );
  await forEachConcurrently(asked.entries(), CONCURRENT_ROUTES, async ([index, endpoint]) => {
    results[index] = await checkRoute(io, url, endpoint);
  });
  return [...results, unknownPath];
}

async function checkRoute(io: Ask, url: string, endpoint: Endpoint): Promise<Result> {
  const { method, path } = endpoint;
  const check = `route ${method} ${path}`;
  const messages = unsignedMessages(endpoint);
  for (const message of messages) {
    const { headers, body } = message;
    const answer = await request(io, url + path.replace(/\{\w+\}/g, '1'), { method, headers, body });
    const problem = typeof answer === 'string' ? answer : compare(answer, message);
    if (problem !== null) return fault(check, problem);
  }
  return ok(check, `401 to ${messages.map(({ what }) => what).join(', and to ')}`);
}

async function checkUnknownPath(io: Ask, url: string): Promise<Result> {
  const check = 'unknown path';
  const answer = await request(io, `${url}/${randomUUID()}`, { method: 'GET', headers: {}, body: null });
  if (typeof answer === 'string') return fault('API', answer);
  if (answer.status === 404) return ok(check, '404');
  return fault(
    check,
    `answers ${answer.status} in place of 404: something else than Settle's API answers at ${url}`,
  );
}

/** What is wrong with the answer, and what to do; null when it is as it should be. */
function compare({ status, body }: Answer, { what, expected }: UnsignedMessage): string | null {
  if (status !== expected.statusCode) return `answers ${status} to ${what}: ${advice(status)}`;
  if (shapeOf(body) === shapeOf(expected.body)) return null;
  return `answers 401 to ${what}, but not in Settle's words: something before the API answers in its place`;
}

function advice(status: number): string {
  if (status < 300) return 'it is not verified. Take the route out of service, and deploy again';
  if (status < 400) return 'callbacks do not follow redirects. Let the address itself lead to the API';
  if (status === 403) return 'something before the API refuses it, such as a firewall or another stage';
  if (status === 404) return 'the route is not there. Deploy again, and check where the address leads';
  if (status === 429) return "it is throttled. Try again; then look at the stage's throttling";
  if (status >= 500) return "its function fails. Look at the documents below, then at the function's log";
  return 'deploy again, and check where the address leads';
}

/** All of a text; of JSON the names and the code, since messages may be worded anew. */
function shapeOf(body: string): string {
  try {
    const value = JSON.parse(body) as Readonly<Record<string, unknown>>;
    return JSON.stringify([value['code'], Object.keys(value).toSorted()]);
  } catch {
    return body;
  }
}
