/** Says that a value has changed since the step before: to eyes and to screen readers. */
export function Mark({ on }: { readonly on: boolean }) {
  if (!on) return null;
  return (
    <span class="mark">
      <span aria-hidden="true">●</span>
      <span class="hidden">changed</span>
    </span>
  );
}
