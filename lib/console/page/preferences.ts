import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { Language } from './text.ts';

const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** A choice that this browser remembers. */
function useRemembered<T extends string>(name: string, choices: readonly T[], fallback: T) {
  const key = `settle.${name}`;
  const [value, setValue] = useState<T>(
    () => choices.find((choice) => choice === localStorage.getItem(key)) ?? fallback,
  );
  const choose = (choice: T) => {
    localStorage.setItem(key, choice);
    setValue(choice);
  };
  return [value, choose] as const;
}

/** The browser's language until another is chosen. */
export function usePreferredLanguage() {
  const fallback = navigator.language.startsWith('zh') ? 'zh' : 'en';
  const [language, choose] = useRemembered<Language>('language', ['zh', 'en'], fallback);
  useLayoutEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  }, [language]);
  return [language, choose] as const;
}

/** Light or dark, as the system has it until one is chosen. Plots are drawn anew on `themechange`. */
export function useTheme() {
  const [theme, choose] = useRemembered<Theme>('theme', themes, 'auto');
  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    dispatchEvent(new Event('themechange'));
  }, [theme]);
  useEffect(() => {
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const tell = () => dispatchEvent(new Event('themechange'));
    scheme.addEventListener('change', tell);
    return () => scheme.removeEventListener('change', tell);
  }, []);
  return [theme, choose] as const;
}

export const nextTheme = (theme: Theme): Theme =>
  themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto';
