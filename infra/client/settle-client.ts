/**
 * Pays shop orders from a WeChat mini-program and finds out what became of them. It imports nothing, so that this one
 * file can be copied, or built with `npm run client`.
 */

export type OrderKind = 'mall' | 'meal';

/** What the API says of an order; `amount` in yuan, times ISO 8601 in UTC. */
export interface OrderState {
  order_no: string;
  status: 'pending' | 'paid' | 'failed' | 'closed' | 'refunding' | 'refunded';
  amount: string;
  currency: string;
  provider: 'wechat' | 'alipay' | 'stripe' | null;
  transaction_id: string | null;
  created_at: string;
  paid_at: string | null;
  refunded_amount: string;
  /** How many things about it wait for somebody at the shop. */
  exceptions: number;
}

/** What the API gives for `wx.requestPayment`. */
export interface PaymentParameters {
  appId: string;
  timeStamp: string;
  nonceStr: string;
  package: string;
  signType: 'RSA';
  paySign: string;
}

/**
 * `unconfirmed`: WeChat took the payment, and the API has not heard of it yet; it will, so show it as being confirmed
 * and call `confirm` later. `cancelled`: the user left without paying, and can pay again.
 */
export type PaymentOutcome = 'paid' | 'cancelled' | 'unconfirmed';

/**
 * What every method rejects with, save what `getToken` does. `message` is the API's, in Chinese, or WeChat's own.
 * `unauthenticated`: log in again. `refused`: the API says no, such as to an order that is closed. `unavailable`,
 * `network`: try again later. `payment_failed`: WeChat could not make the payment.
 */
export interface SettleError extends Error {
  code: 'unauthenticated' | 'refused' | 'unavailable' | 'network' | 'payment_failed';
  /** The HTTP status, where the API answered. */
  status: number | undefined;
}

interface Failure {
  errMsg: string;
}

/** What is used of `wx`. */
export interface Wx {
  request(options: {
    url: string;
    method: 'GET' | 'POST';
    header: Record<string, string>;
    timeout: number;
    success: (answer: { statusCode: number; data: unknown }) => void;
    fail: (failure: Failure) => void;
  }): unknown;
  requestPayment(
    options: Omit<PaymentParameters, 'appId'> & { success: () => void; fail: (failure: Failure) => void },
  ): unknown;
}

export interface SettleClientOptions {
  wx: Wx;
  /** The stage's `ApiUrl`, without a slash at its end. */
  baseUrl: string;
  /** Gives the user's token, for each request anew. */
  getToken: () => string | Promise<string>;
  /** Waits so many milliseconds; tests may be in a hurry. */
  wait?: (ms: number) => Promise<unknown>;
}

export interface SettleClient {
  /** Pays an order of the user: at once when it costs nothing, else with WeChat's own cashier. @throws SettleError */
  pay(kind: OrderKind, id: number): Promise<PaymentOutcome>;
  /** Asks for about half a minute whether an order is paid. @throws SettleError */
  confirm(kind: OrderKind, id: number): Promise<'paid' | 'unconfirmed'>;
  /** Cancels an order of the user; refused when it is paid or being paid. @throws SettleError */
  close(kind: OrderKind, id: number): Promise<OrderState>;
  /** @throws SettleError */
  getOrder(kind: OrderKind, id: number): Promise<OrderState>;
}

const TIMEOUT_MS = 10_000;

/** Before each further attempt. The API takes the same request twice: paying again is the same payment. */
const RETRY_WAITS_MS = [300, 1_000];

/** Before each further look. From 10 s on, a look has the API ask WeChat Pay by itself. */
const CONFIRM_WAITS_MS = [500, 1_000, 1_500, 2_000, 3_000, 4_000, 5_000, 5_000, 5_000];

export function createSettleClient({
  wx,
  baseUrl,
  getToken,
  wait = sleep,
}: SettleClientOptions): SettleClient {
  const attempt = async <T>(method: 'GET' | 'POST', path: string): Promise<T> => {
    const header = { authorization: `Bearer ${await getToken()}` };
    return new Promise((resolve, reject) => {
      wx.request({
        url: baseUrl + path,
        method,
        header,
        timeout: TIMEOUT_MS,
        success({ statusCode, data }) {
          const {
            code,
            message = '',
            data: result,
          } = (data || {}) as {
            code?: unknown;
            message?: string;
            data: T;
          };
          if (code === 0) resolve(result);
          else reject(settleError(codeOf(statusCode), message, statusCode));
        },
        fail: ({ errMsg }) => reject(settleError('network', errMsg)),
      });
    });
  };

  const call = async <T>(method: 'GET' | 'POST', path: string): Promise<T> => {
    for (const delay of RETRY_WAITS_MS) {
      try {
        return await attempt(method, path);
      } catch (error) {
        if (!mayPass(error)) throw error;
        await wait(delay);
      }
    }
    return attempt(method, path);
  };

  const getOrder = (kind: OrderKind, id: number): Promise<OrderState> => call('GET', pathOf(kind, id));

  /** Looks whether the order is paid, and again after each wait until it is or can no longer be. */
  const look = async (kind: OrderKind, id: number, waits: readonly number[]): Promise<boolean> => {
    for (const delay of [0, ...waits]) {
      if (delay > 0) await wait(delay);
      try {
        const { status } = await attempt<OrderState>('GET', pathOf(kind, id));
        if (status !== 'pending' && status !== 'failed') return status !== 'closed';
      } catch (error) {
        if (!mayPass(error)) throw error;
      }
    }
    return false;
  };

  const confirm = async (kind: OrderKind, id: number) =>
    (await look(kind, id, CONFIRM_WAITS_MS)) ? 'paid' : 'unconfirmed';

  /** Null when the order takes no payment because it is paid: an answer may have been lost before. */
  const begin = async (kind: OrderKind, id: number): Promise<PaymentParameters | null> => {
    try {
      const answer = await call<PaymentParameters | { paid: true }>('POST', `${pathOf(kind, id)}/pay`);
      return 'paid' in answer ? null : answer;
    } catch (error) {
      if ((error as SettleError).status === 400 && (await look(kind, id, []))) return null;
      throw error;
    }
  };

  const pay = async (kind: OrderKind, id: number): Promise<PaymentOutcome> => {
    const parameters = await begin(kind, id);
    if (!parameters) return 'paid';
    const failure = await openCashier(wx, parameters);
    if (!failure) return confirm(kind, id);
    // What the cashier says of a payment proves nothing.
    if (await look(kind, id, [])) return 'paid';
    if (/cancel/.test(failure.errMsg)) return 'cancelled';
    throw settleError('payment_failed', failure.errMsg);
  };

  const close = (kind: OrderKind, id: number): Promise<OrderState> =>
    call('POST', `${pathOf(kind, id)}/close`);

  return { pay, confirm, close, getOrder };
}

/** Null when the user has paid, as far as WeChat's cashier knows. */
const openCashier = (
  wx: Wx,
  { timeStamp, nonceStr, package: prepay, signType, paySign }: PaymentParameters,
): Promise<Failure | null> =>
  new Promise((resolve) => {
    wx.requestPayment({
      timeStamp,
      nonceStr,
      package: prepay,
      signType,
      paySign,
      success: () => resolve(null),
      fail: resolve,
    });
  });

const pathOf = (kind: OrderKind, id: number): string => `/v2/orders/${kind}/${id}`;

const sleep = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));

/** What answers with success and is not the API, as a hotel's login page, is on the way to it. */
function codeOf(status: number): SettleError['code'] {
  if (status === 401) return 'unauthenticated';
  return status >= 400 && status < 500 && status !== 429 ? 'refused' : 'unavailable';
}

const settleError = (code: SettleError['code'], message: string, status?: number): SettleError =>
  Object.assign(new Error(message), { code, status });

/** Whether the same request may be answered otherwise a little later. */
function mayPass(error: unknown): boolean {
  const { code } = error as Partial<SettleError>;
  return code === 'network' || code === 'unavailable';
}
