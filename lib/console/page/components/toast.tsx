import { type ComponentChildren, createContext } from 'preact';
import { useCallback, useContext, useEffect, useState } from 'preact/hooks';

type Say = (message: string) => void;

const ToastContext = createContext<Say>(() => {});

/** Says what has been done, for a while and to everybody: also to who does not see it. */
export const useToast = (): Say => useContext(ToastContext);

const SHOWN_MS = 6_000;

export function ToastProvider({ children }: { readonly children: ComponentChildren }) {
  const [said, setSaid] = useState({ message: '', times: 0 });
  const say = useCallback((message: string) => setSaid(({ times }) => ({ message, times: times + 1 })), []);
  useEffect(() => {
    if (said.message === '') return;
    const timer = setTimeout(() => setSaid(({ times }) => ({ message: '', times })), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said.message]);
  return (
    <ToastContext.Provider value={say}>
      {children}
      <output class="toast">{said.message}</output>
    </ToastContext.Provider>
  );
}
