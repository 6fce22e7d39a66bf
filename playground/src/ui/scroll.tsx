import type { ComponentChildren, Ref } from 'preact';

interface ScrollProps {
  /** What is in it, for screen readers. */
  readonly label: string;
  readonly children: ComponentChildren;
  readonly kind?: string;
  readonly element?: Ref<HTMLElement>;
}

/** Whoever has no mouse scrolls with the arrow keys, and for that the region needs the focus. */
const FOCUSABLE = { tabIndex: 0 };

/** A region that scrolls where the page has no room for it. */
export function Scroll({ label, children, kind = '', element }: ScrollProps) {
  return (
    <section
      class={`scroll ${kind}`}
      aria-label={label}
      {...FOCUSABLE}
      {...(element === undefined ? {} : { ref: element })}
    >
      {children}
    </section>
  );
}
