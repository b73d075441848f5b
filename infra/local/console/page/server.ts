import type { PaymentState, Provider } from '../../../../lib/orders/kinds.ts';

/** An answer of the API or of the simulators. `status` is 0 when there was none. */
export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

interface Request {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly body?: string;
  readonly role?: 'admin' | 'user';
}

async function call<T>(
  path: string,
  { method = 'GET', body, role }: Request = {},
): Promise<Answer<T | null>> {
  try {
    const response = await fetch(path, {
      method,
      ...(role && {
        headers: {
          'x-settle-role': role,
          'idempotency-key': crypto.randomUUID(),
          'accept-language': document.documentElement.lang,
        },
      }),
      ...(body !== undefined && { body }),
    });
    return { status: response.status, body: await response.json() };
  } catch {
    return { status: 0, body: null };
  }
}

export const get = <T>(path: string) => call<T>(path);

/** A request to the API itself, under one of the ready-made tokens. */
export async function callApi(
  method: 'POST' | 'PUT',
  path: string,
  role: 'admin' | 'user',
  body = '',
): Promise<ApiAnswer> {
  const passedOn = await call<ApiAnswer>(`/console/api${path}`, { method, role, body });
  return passedOn.status === 200 && passedOn.body ? passedOn.body : { status: 0, body: null, fields: [] };
}

/** `fields`: what of the request is at fault, as far as the API says. */
interface ApiAnswer extends Answer<ApiBody | null> {
  readonly fields: readonly string[];
}

/** Both envelopes. */
export interface ApiBody {
  readonly code: number;
  readonly msg?: string;
  readonly message?: string;
  readonly data?: Readonly<Record<string, unknown>> | null;
}

export interface Payment {
  readonly provider: Provider;
  readonly payment_no: string;
  readonly amount: number;
  readonly state: PaymentState;
  readonly description: string;
}

export interface Outcome {
  readonly payment?: Payment;
  readonly deliveries?: readonly { readonly status: number | null; readonly body: string }[];
  readonly error?: string;
  /** Of a flat body's single delivery. */
  readonly status?: number | null;
  readonly body?: string;
}

export const simulate = (path: string, options: object = {}) =>
  call<Outcome>(`/simulator${path}`, { method: 'POST', body: JSON.stringify(options) });

export const verifyPaySign = (parameters: object) =>
  call<{ readonly verified: boolean | null }>('/console/pay-sign', {
    method: 'POST',
    body: JSON.stringify(parameters),
  });

/** Reconciles today, and tells the group. */
export const closeDay = () => call<object>('/console/day/close', { method: 'POST', role: 'admin' });

export const sendAgain = (id: string) =>
  call<{ readonly status: number }>(`/console/entries/${id}/send`, { method: 'POST', role: 'admin' });
