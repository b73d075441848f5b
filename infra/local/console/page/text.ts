import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { separated } from '../../../../lib/console/page/format.ts';
import { dictionary, type TextKey } from './dictionary.ts';

export type Language = 'zh' | 'en';
export type Text = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

/**
 * The texts of a language. `{name}` stands for a value, a number with separators of thousands, and `{count?order:orders}`
 * for the first where the value is 1 and for the second otherwise.
 */
export const createText =
  (language: Language): Text =>
  (key, values = {}) =>
    dictionary[key][language === 'zh' ? 0 : 1].replace(
      /\{(\w+)(?:\?([^:}]*):([^}]*))?\}/g,
      (_all, name: string, one?: string, many?: string) => {
        const value = values[name] ?? '';
        if (many !== undefined) return (value === 1 ? one : many) ?? '';
        return typeof value === 'number' ? separated(String(value)) : value;
      },
    );

export const TextContext = createContext<Text>(createText('zh'));
export const useText = (): Text => useContext(TextContext);

/** The text of a name that comes from the server; the name itself where there is none. */
export const named = (text: Text, name: string): string =>
  Object.hasOwn(dictionary, name) ? text(name as TextKey) : name;
