import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { common } from './dictionary/common.ts';
import { exceptions } from './dictionary/exceptions.ts';
import { ledger } from './dictionary/ledger.ts';
import { orders } from './dictionary/orders.ts';
import { reconciliation } from './dictionary/reconciliation.ts';
import { webhooks } from './dictionary/webhooks.ts';

export type Language = 'zh' | 'en';

const dictionary = { ...common, ...orders, ...exceptions, ...ledger, ...reconciliation, ...webhooks };

export type TextKey = keyof typeof dictionary;
type Values = Readonly<Record<string, string | number>>;
export type Text = (key: TextKey, values?: Values) => string;

/**
 * The texts of a language. `{name}` stands for a value, and `{count?order:orders}` for the first where the value is 1
 * and for the second otherwise.
 */
export const createText =
  (language: Language): Text =>
  (key, values = {}) =>
    dictionary[key][language === 'zh' ? 0 : 1].replace(
      /\{(\w+)(?:\?([^:}]*):([^}]*))?\}/g,
      (_all, name: string, one?: string, many?: string) =>
        String((many === undefined ? values[name] : values[name] === 1 ? one : many) ?? ''),
    );

export interface Reading {
  readonly language: Language;
  readonly text: Text;
}

export const ReadingContext = createContext<Reading>({ language: 'en', text: createText('en') });
export const useText = (): Text => useContext(ReadingContext).text;
export const useLanguage = (): Language => useContext(ReadingContext).language;

/** The text of a name that the API gives, `status_paid` for `named(text, 'status', 'paid')`; the name where there is none. */
export function named(text: Text, what: string, name: string): string {
  const key = `${what}_${name}`;
  return Object.hasOwn(dictionary, key) ? text(key as TextKey) : name;
}
