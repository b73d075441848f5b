import { useEffect, useRef } from 'preact/hooks';
import { nextTheme, type Theme } from './preferences.ts';
import { linkTo, type Route, views } from './route.ts';
import type { Session } from './session.ts';
import type { Settings } from './settings.ts';
import { type Language, named, useText } from './text.ts';

interface HeaderProps {
  readonly settings: Settings;
  readonly session: Session | null;
  readonly current: Route['view'];
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
  readonly theme: Theme;
  readonly setTheme: (theme: Theme) => void;
  readonly signOut: () => void;
}

export function Header(props: HeaderProps) {
  const { settings, session, current, language, setLanguage, theme, setTheme } = props;
  const text = useText();
  return (
    <header class="bar">
      <a class="brand" href={linkTo('orders')}>
        Settle <span class="stage">{settings.stage}</span>
      </a>
      {session && (
        <nav aria-label={text('views')}>
          {views.map((view) => (
            <a
              key={view}
              href={linkTo(view)}
              aria-current={view === (current === 'order' ? 'orders' : current) ? 'page' : undefined}
            >
              {text(view)}
            </a>
          ))}
        </nav>
      )}
      <div class="bar-end">
        <button
          type="button"
          class="quiet"
          aria-label={text('theme_is', { theme: text(`theme_${theme}`) })}
          onClick={() => setTheme(nextTheme(theme))}
        >
          ◐ {text(`theme_${theme}`)}
        </button>
        <button
          type="button"
          class="quiet"
          lang={language === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
        >
          {language === 'zh' ? 'English' : '中文'}
        </button>
        {session && <Account session={session} settings={settings} signOut={props.signOut} />}
      </div>
    </header>
  );
}

function Account({
  session,
  settings,
  signOut,
}: Pick<HeaderProps, 'settings' | 'signOut'> & { readonly session: Session }) {
  const text = useText();
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const inside = event.target instanceof Node && menu.current?.contains(event.target);
      const isEscape = event instanceof KeyboardEvent && event.key === 'Escape';
      if (menu.current?.open && (isEscape || (event.type === 'click' && !inside))) menu.current.open = false;
    };
    document.addEventListener('click', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('click', close);
      document.removeEventListener('keydown', close);
    };
  }, []);
  return (
    <details class="account" ref={menu}>
      <summary>
        {session.sub} <span class="muted">{named(text, 'role', session.role)}</span>
      </summary>
      <div class="menu">
        <p>
          {session.tenant_id === null
            ? text('reaches_stage')
            : text('reaches_tenant', { tenant: session.tenant_id })}
        </p>
        {!session.mayAct && <p class="muted">{text('viewer_note')}</p>}
        <p>
          <a href="/docs" target="_blank" rel="noreferrer">
            {text('api_reference')}
          </a>
        </p>
        {settings.laboratory && (
          <p>
            <a href={settings.laboratory}>{text('laboratory')}</a>
          </p>
        )}
        <button type="button" onClick={signOut}>
          {text('sign_out')}
        </button>
      </div>
    </details>
  );
}
