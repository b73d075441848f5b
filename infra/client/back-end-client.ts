import { type components, type operations, routes } from './back-end-operations.ts';

/**
 * Calls the API from a back end: of a shop, a tenant, or whoever runs the stage. It imports nothing but what is written
 * beside it from the API's document, so that the two files can be copied. What was lost on the way is asked for again,
 * where asking twice is asking once.
 */

export type OperationId = keyof typeof routes;

/** What requests and replies are made of, by the names of the API's document. */
export type Schemas = components['schemas'];

export type ErrorWord = Schemas['ErrorWord'];

type Fields<Part> = [NonNullable<Part>] extends [never] ? unknown : NonNullable<Part>;

type BodyOf<Id extends OperationId> = operations[Id] extends {
  requestBody: { content: { 'application/json': infer Body } };
}
  ? Body
  : unknown;

/** What an operation takes: what is in its path, its query and its body, as fields of one object. */
export type Input<Id extends OperationId> = Fields<operations[Id]['parameters']['path']> &
  Fields<operations[Id]['parameters']['query']> &
  BodyOf<Id>;

type DataOf<Answer> = Answer extends { content: { 'application/json': { data: infer Data } } } ? Data : never;

/** What an operation replies with. */
export type Result<Id extends OperationId> = DataOf<
  operations[Id]['responses'][keyof operations[Id]['responses']]
>;

/** The operations that take an `Idempotency-Key`. */
type KeyedId = {
  [Id in OperationId]: 'Idempotency-Key' extends keyof NonNullable<operations[Id]['parameters']['header']>
    ? Id
    : never;
}[OperationId];

type PostId = {
  [Id in OperationId]: (typeof routes)[Id] extends `POST ${string}` ? Id : never;
}[OperationId];

/** The operations that reply with a page and take the cursor of the next. */
export type PagedId = {
  [Id in OperationId]: Result<Id> extends { cursor: string | null } ? Id : never;
}[OperationId];

export interface KeyedOptions {
  /**
   * Under which it is the same request for 24 hours, whoever makes it of the token's `sub`: a number of your own, such
   * as that of the return. Left out, one is made for this call.
   */
  readonly idempotencyKey?: string;
}

type Options<Id extends OperationId> = Id extends KeyedId ? [options?: KeyedOptions] : [];

/** An operation that needs nothing can be called with nothing. */
type Parameters<Id extends OperationId> =
  Record<never, never> extends Input<Id>
    ? [input?: Input<Id>, ...Options<Id>]
    : [input: Input<Id>, ...Options<Id>];

/** Each operation by its id; each rejects with a SettleApiError, or with what `getToken` throws. */
export type BackEndClient = {
  readonly [Id in OperationId]: (...parameters: Parameters<Id>) => Promise<Result<Id>>;
} & {
  /** All pages of a list, from the one on that `input` asks for, each when it is wanted. */
  pages<Id extends PagedId>(id: Id, input: Input<Id>): AsyncGenerator<Result<Id>, void, undefined>;
};

export interface BackEndClientOptions {
  /** The stage's `ApiUrl`, without a slash at its end. */
  readonly baseUrl: string;
  /** Gives a token, for each request anew. */
  readonly getToken: () => string | Promise<string>;
  /** In which language errors say what is wrong; Chinese by default. */
  readonly language?: 'zh' | 'en';
  /** How long a call may take with all that is asked for again, in milliseconds; 30 s by default. */
  readonly deadlineMs?: number;
  readonly fetch?: typeof globalThis.fetch;
  /** In milliseconds; tests may be in a hurry. */
  readonly clock?: Clock;
}

export interface Clock {
  now(): number;
  wait(ms: number): Promise<unknown>;
}

/** A call that failed for good, or for longer than its deadline. Its message is the API's, for people. */
export class SettleApiError extends Error {
  override readonly name = 'SettleApiError';
  readonly operation: OperationId;
  /** The HTTP status; null where nothing was answered. */
  readonly status: number | null;
  /** What is wrong, for machines; null where it was not the API that answered. */
  readonly word: ErrorWord | null;
  /** The fields, parameters or headers that are at fault. */
  readonly fields: readonly string[];
  /** Under which the same call can be made again: what it did is found out, and it is done once. */
  readonly idempotencyKey: string | null;

  constructor(message: string, { operation, status, word, fields, idempotencyKey, cause }: Failure) {
    super(message, { cause });
    this.operation = operation;
    this.status = status;
    this.word = word;
    this.fields = fields;
    this.idempotencyKey = idempotencyKey;
  }
}

interface Failure {
  readonly operation: OperationId;
  readonly status: number | null;
  readonly word: ErrorWord | null;
  readonly fields: readonly string[];
  readonly idempotencyKey: string | null;
  readonly cause?: unknown;
}

const takesKey: Readonly<Record<KeyedId, true>> = { createCheckout: true, createRefund: true };

/** Whether the same again comes to the same, of what is neither read nor put; with its key, what takes one does. */
const isRepeatable: Readonly<Record<PostId, boolean>> = {
  createCheckout: true,
  createRefund: true,
  closeOrder: true,
  resolveException: true,
  repairRefund: true,
  redeliver: false,
  redeliverPeriod: false,
};

const DEADLINE_MS = 30_000;

/** What has not answered by then is taken for lost: the API's functions have so long, such as where a provider hangs. */
const ATTEMPT_MS = 20_000;

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

export function createBackEndClient(options: BackEndClientOptions): BackEndClient {
  const { deadlineMs = DEADLINE_MS, clock = systemClock } = options;

  const call = async (operation: OperationId, input: Values = {}, keyed: KeyedOptions = {}) => {
    const deadline = clock.now() + deadlineMs;
    const idempotencyKey = operation in takesKey ? (keyed.idempotencyKey ?? crypto.randomUUID()) : null;
    const request = requestOf(operation, input);
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      const patience = Math.min(ATTEMPT_MS, deadline - clock.now());
      const outcome = await attempt(options, { ...request, operation, idempotencyKey, patience });
      if (!(outcome instanceof SettleApiError)) return outcome.data;
      // Between a half and all of it: what failed at once for many does not come again at once for all.
      const pause = Math.round(waitMs * (0.5 + Math.random() / 2));
      if (!mayRepeat(outcome) || clock.now() + pause >= deadline) throw outcome;
      await clock.wait(pause);
    }
  };

  async function* pages(operation: PagedId, input: Values) {
    let cursor = input['cursor'];
    do {
      const page = (await call(operation, { ...input, cursor })) as { cursor: string | null };
      yield page;
      cursor = page.cursor;
    } while (cursor !== null);
  }

  const methods = Object.keys(routes).map(
    (id) => [id, (input?: Values, keyed?: KeyedOptions) => call(id as OperationId, input, keyed)] as const,
  );
  return { ...Object.fromEntries(methods), pages } as BackEndClient;
}

type Values = Readonly<Record<string, unknown>>;

interface ApiRequest {
  readonly method: string;
  readonly target: string;
  readonly body: string | null;
}

/** What is not in the path is in the query of what is read, and in the body of what is done. */
function requestOf(operation: OperationId, input: Values): ApiRequest {
  const [method = '', template = ''] = routes[operation].split(' ');
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest.get(name);
    rest.delete(name);
    return encodeURIComponent(String(value));
  });
  if (method !== 'GET') {
    const body = rest.size > 0 ? JSON.stringify(Object.fromEntries(rest)) : null;
    return { method, target: path, body };
  }
  const query = new URLSearchParams();
  for (const [name, value] of rest) query.set(name, String(value));
  return { method, target: rest.size > 0 ? `${path}?${query}` : path, body: null };
}

interface Attempt extends ApiRequest {
  readonly operation: OperationId;
  readonly idempotencyKey: string | null;
  /** How long it may take, in milliseconds. */
  readonly patience: number;
}

/** What the API said, or why it did not. */
async function attempt(
  { baseUrl, getToken, language = 'zh', fetch = globalThis.fetch }: BackEndClientOptions,
  { method, target, body, operation, idempotencyKey, patience }: Attempt,
): Promise<{ readonly data: unknown } | SettleApiError> {
  const headers = {
    authorization: `Bearer ${await getToken()}`,
    accept: 'application/json',
    'accept-language': language,
    ...(body !== null && { 'content-type': 'application/json' }),
    ...(idempotencyKey !== null && { 'idempotency-key': idempotencyKey }),
  };
  let response: Response;
  let text: string;
  try {
    response = await fetch(baseUrl + target, {
      ...{ method, headers, body },
      // The API leads nowhere else.
      redirect: 'manual',
      signal: AbortSignal.timeout(patience),
    });
    text = await response.text();
  } catch (cause) {
    const nothing = { status: null, word: null, fields: [] };
    return new SettleApiError(`${operation}: no answer`, { ...nothing, operation, idempotencyKey, cause });
  }
  const { status } = response;
  const { code, data, msg, message } = readReply(text);
  if (response.ok && code === 0) return { data };
  return new SettleApiError(`${operation}: ${msg ?? message ?? `HTTP ${status}`}`, {
    ...{ operation, status, idempotencyKey },
    word: response.headers.get('settle-error') as ErrorWord | null,
    fields: response.headers.get('settle-error-field')?.split(', ') ?? [],
  });
}

/** `/api/pay` and `/v2` call their messages by different names. */
interface ApiReply {
  readonly code?: unknown;
  readonly data?: unknown;
  readonly msg?: string;
  readonly message?: string;
}

/** What is not the API, such as a proxy's page, says nothing. */
function readReply(text: string): ApiReply {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function mayRepeat({ operation, status, word }: SettleApiError): boolean {
  // API Gateway lets nothing through that it answers so.
  if (status === 429) return true;
  const isRefusal = status !== null && status >= 400 && status < 500;
  const mayPass = !isRefusal || word === 'order_changing';
  return mayPass && (!(operation in isRepeatable) || isRepeatable[operation as PostId]);
}

const systemClock: Clock = {
  now: () => Date.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
