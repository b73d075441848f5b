import { useEffect, useRef } from 'preact/hooks';
import { navigate } from '../navigation.ts';
import { orderNumberIn } from '../order-number.ts';
import { orderLink } from '../route.ts';
import { useText } from '../text.ts';

/** Leads to the order of a number. The key / goes there, unless something is being written. */
export function OrderSearch() {
  const text = useText();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const isWriting = event.target instanceof Element && event.target.matches('input, select, textarea');
      if (event.key !== '/' || isWriting || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', focus);
    return () => document.removeEventListener('keydown', focus);
  }, []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const sought = input.current?.value.trim();
    if (sought) navigate(orderLink(orderNumberIn(sought)));
  };
  return (
    <search>
      <form class="order-search" onSubmit={submit}>
        <input
          ref={input}
          type="search"
          aria-label={text('order_search')}
          aria-keyshortcuts="/"
          placeholder={text('order_search_hint')}
          autocomplete="off"
          spellcheck={false}
        />
        <button type="submit">{text('open')}</button>
      </form>
    </search>
  );
}
