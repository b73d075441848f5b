import { formatAge, formatTime } from '../format.ts';
import { useLanguage } from '../text.ts';

/** A time where the browser is; its title is the time in UTC, as the API and the providers have it. */
export function Time({ at }: { readonly at: string | null }) {
  if (at === null) return <span class="muted">–</span>;
  return (
    <time dateTime={at} title={at}>
      {formatTime(at)}
    </time>
  );
}

/** How long ago; its title is the time itself. */
export function Age({ at, now = Date.now() }: { readonly at: string; readonly now?: number }) {
  const language = useLanguage();
  return (
    <time dateTime={at} title={`${formatTime(at)} (${at})`}>
      {formatAge(at, now, language)}
    </time>
  );
}
