import type { SettleClientOptions, Wx } from '../../../infra/client/settle-client.ts';

/** What WeChat's cashier does when it is opened; returns what it fails with, if it does. */
export type Cashier = (parameters: { readonly package: string }) => Promise<string | null>;

export interface FakeWx extends Wx {
  /** Method and path of every request, in their order. */
  readonly requests: readonly string[];
  /** How many of the next requests, of this method, fail before they are sent or lose their answer. */
  lose(method: 'GET' | 'POST', what: 'request' | 'answer', times: number): void;
  /** Whether everything is lost from now on. */
  offline(is: boolean): void;
}

/** `wx` over this machine's loopback: the API's own answers, with what a phone's network does to them. */
export function createFakeWx(cashier: Cashier): FakeWx {
  const requests: string[] = [];
  const losses: { method: string; what: 'request' | 'answer' }[] = [];
  let isOffline = false;

  const takeLoss = (method: string) => {
    const index = losses.findIndex((loss) => loss.method === method);
    return index < 0 ? undefined : losses.splice(index, 1)[0]?.what;
  };
  const send = async ({ url, method, header }: Parameters<Wx['request']>[0]) => {
    requests.push(`${method} ${new URL(url).pathname}`);
    const loss = takeLoss(method);
    if (isOffline || loss === 'request') return null;
    const response = await fetch(url, { method, headers: header });
    const text = await response.text();
    return loss === 'answer' ? null : { statusCode: response.status, data: parsed(text) };
  };

  return {
    requests,
    lose: (method, what, times) => losses.push(...Array.from({ length: times }, () => ({ method, what }))),
    offline: (is) => {
      isOffline = is;
    },
    request(options) {
      send(options).then(
        (answer) => (answer ? options.success(answer) : options.fail({ errMsg: 'request:fail timeout' })),
        () => options.fail({ errMsg: 'request:fail' }),
      );
    },
    requestPayment({ success, fail, ...parameters }) {
      cashier(parameters).then((errMsg) => (errMsg === null ? success() : fail({ errMsg })));
    },
  };
}

/** As `wx.request` does with what it takes for JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Waits for nothing, and keeps how long it was asked to. */
export function createWaits() {
  const waits: number[] = [];
  const wait: SettleClientOptions['wait'] = async (ms) => void waits.push(ms);
  return { waits, wait };
}
