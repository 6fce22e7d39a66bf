import { circlesOf, type Edge, type ImportGraph, importGraph } from './import-graph.js';
import { packageOf, type Source } from './source.js';

/** Files that a circle may have: two that belong together may know each other. */
const MOST_FILES = 2;

/** What is wrong: circles of more than two files. */
export function checkCircles(sources: readonly Source[]): string[] {
  const packages = new Set(sources.map(({ path }) => packageOf(path)));
  return [...packages].sort().flatMap((name) => {
    const graph = importGraph(sources.filter(({ path }) => packageOf(path) === name));
    return circlesOf(graph)
      .filter(({ length }) => length > MOST_FILES)
      .sort((a, b) => b.length - a.length)
      .map((circle) => describe(name, graph, circle));
  });
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
