import type { LiveState } from './live.ts';
import type { Theme } from './preferences.ts';
import { type Language, useText } from './text.ts';
import { Tools } from './tools.tsx';

interface HeaderProps {
  readonly live: LiveState;
  readonly current: 'orders' | 'inbox' | 'charts';
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
  readonly theme: Theme;
  readonly setTheme: (theme: Theme) => void;
}

export function Header({ live, current, language, setLanguage, theme, setTheme }: HeaderProps) {
  const text = useText();
  const hasInbox = live.hello?.inbox_simulated === true;
  const views = hasInbox ? (['orders', 'inbox', 'charts'] as const) : (['orders', 'charts'] as const);
  return (
    <header class="bar">
      <a class="brand" href="#/">
        Settle <span>{text('console')}</span>
      </a>
      <nav aria-label={text('console')}>
        {views.map((view) => (
          <a
            key={view}
            href={view === 'orders' ? '#/' : `#/${view}`}
            aria-current={current === view ? 'page' : undefined}
          >
            {text(view)}
          </a>
        ))}
        {live.hello && <a href={`${live.hello.api_url}/console`}>{text('operator_console')} ↗</a>}
      </nav>
      <span class={`connection ${live.connection}`} role="status">
        {text(live.connection === 'open' ? 'connected' : 'connecting')}
      </span>
      <div class="switches">
        <Tools hasWecom={live.hello?.wecom_simulated === true} />
        <select
          aria-label={text('theme')}
          value={theme}
          onChange={(event) => setTheme(event.currentTarget.value as Theme)}
        >
          {(['auto', 'light', 'dark'] as const).map((choice) => (
            <option key={choice} value={choice}>
              {text(`theme_${choice}`)}
            </option>
          ))}
        </select>
        <button
          type="button"
          lang={language === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
        >
          {language === 'zh' ? 'English' : '中文'}
        </button>
      </div>
    </header>
  );
}
