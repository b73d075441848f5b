import type { ComponentChildren } from 'preact';
import { ApiFailure } from '../api-client.ts';
import { type Text, useText } from '../text.ts';
import type { Loaded } from '../use-loaded.ts';

export function Loading() {
  const text = useText();
  return (
    <p class="state loading" role="status">
      {text('loading')}
    </p>
  );
}

/** Nothing is there: says why that may be, and what to do. */
export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="state">
      <p class="state-title">{title}</p>
      {children && <p class="muted">{children}</p>}
    </div>
  );
}

/** What went wrong and what can be done about it, in one sentence for each. */
export function failureText(failure: unknown, text: Text): { readonly title: string; readonly hint: string } {
  if (!(failure instanceof ApiFailure)) return { title: text('failed'), hint: text('failed_hint') };
  const { status, message } = failure;
  if (status === 0) return { title: text('no_answer'), hint: text('no_answer_hint') };
  if (status === 401) return { title: text('session_ended'), hint: '' };
  if (status === 403) return { title: text('forbidden'), hint: text('forbidden_hint') };
  if (status === 429) return { title: text('too_many'), hint: text('too_many_hint') };
  if (status >= 500) return { title: message || text('failed'), hint: text('failed_hint') };
  return { title: message || text('failed'), hint: '' };
}

export function Failure({ failure, reload }: { readonly failure: unknown; readonly reload?: () => void }) {
  const text = useText();
  const { title, hint } = failureText(failure, text);
  return (
    <div class="state failed" role="alert">
      <p class="state-title">{title}</p>
      {hint && <p class="muted">{hint}</p>}
      {reload && (
        <button type="button" onClick={reload}>
          {text('try_again')}
        </button>
      )}
    </div>
  );
}

interface LoadableProps<T> {
  readonly loaded: Loaded<T>;
  readonly children: (data: T) => ComponentChildren;
}

/** Shows what was read, or how reading it goes. */
export function Loadable<T>({ loaded, children }: LoadableProps<T>) {
  const { state, data, failure, reload } = loaded;
  if (state === 'failed') return <Failure failure={failure} reload={reload} />;
  if (data === null) return <Loading />;
  return <div aria-busy={state === 'loading'}>{children(data)}</div>;
}
