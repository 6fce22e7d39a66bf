import { distance } from 'fastest-levenshtein';

/** Names that somebody who wrote `name` may have meant, best first; `most` at most. */
export function nearest(name: string, candidates: Iterable<string>, most = 3): readonly string[] {
  const wanted = name.toLowerCase();
  // A third of a name wrong is no typing error; a piece of a name is worth a try.
  const limit = Math.max(1, Math.floor(name.length / 3));
  const scored: { readonly candidate: string; readonly score: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const other = candidate.toLowerCase();
    const part = wanted.length > 2 && other.includes(wanted);
    const score = part ? 1 : Math.abs(other.length - wanted.length) > limit ? Number.POSITIVE_INFINITY : distance(wanted, other);
    if (score <= limit) scored.push({ candidate, score });
  }
  return scored
    .sort((a, b) => a.score - b.score)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}
