import { parseJson } from '../simulators/http.ts';
import { decrypted } from '../simulators/wechat/encrypted.ts';
import type { Entry } from './journal.ts';
import { maskHeaders, maskText } from './mask.ts';
import { readable } from './readable.ts';
import type { EntryDetails } from './rows.ts';
import type { Item } from './table.ts';

type Part = EntryDetails['parts'][number];

interface DetailsOptions {
  readonly repeatable: boolean;
  /** With any of which WeChat Pay may have encrypted what it tells. */
  readonly apiv3Keys: readonly string[];
}

/** The bytes behind an entry, as they went over the wire save for what is masked. */
export function entryDetails(entry: Entry, { repeatable, apiv3Keys }: DetailsOptions): EntryDetails {
  switch (entry.type) {
    case 'request': {
      const { method, target, headers, body, status, answer, log } = entry;
      return {
        repeatable,
        parts: [
          messagePart('request', `${method} ${maskText(target)}`, headers, body.toString()),
          ...decryptedPart(body.toString(), apiv3Keys),
          answerPart(status, answer),
          ...log.map((line) => objectPart('log', line)),
        ],
      };
    }
    case 'call':
      return {
        repeatable,
        parts: [
          messagePart('request', `${entry.method} ${entry.path}`, {}, entry.body),
          answerPart(entry.status, entry.answer),
        ],
      };
    case 'payment':
      return { repeatable, parts: [objectPart('item', entry.payment)] };
    case 'event':
      return { repeatable, parts: [objectPart('event', entry.event)] };
    case 'webhook': {
      const { receiver, headers, body, event, status, outcome } = entry.webhook;
      return {
        repeatable,
        parts: [
          ...(event ? [objectPart('event', event)] : []),
          messagePart('request', `POST /inbox/${receiver}`, headers, body),
          answerPart(status, JSON.stringify({ outcome })),
        ],
      };
    }
    case 'delivery': {
      const { url, headers, body } = entry.delivery;
      const request = messagePart('request', `POST ${url}`, headers, body);
      return { repeatable, parts: [request, ...decryptedPart(body, apiv3Keys)] };
    }
  }
}

export const itemDetails = (item: Item): EntryDetails => ({
  repeatable: false,
  parts: [objectPart('item', item)],
});

const objectPart = (title: Part['title'], value: object): Part => ({
  title,
  text: maskText(JSON.stringify(value, null, 2)),
  readable: null,
});

const answerPart = (status: number | null, answer: string): Part =>
  status === null
    ? { title: 'answer', text: '—', readable: null }
    : messagePart('answer', String(status), {}, answer);

function messagePart(
  title: Part['title'],
  start: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Part {
  const head = [
    start,
    ...Object.entries(maskHeaders(headers)).map(([name, value]) => `${name}: ${value}`),
    '',
  ];
  const withBody = (text: string) => [...head, text].join('\n').trimEnd();
  const masked = maskText(body);
  const formatted = readable(masked);
  return {
    title,
    text: withBody(masked),
    readable: formatted === null ? null : withBody(maskText(formatted)),
  };
}

/** What WeChat Pay tells in secret; nothing where nobody here has its key. */
function decryptedPart(body: string, apiv3Keys: readonly string[]): Part[] {
  const { resource } = (parseJson(body) ?? {}) as { resource?: Parameters<typeof decrypted>[0] };
  if (!resource?.ciphertext) return [];
  for (const key of apiv3Keys) {
    try {
      return [objectPart('decrypted', JSON.parse(decrypted(resource, key)))];
    } catch {
      // Encrypted with another key, or broken.
    }
  }
  return [];
}
