import type { RequestListener } from 'node:http';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { endpoints } from '../../endpoints.ts';
import type { Stoppable } from '../all-started.ts';
import type { Counterparts } from '../documents.ts';
import { type Handler, listener } from '../simulators/http.ts';
import { localUser, type Tokens } from '../tokens.ts';
import { createConsoleApi } from './api.ts';
import type { Journal } from './journal.ts';
import { createLive } from './live.ts';
import { createMeasurements } from './measurements.ts';
import { createOrderBook } from './order-book.ts';
import { createPageFiles } from './page-files.ts';
import { providers } from './rows.ts';
import { followTable, type Table } from './table.ts';

export interface ConsoleParts {
  readonly journal: Journal;
  readonly table: Table;
  readonly counterparts: Counterparts;
  readonly tokens: Tokens | null;
  /** The API's address. */
  readonly publicUrl: string;
  readonly io: { readonly now: () => number; readonly fetch: typeof fetch };
  readonly log: (line: string) => void;
}

export interface Console {
  /** Serves the page and what it asks for. */
  readonly listener: RequestListener;
  /** Shows the table's orders from now on. */
  follow(streams: DynamoDBStreamsClient, streamArn: string): Stoppable;
}

const callbacks = new Set(endpoints.flatMap(({ name, callback }) => (callback ? [name] : [])));

/** The page on which payments can be seen to happen, and what serves it. */
export function createConsole(parts: ConsoleParts): Console {
  const { journal, table, counterparts, tokens, publicUrl, io, log } = parts;
  const isCallback = (name: string) => callbacks.has(name);
  const book = createOrderBook();
  const live = createLive({
    journal,
    book,
    measurements: createMeasurements(isCallback, io.now),
    offer: {
      simulated: providers.filter((provider) => counterparts[provider] !== null),
      wecom_simulated: counterparts.wecom !== null,
      can_create: tokens !== null,
      user_id: localUser,
      api_url: publicUrl,
    },
  });
  const files = createPageFiles();
  const api = createConsoleApi({ ...parts, book, isCallback });
  const handle: Handler = async (call) =>
    (call.method === 'GET' ? await files(call.path) : null) ?? (await api(call));
  const answer = listener(handle, log);
  return {
    listener: (request, response) =>
      request.method === 'GET' && request.url === '/console/events'
        ? live.connect(response)
        : answer(request, response),
    follow: (streams, streamArn) => followTable(table, streams, streamArn, book, log),
  };
}
