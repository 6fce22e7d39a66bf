import { circlesOf, type Edge, type ImportGraph, importGraph } from './import-graph.js';
import { packageOf, type Source } from './source.js';

/** Files that a circle may have: two that belong together may know each other. */
const MOST_FILES = 2;

/** Sizes of the circles that a package has for the time being, the largest first. */
export type KnownCircles = Readonly<Record<string, readonly number[]>>;

/** What is wrong: circles of more than two files that are not known, and known ones that have become smaller. */
export function checkCircles(sources: readonly Source[], known: KnownCircles): string[] {
  const packages = new Set([...sources.map(({ path }) => packageOf(path)), ...Object.keys(known)]);
  return [...packages].sort().flatMap((name) => {
    const graph = importGraph(sources.filter(({ path }) => packageOf(path) === name));
    const circles = circlesOf(graph)
      .filter(({ length }) => length > MOST_FILES)
      .sort((a, b) => b.length - a.length);
    return compare(name, graph, circles, known[name] ?? []);
  });
}

function compare(name: string, graph: ImportGraph, circles: string[][], known: readonly number[]): string[] {
  const sizes = circles.map(({ length }) => length);
  if (sizes.some((size, i) => size > (known[i] ?? 0))) return circles.map((circle) => describe(name, graph, circle));
  if (sizes.length === known.length && sizes.every((size, i) => size === known[i])) return [];
  return [
    `${name}: its known circles [${known.join(', ')}] are [${sizes.join(', ')}] now; write that, or they grow again`,
  ];
}

function describe(name: string, graph: ImportGraph, circle: readonly string[]): string {
  const { from, to } = edgeToTurn(graph, circle);
  return (
    `${name}: a circle of ${circle.length} files: ${circle.join(', ')}; ` +
    `turn ${from}:${graph.get(from)?.get(to)}, which imports ${to}: let it declare what it needs of that`
  );
}

/** The import without which the largest circle that is left is smallest. */
function edgeToTurn(graph: ImportGraph, circle: readonly string[]): Edge {
  const inside: ImportGraph = new Map(circle.map((file) => [file, graph.get(file) ?? new Map<string, number>()]));
  let best: Edge = { from: '', to: '' };
  let least = Number.POSITIVE_INFINITY;
  for (const from of circle) {
    for (const to of inside.get(from)?.keys() ?? []) {
      if (!inside.has(to)) continue;
      const left = Math.max(0, ...circlesOf(inside, { from, to }).map(({ length }) => length));
      if (left >= least) continue;
      least = left;
      best = { from, to };
    }
  }
  return best;
}
