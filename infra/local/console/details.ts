import type { Entry } from './journal.ts';
import { maskHeaders, maskText } from './mask.ts';
import type { EntryDetails } from './rows.ts';
import type { Item } from './table.ts';

/** The bytes behind an entry, as they went over the wire save for what is masked. */
export function entryDetails(entry: Entry, repeatable: boolean): EntryDetails {
  switch (entry.type) {
    case 'request': {
      const { method, target, headers, body, status, answer, log } = entry;
      return {
        repeatable,
        parts: [
          { title: 'request', text: message(`${method} ${maskText(target)}`, headers, body.toString()) },
          { title: 'answer', text: status === null ? '—' : message(String(status), {}, answer) },
          ...log.map((line) => ({ title: 'log' as const, text: maskText(JSON.stringify(line, null, 2)) })),
        ],
      };
    }
    case 'call':
      return {
        repeatable,
        parts: [
          { title: 'request', text: message(`${entry.method} ${entry.path}`, {}, entry.body) },
          { title: 'answer', text: message(String(entry.status), {}, entry.answer) },
        ],
      };
    case 'payment':
      return { repeatable, parts: [itemPart(entry.payment)] };
    case 'event':
      return { repeatable, parts: [eventPart(entry.event)] };
    case 'webhook': {
      const { receiver, headers, body, event, status, outcome } = entry.webhook;
      const request = message(`POST /inbox/${receiver}`, headers, body);
      return {
        repeatable,
        parts: [
          ...(event ? [eventPart(event)] : []),
          { title: 'request', text: request },
          {
            title: 'answer',
            text: status === null ? '—' : message(String(status), {}, JSON.stringify({ outcome })),
          },
        ],
      };
    }
    case 'delivery': {
      const { url, headers, body } = entry.delivery;
      return { repeatable, parts: [{ title: 'request', text: message(`POST ${url}`, headers, body) }] };
    }
  }
}

export const itemDetails = (item: Item): EntryDetails => ({ repeatable: false, parts: [itemPart(item)] });

const eventPart = (event: object) => ({
  title: 'event' as const,
  text: maskText(JSON.stringify(event, null, 2)),
});

const itemPart = (item: object) => ({
  title: 'item' as const,
  text: maskText(JSON.stringify(item, null, 2)),
});

function message(start: string, headers: Readonly<Record<string, string>>, body: string): string {
  const lines = Object.entries(maskHeaders(headers)).map(([name, value]) => `${name}: ${value}`);
  return [start, ...lines, '', maskText(body)].join('\n').trimEnd();
}
