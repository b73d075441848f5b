import type { IncomingMessage, RequestListener } from 'node:http';
import type { Io } from '../../../lib/io.ts';
import { type Provider, providers as providerNames } from '../../../lib/orders/kinds.ts';
import { callbackPath } from '../../../lib/providers/provider.ts';
import type { SignToken } from '../../operate/token/sign-token.ts';
import type { Counterparts, MerchantCounterparts } from '../documents.ts';
import { refuseForeign, refuseForeignHost } from '../foreign-request.ts';
import type { HeldServer } from '../http.ts';
import { type KeptState, openState } from '../kept-state.ts';
import type { Tokens } from '../tokens.ts';
import { createAlipay } from './alipay/simulator.ts';
import { absent, createControl } from './control.ts';
import { createCourier } from './delivery.ts';
import { createFaults, faulty, lossy } from './faults.ts';
import { type Answer, type Call, type Handler, json, listener } from './http.ts';
import { createInbox } from './inbox.ts';
import { createIssuer } from './issuer/issuer.ts';
import { servePayerStyles } from './payer/styles.ts';
import type { ProviderSimulator, RegisteredMerchant, SimulatorContext } from './provider-simulator.ts';
import { type Counterpart, createRecorder, type Recorder } from './recorder.ts';
import { createStripe } from './stripe/simulator.ts';
import { createWechat } from './wechat/simulator.ts';
import { createWecom } from './wecom.ts';
import { createWeixin } from './weixin/simulator.ts';

export interface SimulatorOptions {
  /** Where they are served. */
  readonly server: HeldServer;
  /** A simulator without one answers 503. */
  readonly counterparts: Counterparts;
  /** The API's address. */
  readonly publicUrl: string;
  /** Ready-made tokens to show, or null when the `auth` document is the user's own. */
  readonly tokens: Tokens | null;
  /** With which people sign in; without it there is no issuer to do it at. */
  readonly signToken?: SignToken | null;
  /** What the simulators know; only as long as they run without one. */
  readonly state?: KeptState;
  /** What commands need in their environment to reach the whole system, once that is known. */
  readonly operatorEnvironment?: Promise<Readonly<Record<string, string>>>;
  readonly wecomMessagesPerMinute?: number;
  readonly io: Pick<Io, 'now' | 'fetch'>;
  /** Takes what the simulators themselves have to complain about. */
  readonly log: (line: string) => void;
  /** Takes every request that is for no simulator; they are answered 404 without it. */
  readonly otherwise?: RequestListener;
}

export interface Simulators {
  readonly url: string;
  readonly recorder: Recorder;
  /** Ends the server and everything that is still to be delivered. */
  stop(): Promise<void>;
}

/** Where the people of the stage sign in, at the address of the simulators. */
export const issuerUrl = (consoleUrl: string): string => `${consoleUrl}/issuer`;

/**
 * Serves WeChat Pay, Alipay, Stripe, the API of mini-programs (`weixin`), WeCom, the inboxes of shops and an issuer at
 * which to sign in, each under its name, what their pages for payers share under `/payer`, and `/simulator`, which controls them.
 */
export async function startSimulators(options: SimulatorOptions): Promise<Simulators> {
  const {
    server,
    counterparts,
    publicUrl,
    tokens,
    signToken,
    log,
    io,
    wecomMessagesPerMinute = 20,
  } = options;
  const { now, fetch } = io;
  const recorder = createRecorder(now);
  const faults = createFaults();
  const courier = lossy(createCourier(fetch, recorder), faults);
  const consoleUrl = server.url;
  const { state = openState() } = options;
  const context: SimulatorContext = { consoleUrl, now, recorder, courier, state };
  const { wecom, inboxes } = counterparts;
  const registered = register(counterparts, publicUrl);
  const wechat = createWechat(registered('wechat'), context);
  const providers: Readonly<Record<Provider, ProviderSimulator>> = {
    wechat,
    alipay: createAlipay(registered('alipay'), context),
    stripe: createStripe(registered('stripe'), context),
  };
  const weixin = createWeixin(
    registered('wechat').map(({ counterpart }) => counterpart),
    wechat.payments,
    state.map('weixin shipments'),
    now,
  );
  const robot = wecom && createWecom(wecom.webhook_url, { now, messagesPerMinute: wecomMessagesPerMinute });
  const inbox = inboxes.size > 0 ? createInbox(inboxes, recorder) : null;
  const issuer = signToken && createIssuer({ url: issuerUrl(consoleUrl), publicUrl, signToken, now });
  const control = createControl({
    providers,
    weixin,
    wecom: robot,
    inbox,
    tokens,
    signToken: signToken ?? null,
    courier,
    faults,
    now,
  });
  const served = (provider: Provider): Handler => {
    const { merchants, handle } = providers[provider];
    const isServed = merchants.length > 0;
    return observed(provider, isServed ? { handle: faulty(provider, handle, faults) } : null, context);
  };
  const handlers: Readonly<Record<string, Handler>> = {
    ...Object.fromEntries(providerNames.map((provider) => [provider, served(provider)])),
    weixin: observed('weixin', wechat.merchants.length > 0 ? weixin : null, context),
    wecom: observed('wecom', robot, context),
    inbox: inbox?.handle ?? (() => absent('webhooks')),
    issuer: issuer?.handle ?? (() => absent('issuer')),
    simulator: control,
    operator: async () =>
      options.operatorEnvironment ? json(200, await options.operatorEnvironment) : absent('operator'),
    payer: servePayerStyles,
  };
  const simulate = listener((call) => dispatch(call, handlers), log);
  server.serve(
    (request, response) =>
      (options.otherwise && !isFor(handlers, request.url) ? options.otherwise : simulate)(request, response),
    (request) => (isSigningIn(request, publicUrl) ? refuseForeignHost(request) : refuseForeign(request)),
  );
  return {
    url: server.url,
    recorder,
    async stop() {
      courier.stop();
      await server.stop();
    },
  };
}

/** Everybody's merchants at a provider, each told at the address that its own is entered with there. */
const register =
  (counterparts: Counterparts, publicUrl: string) =>
  <Name extends keyof MerchantCounterparts>(
    provider: Name,
  ): RegisteredMerchant<NonNullable<MerchantCounterparts[Name]>>[] =>
    [[null, counterparts] as const, ...counterparts.tenants].flatMap(([tenant_id, of]) => {
      const counterpart = of[provider];
      return counterpart ? [{ counterpart, callbackUrl: publicUrl + callbackPath(provider, tenant_id) }] : [];
    });

/** The simulator's handler, with every call recorded; 503 where there is no simulator. */
function observed(
  to: Counterpart,
  simulator: { readonly handle: Handler } | null,
  { recorder, now }: Pick<SimulatorContext, 'recorder' | 'now'>,
): Handler {
  return async (call) => {
    const started_at = new Date(now()).toISOString();
    const answer = (await simulator?.handle(call)) ?? absent(to);
    const { method, path, body } = call;
    const { status, body: said } = answer;
    const text = typeof said === 'string' ? said : `${said.length} bytes`;
    recorder.record({
      ...{ type: 'call', to, method, path, body: body.toString(), status, answer: text },
      started_at,
    });
    return answer;
  };
}

/** The console, which is at the API's address, asks the issuer as it would ask any other. */
function isSigningIn({ url = '', headers: { origin = '' } }: IncomingMessage, publicUrl: string): boolean {
  const { port } = new URL(publicUrl);
  return (
    url.startsWith('/issuer/') &&
    ['127.0.0.1', 'localhost'].some((host) => origin === `http://${host}:${port}`)
  );
}

const isFor = (handlers: Readonly<Record<string, Handler>>, target = ''): boolean =>
  Object.hasOwn(handlers, target.split(/[/?]/)[1] ?? '');

function dispatch(call: Call, handlers: Readonly<Record<string, Handler>>): Answer | Promise<Answer> {
  const [, name = '', path = ''] = /^\/([a-z]+)(\/.*)$/.exec(call.path) ?? [];
  const handle = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
  return handle ? handle({ ...call, path }) : json(404, { error: `nothing answers ${call.path}` });
}
