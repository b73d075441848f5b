import type { Agent as HttpAgent, RequestOptions } from 'node:http';
import { Agent, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, createSecureContext } from 'node:tls';

/** How to send to one address: Node's `request`, and the agent that keeps its connections open. */
export interface Transport {
  readonly request: typeof request;
  readonly agent: HttpAgent;
}

/** Plain HTTP is for an address on this machine; what it needs is loaded only there. */
export function openTransport(url: URL): Transport | Promise<Transport> {
  return url.protocol === 'https:' ? { request, agent: openConnection(url) } : plainTransport();
}

async function plainTransport(): Promise<Transport> {
  const http = await import('node:http');
  return { request: http.request, agent: new http.Agent({ keepAlive: true }) };
}

/** Reads the trusted certificates once for all services. */
const secureContext = createSecureContext();

/** Begins a first connection at once, so that the handshake goes on while the function loads. */
function openConnection({ hostname, port }: URL): Agent {
  const tls = { host: hostname, servername: hostname, secureContext };
  const first = connect({ ...tls, port: Number(port) || 443 });
  // Whoever takes a broken connection is told, or makes another.
  first.on('error', () => {});
  // As the agent has it for its own: else the first request waits for word that the handshake's end has arrived.
  first.setNoDelay(true);
  let unused: Duplex | null = first;

  class PreparedAgent extends Agent {
    override createConnection(
      options: RequestOptions,
      callback?: (error: Error | null, stream: Duplex) => void,
    ): Duplex | null | undefined {
      const prepared = unused;
      unused = null;
      return prepared?.destroyed === false ? prepared : super.createConnection(options, callback);
    }
  }
  return new PreparedAgent({ keepAlive: true, ...tls });
}
