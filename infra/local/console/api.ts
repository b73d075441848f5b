import { deliveryRelease, digest, reconciliationStart, sweep } from '../../endpoints.ts';
import type { Counterparts } from '../documents.ts';
import type { Payee } from '../payees.ts';
import { type Answer, type Call, type Handler, json, parseJson, router } from '../simulators/http.ts';
import { verifyPaySign } from '../simulators/wechat/pay-sign.ts';
import type { Tokens } from '../tokens.ts';
import { curlLine, messageHeaders } from './curl.ts';
import { entryDetails, itemDetails } from './details.ts';
import type { Entry, Journal } from './journal.ts';
import type { OrderBook } from './order-book.ts';
import { listPayments, storedPayUrl } from './payments.ts';
import type { OrderFilter, Story } from './rows.ts';
import { isRepeatable, tellStory } from './story.ts';
import { readItems, type Table } from './table.ts';

/** What the console shows, and asks with. */
export interface ConsoleParts {
  readonly journal: Journal;
  readonly table: Table;
  readonly counterparts: Counterparts;
  readonly tokens: Tokens | null;
  readonly payees: () => Promise<readonly Payee[]>;
  /** The API's address. */
  readonly publicUrl: string;
  readonly io: { readonly now: () => number; readonly fetch: typeof fetch };
  readonly log: (line: string) => void;
  /** Runs a function that a schedule runs. @throws Error when it fails */
  readonly run: (functionName: string) => Promise<void>;
  /** Reconciles today, and tells the group. @throws Error when the group cannot be told */
  readonly closeDay: () => Promise<void>;
}

interface ApiParts extends ConsoleParts {
  readonly book: OrderBook;
  readonly apiv3Keys: readonly string[];
  readonly isCallback: (functionName: string) => boolean;
}

const PAGE_SIZE = 50;

const scheduled = [sweep, reconciliationStart, digest, deliveryRelease].map(({ name }) => name).join('|');

/** What the page asks for. */
export function createConsoleApi(parts: ApiParts): Handler {
  const { journal, table, tokens, publicUrl, io, counterparts, run, closeDay } = parts;
  const { book, apiv3Keys, isCallback } = parts;

  function listOrders({ query }: Call): Answer {
    const text = (name: string) => query.get(name) ?? '';
    const filter: OrderFilter = {
      status: text('status'),
      provider: text('provider'),
      kind: text('kind'),
      search: text('search'),
    };
    const behind = { created_at: text('behind_time'), order_no: text('behind') };
    return json(200, book.page(filter, PAGE_SIZE, behind.order_no === '' ? undefined : behind));
  }

  async function tell(_call: Call, order_no = ''): Promise<Answer> {
    const items = await readItems(table, order_no);
    const story: Story = {
      order: book.get(order_no) ?? null,
      payments: listPayments(items),
      pay_url: storedPayUrl(items) ?? answeredPayUrl(journal.entries(), order_no),
      entries: tellStory(order_no, journal.entries(), items, isCallback),
    };
    return json(200, story);
  }

  function showEntry(_call: Call, id = ''): Answer {
    const entry = journal.get(Number(id));
    const repeatable = isRepeatable(entry, isCallback);
    return entry ? json(200, entryDetails(entry, { repeatable, apiv3Keys })) : gone;
  }

  async function showItem(_call: Call, order_no = '', sk = ''): Promise<Answer> {
    const item = (await readItems(table, order_no)).find((candidate) => candidate.sk === sk);
    return item ? json(200, itemDetails(item)) : gone;
  }

  function showCurl(_call: Call, id = ''): Answer {
    const entry = journal.get(Number(id));
    return isRepeatable(entry, isCallback) ? json(200, { line: curlLine(entry, publicUrl) }) : gone;
  }

  async function sendAgain(call: Call, id = ''): Promise<Answer> {
    const entry = journal.get(Number(id));
    if (!isFromPage(call) || !isRepeatable(entry, isCallback)) return gone;
    const { method, target, body } = entry;
    const answer = await io.fetch(publicUrl + target, {
      method,
      headers: messageHeaders(entry),
      body: new Uint8Array(body),
    });
    return json(200, { status: answer.status, body: await answer.text() });
  }

  /** Hands a request to the API under one of the ready-made tokens. */
  async function passOn(call: Call, path = ''): Promise<Answer> {
    if (!isFromPage(call)) return json(403, { error: 'only for the page' });
    if (!tokens) return json(503, { error: 'the auth document is your own: there are no ready-made tokens' });
    const token = call.headers['x-settle-role'] === 'admin' ? tokens.admin : tokens.user;
    const key = call.headers['idempotency-key'];
    const answer = await io.fetch(`${publicUrl}/${path}`, {
      method: call.method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'accept-language': call.headers['accept-language'] ?? '',
        ...(typeof key === 'string' && { 'idempotency-key': key }),
      },
      ...(call.body.length > 0 && { body: new Uint8Array(call.body) }),
    });
    // A refusal is an answer to be shown, and no failure of the page's own request.
    const fields = (answer.headers.get('settle-error-field') ?? '').split(', ').filter(Boolean);
    return json(200, { status: answer.status, body: await answer.json(), fields });
  }

  /** For what runs by the clock, and is not waited for here. */
  async function runNow(call: Call, work: () => Promise<void>): Promise<Answer> {
    if (!isFromPage(call)) return json(403, { error: 'only for the page' });
    try {
      await work();
      return json(200, {});
    } catch {
      return json(502, { error: 'it failed: why is in its log' });
    }
  }

  return router([
    ['GET', /^\/console\/orders$/, listOrders],
    ['GET', /^\/console\/orders\/([^/]+)$/, tell],
    ['GET', /^\/console\/orders\/([^/]+)\/items\/([^/]+)$/, showItem],
    ['GET', /^\/console\/entries\/(\d+)$/, showEntry],
    ['GET', /^\/console\/entries\/(\d+)\/curl$/, showCurl],
    ['POST', /^\/console\/entries\/(\d+)\/send$/, sendAgain],
    [
      'POST',
      /^\/console\/pay-sign$/,
      (call) => json(200, verifyPaySign(parseJson(call.body), counterparts.wechat)),
    ],
    [
      'POST',
      new RegExp(`^/console/schedules/(${scheduled})$`),
      (call, name = '') => runNow(call, () => run(name)),
    ],
    ['POST', /^\/console\/day\/close$/, (call) => runNow(call, closeDay)],
    ['PUT', /^\/console\/api\/(v2\/orders\/.+)$/, passOn],
    ['POST', /^\/console\/api\/(v2\/orders\/.+|api\/pay\/(?:checkout|refund|orders\/[^/]+\/close))$/, passOn],
  ]);
}

/** A page that is computed is not stored: only whoever asked for it was given it. */
function answeredPayUrl(entries: readonly Entry[], order_no: string): string | null {
  for (const entry of entries.toReversed()) {
    if (entry.type !== 'request' || entry.target !== '/api/pay/checkout') continue;
    const { data } = (parseJson(entry.answer) ?? {}) as { data?: { order_no: string; pay_url: string } };
    if (data?.order_no === order_no) return data.pay_url;
  }
  return null;
}

/** No other site's page can send this header without asking first, which nobody here answers. */
const isFromPage = ({ headers }: Call): boolean => headers['x-settle-role'] !== undefined;

const gone = json(404, { error: 'no longer kept, or never was' });
