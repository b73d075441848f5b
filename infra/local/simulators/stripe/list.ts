import { type Answer, json } from '../http.ts';
import { invalidParameter } from './error.ts';

/** An object of Stripe's; `created` in seconds since 1970. */
interface Listed {
  readonly id: string;
  readonly object: string;
  readonly created: number;
}

/** The bounds on `created`. */
const BOUNDS: Readonly<Record<string, (created: number, bound: number) => boolean>> = {
  'created[gt]': (created, bound) => created > bound,
  'created[gte]': (created, bound) => created >= bound,
  'created[lt]': (created, bound) => created < bound,
  'created[lte]': (created, bound) => created <= bound,
};

/** One page of objects that are given newest first (docs.stripe.com/api/pagination). @throws StripeError */
export function listAnswer(url: string, objects: readonly Listed[], query: URLSearchParams): Answer {
  const limit = Number(query.get('limit') ?? '10');
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw invalidParameter('limit', 'limit must be between 1 and 100');
  }
  const after = query.get('starting_after');
  const start = after === null ? 0 : objects.findIndex(({ id }) => id === after) + 1;
  if (after !== null && start === 0) throw invalidParameter('starting_after', `No such object: ${after}`);
  const matching = objects.slice(start).filter((object) => isWithin(object, query));
  const data = matching.slice(0, limit);
  return json(200, { object: 'list', url, has_more: matching.length > limit, data });
}

function isWithin({ created }: Listed, query: URLSearchParams): boolean {
  return Object.entries(BOUNDS).every(([param, holds]) => {
    const bound = query.get(param);
    return bound === null || holds(created, Number(bound));
  });
}

/** Whether an object inside is to be shown whole: what is expanded further inside is so itself. */
export const isExpanded = (query: URLSearchParams, path: string): boolean =>
  [...query].some(
    ([name, value]) => /^expand\[\d*\]$/.test(name) && (value === path || value.startsWith(`${path}.`)),
  );
