import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { queryText } from './route.ts';

type Parameters = Readonly<Record<string, string | undefined>>;

/** Why a request has not succeeded. */
export class ApiFailure extends Error {
  /** 0 where there was no answer. */
  readonly status: number;
  /** Of the API's closed list of errors; null where it was not the API that answered. */
  readonly word: string | null;
  /** The fields at fault. */
  readonly fields: readonly string[];

  constructor(status: number, word: string | null, fields: readonly string[], message: string) {
    super(message);
    this.status = status;
    this.word = word;
    this.fields = fields;
  }
}

export interface ApiClient {
  /** What a reply has as its `data`. @throws ApiFailure */
  get<T>(path: string, query?: Parameters, signal?: AbortSignal): Promise<T>;
  /** @throws ApiFailure */
  send<T>(method: 'POST' | 'PUT', path: string, request?: ActionRequest): Promise<T>;
  /**
   * A list as one CSV file, over all of its pages; `onRows` hears how many rows there are so far.
   * @throws ApiFailure
   */
  csv(path: string, query: Parameters, onRows: (rows: number) => void, signal: AbortSignal): Promise<Blob>;
}

interface ActionRequest {
  readonly body?: object;
  /** Makes the request the same one when it is sent again. */
  readonly idempotencyKey?: string;
}

export interface ApiClientParts {
  readonly fetch: typeof fetch;
  readonly token: string;
  readonly language: string;
  /** The token is not good any more. */
  readonly onUnauthenticated: () => void;
}

/** A caller of the API of this origin. */
export function createApiClient({ fetch, token, language, onUnauthenticated }: ApiClientParts): ApiClient {
  async function call(path: string, init: RequestInit & { readonly headers?: Record<string, string> }) {
    const headers = { authorization: `Bearer ${token}`, 'accept-language': language, ...init.headers };
    const response = await fetch(path, { ...init, headers, cache: 'no-store' }).catch((error) => {
      if (init.signal?.aborted) throw error;
      throw new ApiFailure(0, null, [], '');
    });
    if (response.ok) return response;
    if (response.status === 401) onUnauthenticated();
    throw await failureOf(response);
  }
  return {
    async get<T>(path: string, query: Parameters = {}, signal?: AbortSignal) {
      const response = await call(path + queryText(query), { ...(signal && { signal }) });
      return dataOf<T>(response);
    },
    async send<T>(method: 'POST' | 'PUT', path: string, { body, idempotencyKey }: ActionRequest = {}) {
      const response = await call(path, {
        method,
        headers: {
          ...(body && { 'content-type': 'application/json' }),
          ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      return dataOf<T>(response);
    },
    async csv(path, query, onRows, signal) {
      const parts: string[] = [];
      let rows = 0;
      let cursor: string | undefined;
      do {
        const page = queryText({ ...query, limit: '100', cursor });
        const response = await call(path + page, { headers: { accept: 'text/csv' }, signal });
        const [header, body] = splitHeader(await response.text());
        parts.push(parts.length === 0 ? header + body : body);
        rows += countRows(body);
        onRows(rows);
        cursor = response.headers.get('settle-cursor') ?? undefined;
      } while (cursor);
      return new Blob(['\ufeff', ...parts], { type: 'text/csv' });
    },
  };
}

/** The names of the columns are on the first line of every page; the mark at its beginning is no part of them. */
function splitHeader(page: string): readonly [header: string, body: string] {
  const text = page.replace(/^\ufeff/, '');
  const end = text.indexOf('\n') + 1;
  return end === 0 ? [text, ''] : [text.slice(0, end), text.slice(end)];
}

/** Line breaks within quotes are a value's own. */
const countRows = (body: string): number => body.replace(/"[^"]*"/g, '').split('\n').length - 1;

async function dataOf<T>(response: Response): Promise<T> {
  const reply = await response.json().catch(() => null);
  if (reply === null) throw new ApiFailure(response.status, null, [], '');
  return reply.data as T;
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const { status, headers } = response;
  const reply = await response.json().catch(() => null);
  const message = reply?.msg ?? reply?.message;
  const fields = headers.get('settle-error-field')?.split(', ') ?? [];
  return new ApiFailure(
    status,
    headers.get('settle-error'),
    fields,
    typeof message === 'string' ? message : '',
  );
}

export const ApiContext = createContext<ApiClient | null>(null);

/** The API as whoever is signed in. @throws Error outside a session */
export function useApi(): ApiClient {
  const client = useContext(ApiContext);
  if (!client) throw new Error('nobody is signed in');
  return client;
}
