import type { RequestListener } from 'node:http';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { providers } from '../../../lib/orders/kinds.ts';
import { endpoints } from '../../endpoints.ts';
import type { Stoppable } from '../all-started.ts';
import { type Handler, listener } from '../simulators/http.ts';
import { localUser } from '../tokens.ts';
import { type ConsoleParts, createConsoleApi } from './api.ts';
import { createLive } from './live.ts';
import { createMeasurements } from './measurements.ts';
import { createOrderBook } from './order-book.ts';
import { createPageFiles } from './page-files.ts';
import { type Following, followTable } from './table.ts';

export interface Console {
  /** Serves the page and what it asks for. */
  readonly listener: RequestListener;
  /** Shows the table's orders, from when a page first asks for them: starting the system does not wait for it. */
  follow(streams: DynamoDBStreamsClient, streamArn: string): Stoppable;
}

const callbacks = new Set(endpoints.flatMap(({ name, callback }) => (callback ? [name] : [])));

/** The page on which payments can be seen to happen, and what serves it. */
export function createConsole(parts: ConsoleParts): Console {
  const { journal, table, counterparts, tokens, payees, publicUrl, io, log } = parts;
  const isCallback = (name: string) => callbacks.has(name);
  const book = createOrderBook();
  const everybody = [counterparts, ...counterparts.tenants.values()];
  const live = createLive({
    journal,
    book,
    measurements: createMeasurements(isCallback, io.now),
    offer: {
      simulated: providers.filter((provider) => everybody.some((of) => of[provider] !== null)),
      wecom_simulated: counterparts.wecom !== null,
      inbox_simulated: counterparts.inboxes.size > 0,
      can_create: tokens !== null,
      user_id: localUser,
      api_url: publicUrl,
    },
  });
  const files = createPageFiles();
  const apiv3Keys = everybody.flatMap(({ wechat }) => wechat?.document.apiv3_key ?? []);
  const api = createConsoleApi({ ...parts, book, isCallback, apiv3Keys });
  let startFollowing: (() => Following) | undefined;
  let following: Following | undefined;
  const upToDate = async () => {
    following ??= startFollowing?.();
    await following?.loaded;
  };
  const handle: Handler = async (call) => {
    const file = call.method === 'GET' ? await files(call.path) : null;
    if (file) return file;
    await upToDate();
    return api(call);
  };
  const answer = listener(handle, log);
  return {
    listener: async (request, response) => {
      if (request.method !== 'GET' || request.url !== '/console/events') return answer(request, response);
      const [offered] = await Promise.all([payees(), upToDate()]);
      live.connect(response, offered);
    },
    follow(streams, streamArn) {
      startFollowing = () => followTable(table, streams, streamArn, book, log);
      return { stop: async () => following?.stop() };
    },
  };
}
