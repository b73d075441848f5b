import { describe, expect, it } from 'vitest';
import { common } from '../../../../lib/console/page/dictionary/common.ts';
import { exceptions } from '../../../../lib/console/page/dictionary/exceptions.ts';
import { ledger } from '../../../../lib/console/page/dictionary/ledger.ts';
import { orders } from '../../../../lib/console/page/dictionary/orders.ts';
import { reconciliation } from '../../../../lib/console/page/dictionary/reconciliation.ts';
import { webhooks } from '../../../../lib/console/page/dictionary/webhooks.ts';
import { createText, named } from '../../../../lib/console/page/text.ts';

const dictionaries: readonly Readonly<Record<string, readonly [string, string]>>[] = [
  ...[common, orders, exceptions, ledger, reconciliation, webhooks],
];
const english = createText('en');

describe('texts', () => {
  it('have no name twice, of which one would never be seen', () => {
    const names = dictionaries.flatMap((dictionary) => Object.keys(dictionary));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('name the same values in both languages', () => {
    const values = (text: string) =>
      [...new Set(Array.from(text.matchAll(/\{(\w+)[?}]/g), ([, name]) => name))]
        .filter((name) => name !== 'count')
        .toSorted();
    const entries = dictionaries.flatMap((dictionary) => Object.entries(dictionary));
    for (const [name, [chinese, inEnglish]] of entries) {
      expect([name, values(chinese)]).toEqual([name, values(inEnglish)]);
    }
  });

  it('count one and many', () => {
    expect(english('open_exceptions', { count: 1 })).toBe('1 exception');
    expect(english('open_exceptions', { count: 2 })).toBe('2 exceptions');
    expect(english('open_exceptions', { count: 0 })).toBe('0 exceptions');
    expect(createText('zh')('open_exceptions', { count: 1 })).toBe('1 个异常');
  });

  it('of a name that is not known is the name', () => {
    expect(named(english, 'status', 'paid')).toBe('Paid');
    expect(named(english, 'status', 'novel')).toBe('novel');
    expect(named(english, 'constructor', 'name')).toBe('name');
  });
});
