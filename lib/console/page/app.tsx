import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ApiContext, createApiClient } from './api-client.ts';
import { Empty, Failure, Loading } from './components/states.tsx';
import { ToastProvider } from './components/toast.tsx';
import { Header } from './header.tsx';
import { navigate, useRoute } from './navigation.ts';
import { usePreferredLanguage, useTheme } from './preferences.ts';
import { linkTo, parseRoute, type Route } from './route.ts';
import { forgetSession, type Session, SessionContext, storedSession, storeSession } from './session.ts';
import type { Settings } from './settings.ts';
import { SignInView } from './sign-in-view.tsx';
import { createText, ReadingContext, type Text, useText } from './text.ts';
import { useLoaded } from './use-loaded.ts';
import { ExceptionsView } from './views/exceptions.tsx';
import { LedgerView } from './views/ledger.tsx';
import { OrderView } from './views/order.tsx';
import { OrdersView } from './views/orders.tsx';
import { ReconciliationView } from './views/reconciliation.tsx';
import { WebhooksView } from './views/webhooks.tsx';

export function App({ settings }: { readonly settings: Promise<Settings> }) {
  const [language, setLanguage] = usePreferredLanguage();
  const [theme, setTheme] = useTheme();
  const reading = useMemo(() => ({ language, text: createText(language) }), [language]);
  const loaded = useLoaded(() => settings, [settings]);
  const [session, setSession] = useState(storedSession);
  const [hasEnded, setEnded] = useState(false);
  const route = useRoute();
  const { text } = reading;
  useFocusOnMove();
  useTitle(session ? titleOf(route, text) : text('sign_in'));

  const end = (ended: boolean) => {
    forgetSession();
    setSession(null);
    setEnded(ended);
  };
  const api = useMemo(
    () =>
      session &&
      createApiClient({
        fetch: fetch.bind(window),
        token: session.token,
        language: language === 'zh' ? 'zh-CN' : 'en',
        onUnauthenticated: () => end(true),
      }),
    [session, language],
  );
  const start = (started: Session) => {
    storeSession(started);
    setSession(started);
    setEnded(false);
    if (parseRoute(location).view === 'signed_in') navigate(linkTo('orders'), { replace: true });
  };

  if (loaded.state === 'failed') return <Failure failure={loaded.failure} reload={() => location.reload()} />;
  if (loaded.data === null) return <Loading />;
  return (
    <ReadingContext.Provider value={reading}>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        {text('skip')}
      </button>
      <ToastProvider>
        <Header
          {...{ session, language, setLanguage, theme, setTheme }}
          settings={loaded.data}
          current={route.view}
          signOut={() => {
            end(false);
            navigate(linkTo('orders'));
          }}
        />
        {session && api ? (
          <SessionContext.Provider value={session}>
            <ApiContext.Provider value={api}>
              <main id="main" tabIndex={-1}>
                <CurrentView route={route} />
              </main>
            </ApiContext.Provider>
          </SessionContext.Provider>
        ) : (
          <SignInView
            settings={loaded.data}
            hasEnded={hasEnded}
            isBack={route.view === 'signed_in'}
            onSignedIn={start}
          />
        )}
      </ToastProvider>
    </ReadingContext.Provider>
  );
}

function CurrentView({ route }: { readonly route: Route }) {
  const text = useText();
  const { query } = route;
  switch (route.view) {
    case 'orders':
      return <OrdersView query={query} />;
    case 'order':
      return <OrderView key={route.order_no} order_no={route.order_no} />;
    case 'exceptions':
      return <ExceptionsView query={query} />;
    case 'ledger':
      return <LedgerView query={query} />;
    case 'reconciliation':
      return <ReconciliationView query={query} />;
    case 'webhooks':
      return <WebhooksView query={query} />;
    case 'signed_in':
    case 'nowhere':
      return <Empty title={text('nowhere')}>{text('nowhere_hint')}</Empty>;
  }
}

function titleOf(route: Route, text: Text): string {
  if (route.view === 'order') return route.order_no;
  return route.view === 'nowhere' || route.view === 'signed_in' ? text('nowhere') : text(route.view);
}

/** Where another view is shown, whoever reads it by ear or goes by keyboard begins at its beginning. */
function useFocusOnMove(): void {
  const { pathname } = location;
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [pathname]);
}

function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Settle`;
  }, [title]);
}
