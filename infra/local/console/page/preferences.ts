import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { Language } from './text.ts';

export type Theme = 'auto' | 'light' | 'dark';

/** A choice that this browser remembers. */
function useRemembered<T extends string>(name: string, choices: readonly T[], fallback: T) {
  const [value, setValue] = useState<T>(
    () => choices.find((choice) => choice === localStorage.getItem(name)) ?? fallback,
  );
  useEffect(() => localStorage.setItem(name, value), [name, value]);
  return [value, setValue] as const;
}

export function useLanguage() {
  const fallback = navigator.language.startsWith('zh') ? 'zh' : 'en';
  const [language, setLanguage] = useRemembered<Language>('language', ['zh', 'en'], fallback);
  useLayoutEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  }, [language]);
  return [language, setLanguage] as const;
}

export function useTheme() {
  const [theme, setTheme] = useRemembered<Theme>('theme', ['auto', 'light', 'dark'], 'auto');
  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    dispatchEvent(new Event('themechange'));
  }, [theme]);
  return [theme, setTheme] as const;
}
