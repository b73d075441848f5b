import { useEffect, useRef, useState } from 'preact/hooks';

/** What a view reads from the API: while it is read again, what was read before stays to be seen. */
export interface Loaded<T> {
  readonly state: 'loading' | 'failed' | 'done';
  readonly data: T | null;
  /** Why it could not be read. */
  readonly failure: unknown;
  readonly reload: () => void;
}

/** Reads again whenever one of `on` changes, and forgets what came too late. */
export function useLoaded<T>(read: (signal: AbortSignal) => Promise<T>, on: readonly unknown[]): Loaded<T> {
  const [loaded, setLoaded] = useState<Omit<Loaded<T>, 'reload'>>({
    state: 'loading',
    data: null,
    failure: null,
  });
  const [times, setTimes] = useState(0);
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    setLoaded(({ data }) => ({ state: 'loading', data, failure: null }));
    latest.current(signal).then(
      (data) => signal.aborted || setLoaded({ state: 'done', data, failure: null }),
      (failure) => signal.aborted || setLoaded({ state: 'failed', data: null, failure }),
    );
    return () => controller.abort();
  }, [...on, times]);
  return { ...loaded, reload: () => setTimes((count) => count + 1) };
}
