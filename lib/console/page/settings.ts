/** Where people of the stage sign in: an OpenID provider, at which the console is a client without a secret. */
export interface SignInSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
}

/** What the stage says of itself to whoever opens the console. */
export interface Settings {
  readonly stage: string;
  /** Null where nobody can sign in and a token is pasted. */
  readonly signIn: SignInSettings | null;
  /** The address of the laboratory, which only a local system has. */
  readonly laboratory: string | null;
}

/** @throws Error when the console's server does not answer */
export async function readSettings(fetch: typeof globalThis.fetch): Promise<Settings> {
  const response = await fetch('/console/settings.json');
  if (!response.ok) throw new Error(`settings: ${response.status}`);
  return response.json();
}
