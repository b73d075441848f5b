import { isUtf8 } from 'node:buffer';
import type { ApiRequest } from './journal.ts';

/** Headers that belong to the connection and not to the message. */
const CONNECTION_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'connection',
  'content-length',
  'host',
  'sec-fetch-mode',
  'user-agent',
]);

/** The message's own headers, with which it can be sent again. */
export function messageHeaders({ headers }: Pick<ApiRequest, 'headers'>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CONNECTION_HEADERS.has(name)));
}

/** A line for a POSIX shell that sends exactly these bytes, signature included. */
export function curlLine(
  request: Pick<ApiRequest, 'headers' | 'body' | 'method' | 'target'>,
  url: string,
): string {
  const headers = Object.entries(messageHeaders(request)).map(
    ([name, value]) => `-H ${quote(`${name}: ${value}`)}`,
  );
  const start = [`curl -X ${request.method} ${quote(url + request.target)}`, ...headers];
  return isUtf8(request.body)
    ? [...start, `--data-raw ${quote(request.body.toString())}`].join(' ')
    : `echo ${request.body.toString('base64')} | base64 -d | ${[...start, '--data-binary @-'].join(' ')}`;
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
