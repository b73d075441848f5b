import { invalidParameter } from './error.ts';
import type { StripePayment } from './payment.ts';

/** The bounds on `created`, in seconds since 1970. */
const BOUNDS: Readonly<Record<string, (created: number, bound: number) => boolean>> = {
  'created[gt]': (created, bound) => created > bound,
  'created[gte]': (created, bound) => created >= bound,
  'created[lt]': (created, bound) => created < bound,
  'created[lte]': (created, bound) => created <= bound,
};

/** One page of `payments`, newest first (docs.stripe.com/api/pagination). @throws StripeError */
export function listSessions(payments: readonly StripePayment[], query: URLSearchParams) {
  const limit = Number(query.get('limit') ?? '10');
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw invalidParameter('limit', 'limit must be between 1 and 100');
  }
  const after = query.get('starting_after');
  const start = after === null ? 0 : payments.findIndex(({ id }) => id === after) + 1;
  if (after !== null && start === 0)
    throw invalidParameter('starting_after', `No such checkout.session: ${after}`);
  const matching = payments.slice(start).filter((payment) => isWithin(payment, query));
  return { data: matching.slice(0, limit), has_more: matching.length > limit };
}

function isWithin({ created_at }: StripePayment, query: URLSearchParams): boolean {
  const created = Math.floor(Date.parse(created_at) / 1000);
  return Object.entries(BOUNDS).every(([param, holds]) => {
    const bound = query.get(param);
    return bound === null || holds(created, Number(bound));
  });
}
