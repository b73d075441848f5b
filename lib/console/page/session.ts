import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** Who is signed in, as their token says it: for display alone, the API decides. */
export interface Session {
  readonly token: string;
  readonly sub: string;
  readonly role: string;
  /** The only tenant that they reach; null of none. */
  readonly tenant_id: number | null;
  /** Whether they may act, and not only look. */
  readonly mayAct: boolean;
}

const KEY = 'settle.token';

/** What a token says of its bearer; null of what is no JWT. */
export function readSession(token: string): Session | null {
  const claims = readClaims(token);
  if (!claims) return null;
  const { sub, role, tenant_id } = claims;
  return {
    token,
    sub: typeof sub === 'string' ? sub : '',
    role: typeof role === 'string' ? role : '',
    tenant_id: typeof tenant_id === 'number' ? tenant_id : null,
    mayAct: role === 'admin',
  };
}

function readClaims(token: string): Readonly<Record<string, unknown>> | null {
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token) ?? [];
  if (payload === undefined) return null;
  try {
    const text = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    const claims: unknown = JSON.parse(
      new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0))),
    );
    return claims && typeof claims === 'object' ? (claims as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The session of this tab, which ends with it. */
export function storedSession(): Session | null {
  return readSession(sessionStorage.getItem(KEY) ?? '');
}

export const storeSession = ({ token }: Session): void => sessionStorage.setItem(KEY, token);
export const forgetSession = (): void => sessionStorage.removeItem(KEY);

export const SessionContext = createContext<Session | null>(null);

/** Who is signed in. @throws Error outside a session */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('nobody is signed in');
  return session;
}
