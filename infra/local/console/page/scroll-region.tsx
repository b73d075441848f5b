import type { ComponentChildren } from 'preact';

interface ScrollRegionProps {
  readonly label: string;
  readonly class?: string;
  readonly onScroll?: () => void;
  readonly children: ComponentChildren;
}

/** What scrolls by itself, and can be reached and scrolled with the keyboard. */
export const ScrollRegion = ({
  label,
  class: name = 'table-scroll',
  onScroll,
  children,
}: ScrollRegionProps) => (
  // biome-ignore lint/a11y/useSemanticElements: it is no set of form fields.
  // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard cannot scroll what is in it.
  <div class={name} role="group" aria-label={label} tabIndex={0} {...(onScroll && { onScroll })}>
    {children}
  </div>
);
