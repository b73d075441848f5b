/**
 * A browser may call its language what is no language tag (`en-US@posix`), and what formats by it, as uPlot does when it
 * is loaded, then throws. This has to be loaded before.
 */
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  const [language = 'en'] = /^[a-z]{2}/.exec(navigator.language) ?? [];
  Object.defineProperty(navigator, 'language', { value: language });
}

export {};
