import { changeQuery } from '../navigation.ts';
import { useText } from '../text.ts';

interface PagerProps {
  /** Of the page that is shown; undefined of the first. */
  readonly cursor: string | undefined;
  /** Where the list goes on; null at its end. */
  readonly next: string | null;
  readonly busy: boolean;
}

/** The page before each page that this tab has shown. */
const before = new Map<string, string | undefined>();

/** Goes through the pages of a list, which its address has. */
export function Pager({ cursor, next, busy }: PagerProps) {
  const text = useText();
  if (cursor === undefined && next === null) return null;
  const previous = cursor === undefined ? undefined : before.get(cursor);
  const go = (to: string | undefined) => {
    changeQuery({ cursor: to });
    scrollTo(0, 0);
  };
  return (
    <nav class="pager" aria-label={text('pages')}>
      <button type="button" disabled={cursor === undefined} onClick={() => go(undefined)}>
        {text('first_page')}
      </button>
      <button type="button" disabled={cursor === undefined} onClick={() => go(previous)}>
        {text('previous_page')}
      </button>
      <button
        type="button"
        disabled={next === null || busy}
        onClick={() => {
          if (next !== null) before.set(next, cursor);
          go(next ?? undefined);
        }}
      >
        {text('next_page')}
      </button>
    </nav>
  );
}
