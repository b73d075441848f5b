import type { AuthConfig } from '../../../lib/config/auth.ts';
import type { Io } from '../../../lib/io.ts';
import type { SignIn, Stage } from '../../stages.ts';
import { deployCommand } from '../stack.ts';
import { fault, ok, type Result } from './check.ts';
import { objectIn, request } from './request.ts';

type Ask = Pick<Io, 'fetch'>;

/** A stage that has a console, and where. */
export interface ConsoleSubject {
  readonly stage: string;
  /** Of the API, which has the console below it. */
  readonly url: string;
  readonly setting: NonNullable<Stage['console']>;
  /** What the stage takes tokens by; null where that cannot be read. */
  readonly auth: Pick<AuthConfig, 'issuer'> | null;
}

/** Whether people come to the console, and sign in where its tokens are taken. */
export async function checkConsole(io: Ask, subject: ConsoleSubject): Promise<Result[]> {
  const { signIn } = subject.setting;
  return Promise.all([
    checkPage(io, subject),
    ...(signIn === undefined ? [] : [checkSignIn(io, subject, signIn)]),
  ]);
}

const SIGN_IN = 'console sign-in';

async function checkPage(io: Ask, { stage, url }: ConsoleSubject): Promise<Result> {
  const check = 'console';
  const answer = await request(io, `${url}/console`, { method: 'GET', headers: {}, body: null });
  if (typeof answer === 'string') return fault(check, answer);
  const isPage = answer.headers.get('content-type')?.startsWith('text/html') ?? false;
  if (answer.status === 200 && isPage) return ok(check, `is there at ${url}/console`);
  const problem = `answers ${answer.status}${answer.status === 200 ? ' with no page' : ''} at ${url}/console`;
  return fault(check, `${problem}. Run ${deployCommand(stage)}, and check where the address leads`);
}

/** The browser asks for the discovery document as the page does (OpenID Connect Discovery 1.0, section 4). */
async function checkSignIn(io: Ask, { url, auth }: ConsoleSubject, signIn: SignIn): Promise<Result> {
  const { origin } = new URL(url);
  const { issuer } = signIn;
  if (auth !== null && auth.issuer !== issuer) {
    return fault(SIGN_IN, `is at ${issuer}, and the document auth takes tokens of ${auth.issuer} alone`);
  }
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await request(io, address, { method: 'GET', headers: { origin }, body: null });
  if (typeof answer === 'string') return fault(SIGN_IN, `${issuer} ${answer}`);
  if (answer.status !== 200) return fault(SIGN_IN, `${address} answers ${answer.status}`);
  const problem = unfit(objectIn(answer.body), signIn);
  if (problem !== null) return fault(SIGN_IN, problem);
  const allowed = answer.headers.get('access-control-allow-origin');
  if (allowed === '*' || allowed === origin) return ok(SIGN_IN, `${issuer} lets pages of ${origin} sign in`);
  return fault(SIGN_IN, `${issuer} lets no page of ${origin} ask it. Name that origin at the client there`);
}

/** What of the discovery document the console cannot do with; null where it can. */
function unfit(document: Readonly<Record<string, unknown>>, { issuer, origins = [] }: SignIn): string | null {
  if (document['issuer'] !== issuer) {
    return `${issuer} calls itself ${document['issuer']}. Write that in the stage's signIn.issuer`;
  }
  for (const name of ['authorization_endpoint', 'token_endpoint']) {
    if (!URL.canParse(String(document[name]))) return `the discovery document of ${issuer} has no ${name}`;
  }
  const { origin } = new URL(String(document['token_endpoint']));
  if (![new URL(issuer).origin, ...origins].includes(origin)) {
    return `its tokens are at ${origin}, which the console may not ask. Add that to the stage's signIn.origins`;
  }
  const methods = document['code_challenge_methods_supported'];
  if (!Array.isArray(methods) || methods.includes('S256')) return null;
  return `${issuer} offers no PKCE with S256, without which nobody is signed in`;
}
