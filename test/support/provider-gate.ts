import { readBody, serve } from '../../infra/local/http.ts';

/** A request to a provider. */
export interface ProviderCall {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** One call that is held up. */
export interface Held {
  /** Resolves once the call is there. */
  readonly arrived: Promise<void>;
  release(): void;
}

interface Hold extends Held {
  readonly matches: (call: ProviderCall) => boolean;
  readonly where: 'request' | 'answer';
  readonly arrive: () => void;
  readonly released: Promise<void>;
}

export interface ProviderGate {
  readonly url: string;
  /** Everything that was asked so far. */
  readonly calls: readonly ProviderCall[];
  /** The next such call waits: as a request that is still on its way, or as an answer that is on its way back. */
  hold(matches: (call: ProviderCall) => boolean, where: Hold['where']): Held;
  stop(): Promise<void>;
}

/** Stands between the functions and the providers that are served at `target`. */
export async function startProviderGate(target: string): Promise<ProviderGate> {
  const calls: ProviderCall[] = [];
  const holds: Hold[] = [];
  const pass = async (call: ProviderCall, where: Hold['where']) => {
    const hold = holds.find((candidate) => candidate.where === where && candidate.matches(call));
    if (!hold) return;
    holds.splice(holds.indexOf(hold), 1);
    hold.arrive();
    await hold.released;
  };
  const server = await serve(async (request, response) => {
    const { method = 'GET', url: path = '/', headers } = request;
    const body = (await readBody(request, Number.POSITIVE_INFINITY)) ?? Buffer.alloc(0);
    const call = { method, path, body: body.toString() };
    calls.push(call);
    await pass(call, 'request');
    const answer = await fetch(target + path, {
      method,
      redirect: 'manual',
      headers: Object.entries(headers).flatMap(([name, value]) =>
        /^(host|connection|content-length|transfer-encoding)$/.test(name) || value === undefined
          ? []
          : [[name, String(value)] satisfies [string, string]],
      ),
      ...(body.length > 0 && { body }),
    }).catch(() => null);
    // Nobody is there any more: whoever asks loses the connection, as with the provider itself.
    if (!answer) return void response.destroy();
    const text = Buffer.from(await answer.arrayBuffer());
    await pass(call, 'answer');
    const given = [...answer.headers].filter(([name]) => !/^(connection|transfer-encoding)$/.test(name));
    response.writeHead(answer.status, Object.fromEntries(given)).end(text);
  });
  return {
    url: server.url,
    calls,
    hold(matches, where) {
      const arrival = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      holds.push({
        ...{ matches, where, arrive: arrival.resolve, arrived: arrival.promise },
        ...{ released: release.promise, release: release.resolve },
      });
      return { arrived: arrival.promise, release: release.resolve };
    },
    stop: server.stop,
  };
}
