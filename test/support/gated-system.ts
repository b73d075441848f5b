import { SignJWT } from 'jose';
import { generateDocuments } from '../../infra/local/documents.ts';
import { startDynamodb } from '../../infra/local/dynamodb/engine.ts';
import { holdPort } from '../../infra/local/http.ts';
import { startSimulators } from '../../infra/local/simulators/server.ts';
import { type Fault, startDynamodbProxy, type TableRequest } from './dynamodb-proxy.ts';
import { createHttpClient } from './http-client.ts';
import { startTestSystem } from './local-system.ts';
import { openTable } from './parties.ts';
import { startProviderGate } from './provider-gate.ts';
import { replaceDocument } from './replace-document.ts';
import { rsaKeysInPem } from './rsa-keys.ts';

/** What befalls a function's request on the table: it meets the fault that this gives, if any. */
export type Interference = (request: TableRequest) => Promise<Fault | undefined>;

/**
 * The local system with something in between on both of its sides: what goes to the table can be interfered with, what
 * goes to the providers can be held up. The providers have a clock that can be set, and their documents can be replaced.
 */
export async function startGatedSystem() {
  await using started = new AsyncDisposableStack();
  const own = <T extends { stop(): Promise<unknown> }>(part: T): T =>
    started.adopt(part, async () => void (await part.stop()));

  let interference: { matches: (request: TableRequest) => boolean; run: Interference } | null = null;
  const engine = own(await startDynamodb());
  const proxy = own(
    await startDynamodbProxy(engine.endpoint, async (request) => {
      const current = interference;
      if (!current?.matches(request)) return undefined;
      interference = null;
      return current.run(request);
    }),
  );
  const server = own(await holdPort());
  const gate = own(await startProviderGate(server.url));
  const { documents, counterparts } = await generateDocuments({
    consoleUrl: gate.url,
    rsaKeys: rsaKeysInPem,
  });
  const system = own(await startTestSystem({ documents, dynamodbEndpoint: proxy.url }));
  const clock: { at: number | null } = { at: null };
  const simulators = own(
    await startSimulators({
      counterparts,
      server,
      publicUrl: system.url,
      tokens: system.tokens,
      io: { now: () => clock.at ?? Date.now(), fetch },
      log: () => {},
    }),
  );
  const table = openTable({ dynamodbEndpoint: engine.endpoint, tableName: system.tableName });
  const auth = documents.auth as { issuer: string; audience: string; hs256_secret: string };
  const running = started.move();

  return {
    system,
    table,
    gate,
    /** The providers' clock; null for the real one. */
    clock,
    call: createHttpClient(system.url),
    simulate: createHttpClient(simulators.url),
    /** Comes between the next such request of a function and the table. */
    interfere(caller: string, action: string, run: Interference): void {
      interference = { matches: (request) => request.caller === caller && request.action === action, run };
    },
    tokenOf: (
      sub: string,
      role: 'admin' | 'viewer' | 'user' = 'admin',
      tenant_id?: number,
    ): Promise<string> =>
      new SignJWT({ sub, role, ...(tenant_id !== undefined && { tenant_id }) })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(auth.issuer)
        .setAudience(auth.audience)
        .setExpirationTime('1h')
        .sign(Buffer.from(auth.hs256_secret)),
    /** Replaces fields of a document, which every function reads anew. */
    async changeDocument(name: 'wechat' | 'alipay' | 'stripe', fields: object): Promise<void> {
      await replaceDocument(system, name, { ...(documents[name] as object), ...fields });
    },
    stop: () => running.disposeAsync(),
  };
}

export type GatedSystem = Awaited<ReturnType<typeof startGatedSystem>>;
