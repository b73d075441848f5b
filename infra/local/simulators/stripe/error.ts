import { type Answer, json } from '../http.ts';

/** An error as Stripe answers it (docs.stripe.com/api/errors). */
export class StripeError extends Error {
  override readonly name = 'StripeError';
  readonly status: number;
  readonly type: string;
  readonly details: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    details: Record<string, string> = {},
    type = 'invalid_request_error',
  ) {
    super(message);
    this.status = status;
    this.type = type;
    this.details = details;
  }
}

export const invalidParameter = (param: string, message: string): StripeError =>
  new StripeError(400, message, { code: 'parameter_invalid', param });

export const missing = (kind: string, id: string, param: string): StripeError =>
  new StripeError(404, `No such ${kind}: '${id}'`, { code: 'resource_missing', param });

export const errorAnswer = ({ status, message, type, details }: StripeError): Answer =>
  json(status, { error: { type, message, ...details } });
