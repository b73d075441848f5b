import { recordAnswer, recordRequest } from './exchange.ts';

/** An answer of the API, its body parsed when it is JSON. */
export interface ApiAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: unknown;
}

interface Sent {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

/** Sends requests to one address as its clients would. A body that is no text or bytes goes as JSON. */
export const createHttpClient =
  (baseUrl: string) =>
  async (method: string, path: string, sent: Sent = {}): Promise<ApiAnswer> => {
    const { headers: _, ...answer } = await sendRequest(baseUrl, method, path, sent);
    return answer;
  };

/** Sends one request; what comes has its headers too. */
export async function sendRequest(
  baseUrl: string,
  method: string,
  path: string,
  { token, headers = {}, body }: Sent = {},
): Promise<ApiAnswer & { readonly headers: Headers }> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const sent = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...headers,
  };
  recordRequest(sent, body);
  const response = await fetch(baseUrl + path, {
    method,
    headers: Object.entries(sent).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ) as [string, string][],
    ...(body !== undefined && { body: isRaw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  recordAnswer(baseUrl, text);
  const contentType = response.headers.get('content-type');
  return {
    status: response.status,
    contentType,
    body: contentType?.startsWith('application/json') ? JSON.parse(text) : text,
    headers: response.headers,
  };
}
