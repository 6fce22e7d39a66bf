import { distance } from 'fastest-levenshtein';

/** Longest name that others are compared with, in characters: a comparison takes steps for both lengths. */
const LONGEST = 256;

/** Names that somebody who wrote `name` may have meant, best first; `most` at most. */
export function nearest(name: string, candidates: Iterable<string>, most = 3): readonly string[] {
  if (name.length > LONGEST) return [];
  const wanted = name.toLowerCase();
  // More than a third of a name wrong is no typing error; a piece of a name is worth a try.
  const limit = Math.max(1, Math.floor(name.length / 3));
  const scored: { readonly candidate: string; readonly score: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const score = isPiece(wanted, candidate.toLowerCase()) ? 1 : typingErrors(wanted, candidate.toLowerCase(), limit);
    if (score <= limit) scored.push({ candidate, score });
  }
  return scored
    .sort((a, b) => a.score - b.score)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** True for how a name begins, and for whole words of it. */
function isPiece(wanted: string, other: string): boolean {
  if (wanted.length < 3) return false;
  if (other.startsWith(wanted)) return true;
  const [before, behind] = [other.indexOf(wanted) - 1, other.indexOf(wanted) + wanted.length];
  return before >= 0 && !/[a-z0-9]/.test(other.charAt(before)) && !/[a-z0-9]/.test(other.charAt(behind));
}

/** The distance of two names, unless it is above a limit for their lengths alone. */
function typingErrors(wanted: string, other: string, limit: number): number {
  const apart = Math.abs(other.length - wanted.length);
  return apart > limit ? apart : distance(wanted, other);
}
