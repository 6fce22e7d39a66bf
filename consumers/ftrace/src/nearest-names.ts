/** Insertions, deletions and replacements that make one name from the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/**
 * Up to three names that a misspelt one may have meant, the nearest first. A longer name that begins with it is near
 * too.
 */
function nearestNames(name: string, names: Iterable<string>): string[] {
  const limit = Math.max(1, Math.floor(name.length / 3));
  const near: { readonly other: string; readonly distance: number }[] = [];
  for (const other of new Set(names)) {
    const begins = name.length > 1 && other.startsWith(name);
    if (!begins && Math.abs(other.length - name.length) > limit) continue;
    const distance = begins ? 1 : editDistance(name.toLowerCase(), other.toLowerCase());
    if (distance <= limit) near.push({ other, distance });
  }
  near.sort((a, b) => a.distance - b.distance);
  return near.slice(0, 3).map(({ other }) => other);
}

/** `; did you mean ...?`, or nothing. */
export function didYouMean(name: string, names: Iterable<string>): string {
  const near = nearestNames(name, names);
  return near.length === 0 ? '' : `; did you mean ${near.join(', ')}?`;
}
