import type { Io } from '../../../lib/io.ts';
import { isJsonObject } from '../../../lib/json.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}

/** Longer than a function's first start. */
const TIMEOUT_MS = 15_000;

export interface Request {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** @returns the answer, or in words why there is none */
export async function request(
  { fetch }: Pick<Io, 'fetch'>,
  url: string,
  { method, headers, body }: Request,
): Promise<Answer | string> {
  try {
    const response = await fetch(url, {
      method,
      headers: { 'user-agent': 'settle-doctor', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, body: await response.text(), headers: response.headers };
  } catch (error) {
    const { cause, message } = error as Error;
    const reason = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message;
    return `does not answer at ${new URL(url).origin}: ${reason}. Check the address, and that the stage is deployed`;
  }
}

/** The JSON object that a body is; an empty one where it is none. */
export function objectIn(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
