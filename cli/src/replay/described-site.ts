import type { SiteNames } from './site-names.js';
import type { Site } from './site-summary.js';

/** The instruction, and where the program was before, if it is not the program's own. */
export function describedSite({ pc, callers }: Site, names: SiteNames): string {
  const [first, ...others] = [...callers].sort(([, a], [, b]) => b - a);
  if (first === undefined) return names.described(pc);
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${names.described(pc)} from ${names.described(first[0])}${more}`;
}
