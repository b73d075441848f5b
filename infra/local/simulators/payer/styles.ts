import { readFile } from 'node:fs/promises';
import { type Answer, type Call, json } from '../http.ts';

/** The address of what every payer's page looks like. */
export const STYLES_ADDRESS = '/payer/styles.css';

/** The call's path begins behind `/payer`. */
export async function servePayerStyles({ method, path }: Call): Promise<Answer> {
  if (method !== 'GET' || !STYLES_ADDRESS.endsWith(path))
    return json(404, { error: `nothing answers ${path}` });
  return {
    status: 200,
    headers: {
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    },
    body: await readFile(new URL('./styles.css', import.meta.url), 'utf8'),
  };
}
