import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { dictionary, type TextKey } from './dictionary.ts';

export type Language = 'zh' | 'en';
export type Text = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

export const createText =
  (language: Language): Text =>
  (key, values = {}) =>
    dictionary[key][language === 'zh' ? 0 : 1].replace(/\{(\w+)\}/g, (_all, name: string) =>
      String(values[name] ?? ''),
    );

export const TextContext = createContext<Text>(createText('zh'));
export const useText = (): Text => useContext(TextContext);

/** The text of a name that comes from the server; the name itself where there is none. */
export const named = (text: Text, name: string): string =>
  Object.hasOwn(dictionary, name) ? text(name as TextKey) : name;
