import { randomText } from '../random.ts';
import { type Failure, failures } from './failures.ts';

/** A token lives so long; asked for in the last minutes of it, there is a new one, beside which the old one stays good. */
const LIFE_MS = 7_200_000;
const EARLY_MS = 300_000;
/** Refreshing by force: so often a day, and so far apart. */
const FORCED_A_DAY = 20;
const FORCED_APART_MS = 30_000;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const ASKED_A_MINUTE = 10_000;

interface Token {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

interface App {
  readonly secret: string;
  current: Token | null;
  /** What came before, while it is still good. */
  previous: Token | null;
  /** When it was refreshed by force. */
  forced: number[];
  asked: { minute: number; times: number };
}

export interface TokenAnswer {
  readonly access_token: string;
  /** In seconds. */
  readonly expires_in: number;
}

export interface AccessTokens {
  /** As `stable_token` answers (docs: "获取稳定版接口调用凭据"). */
  ask(appid: string, secret: string, force: boolean): TokenAnswer | Failure;
  /** The app whose token this is. */
  appOf(token: string): string | Failure;
  /** Ends every token's time now; they are told apart from what never was one. */
  expire(): void;
}

/** The tokens of the apps whose secrets these are, by appid. `now` in milliseconds. */
export function createAccessTokens(secrets: ReadonlyMap<string, string>, now: () => number): AccessTokens {
  const apps = new Map<string, App>(
    [...secrets].map(([appid, secret]) => [
      appid,
      { secret, current: null, previous: null, forced: [], asked: { minute: 0, times: 0 } },
    ]),
  );
  /** Those whose time was over, which an error code of its own says. */
  const expired = new Set<string>();

  const renew = (app: App, keepsOld: boolean): Token => {
    const { current } = app;
    if (current && current.until <= now()) expired.add(current.text);
    app.previous = keepsOld && current && current.until > now() ? current : null;
    app.current = { text: `86_${randomText(130)}`, until: now() + LIFE_MS };
    return app.current;
  };

  const isFresh = (token: Token | null): token is Token => token !== null && token.until - now() > EARLY_MS;

  function force(app: App): Token | Failure {
    const lately = app.forced.filter((at) => at > now() - DAY_MS);
    if (lately.length >= FORCED_A_DAY) return failures.dayQuota;
    // Asked again too soon, nothing is refreshed.
    const last = lately.at(-1);
    if (last !== undefined && now() - last < FORCED_APART_MS) return app.current ?? renew(app, false);
    app.forced = [...lately, now()];
    return renew(app, false);
  }

  function isOverQuota(app: App): boolean {
    const minute = Math.floor(now() / MINUTE_MS);
    app.asked = { minute, times: app.asked.minute === minute ? app.asked.times + 1 : 1 };
    return app.asked.times > ASKED_A_MINUTE;
  }

  return {
    ask(appid, secret, isForced) {
      const app = apps.get(appid);
      if (!app) return failures.appid;
      if (app.secret !== secret) return failures.secret;
      if (isOverQuota(app)) return failures.minuteQuota;
      const token = isForced ? force(app) : isFresh(app.current) ? app.current : renew(app, true);
      if ('errcode' in token) return token;
      return { access_token: token.text, expires_in: Math.ceil((token.until - now()) / 1_000) };
    },
    appOf(text) {
      if (text === '') return failures.noToken;
      for (const [appid, { current, previous }] of apps) {
        const token = [current, previous].find((candidate) => candidate?.text === text);
        if (token) return token.until > now() ? appid : failures.expired;
      }
      return expired.has(text) ? failures.expired : failures.token;
    },
    expire() {
      for (const app of apps.values()) {
        if (app.current) app.current = { ...app.current, until: now() };
        app.previous = null;
      }
    },
  };
}
