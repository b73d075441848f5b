import { useEffect, useMemo } from 'preact/hooks';
import { ChartsView } from './charts-view.tsx';
import { Header } from './header.tsx';
import { InboxView } from './inbox-view.tsx';
import { useLive } from './live.ts';
import { OrderView } from './order-view.tsx';
import { OrdersView } from './orders-view.tsx';
import { useLanguage, useTheme } from './preferences.ts';
import { useRoute } from './route.ts';
import { createText, TextContext } from './text.ts';

export function App() {
  const [language, setLanguage] = useLanguage();
  const [theme, setTheme] = useTheme();
  const text = useMemo(() => createText(language), [language]);
  const live = useLive();
  const { route, setFilter } = useRoute();
  const title = route.view === 'order' ? route.order_no : text(route.view);
  useEffect(() => {
    document.title = `${title} · Settle`;
  }, [title]);

  return (
    <TextContext.Provider value={text}>
      <button type="button" class="skip" onClick={focusMain}>
        {text('skip')}
      </button>
      <Header
        {...{ live, language, setLanguage, theme, setTheme }}
        current={route.view === 'order' ? 'orders' : route.view}
      />
      {live.connection === 'lost' && (
        <p class="banner" role="alert">
          {text('disconnected')}
        </p>
      )}
      <main id="main" tabIndex={-1}>
        {route.view === 'orders' && <OrdersView live={live} filter={route.filter} onFilter={setFilter} />}
        {route.view === 'order' && <OrderView key={route.order_no} order_no={route.order_no} live={live} />}
        {route.view === 'inbox' && <InboxView webhooks={live.webhooks} />}
        {route.view === 'charts' && (
          <ChartsView measurements={live.measurements} payees={live.hello?.payees ?? []} theme={theme} />
        )}
      </main>
    </TextContext.Provider>
  );
}

/** The hash names the view, so that a link cannot lead there. */
function focusMain(): void {
  document.getElementById('main')?.focus();
}
