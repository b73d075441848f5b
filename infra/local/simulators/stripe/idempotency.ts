import type { KeptMap } from '../../kept-state.ts';
import type { Answer, Call, Handler } from '../http.ts';
import { errorAnswer, StripeError } from './error.ts';

const REUSED =
  'Keys for idempotent requests can only be used with the same parameters they were first used with.';

/** A request that was taken. */
export interface Answered {
  readonly request: string;
  readonly answer: Answer;
}

/**
 * Answers a repeated `Idempotency-Key` with what the first request was answered, and refuses it with other
 * parameters (docs.stripe.com/api/idempotent_requests). A refused request leaves no trace.
 */
export function idempotent(answered: KeptMap<Answered>, handle: (call: Call) => Answer): Handler {
  return (call) => {
    const key = call.headers['idempotency-key'];
    if (typeof key !== 'string') return handle(call);
    const request = `${call.path}\n${call.body}`;
    const known = answered.get(key);
    if (known && known.request !== request)
      return errorAnswer(new StripeError(400, REUSED, {}, 'idempotency_error'));
    if (known) {
      return { ...known.answer, headers: { ...known.answer.headers, 'idempotent-replayed': 'true' } };
    }
    const answer = handle(call);
    if (answer.status === 200) answered.set(key, { request, answer });
    return answer;
  };
}
