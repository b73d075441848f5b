/** What a stage tells its console. */
export interface ConsoleSettings {
  readonly stage: string;
  /** Where its people sign in; null where they bring a token. */
  readonly signIn: SignIn | null;
  /** The address of the laboratory, which only a local system has. */
  readonly laboratory: string | null;
}

/** A client without a secret at an OpenID provider. */
export interface SignIn {
  readonly issuer: string;
  readonly clientId: string;
  /** What is asked for, names with spaces between. */
  readonly scope: string;
  /** Where the provider answers besides under the issuer's own origin, as it may for its keys or its tokens. */
  readonly origins: readonly string[];
}

/** @throws Error naming the variable that is missing */
export function readConsoleSettings(variables: NodeJS.ProcessEnv = process.env): ConsoleSettings {
  const { STAGE: stage, LABORATORY_URL: laboratory } = variables;
  if (!stage) throw new Error('environment variable STAGE is missing');
  return { stage, signIn: readSignIn(variables), laboratory: laboratory || null };
}

function readSignIn(variables: NodeJS.ProcessEnv): SignIn | null {
  const { SIGN_IN_ISSUER: issuer, SIGN_IN_CLIENT_ID: clientId } = variables;
  if (!issuer) return null;
  if (!clientId) throw new Error('environment variable SIGN_IN_CLIENT_ID is missing');
  const { SIGN_IN_SCOPE: scope = 'openid', SIGN_IN_ORIGINS: origins = '' } = variables;
  return { issuer, clientId, scope, origins: origins.split(',').filter((origin) => origin !== '') };
}
