import path from 'node:path';
import { Project } from 'ts-morph';
import type { Source } from './source.js';
import { specifierOf } from './specifier.js';

/** Of each file, the files that it imports by a relative path, and the line of each import. */
export type ImportGraph = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Who imports whom among these files: for types too, and by whatever statement. */
export function importGraph(sources: readonly Source[]): ImportGraph {
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
  const known = new Set(sources.map((source) => source.path));
  return new Map(
    sources.map(({ path: from, text }) => {
      const imports = new Map<string, number>();
      const file = project.createSourceFile(from, text);
      file.forEachDescendant((node) => {
        const specifier = specifierOf(node);
        if (specifier?.startsWith('.') !== true) return;
        const to = path.posix.join(path.posix.dirname(from), specifier).replace(/\.js$/, '.ts');
        if (known.has(to) && !imports.has(to)) imports.set(to, node.getStartLineNumber());
      });
      project.removeSourceFile(file);
      return [from, imports];
    }),
  );
}

/** An import that the graph is looked at without. */
export interface Edge {
  readonly from: string;
  readonly to: string;
}

/** The circles of a graph, each as its files, sorted: from each of them every other one can be reached (Tarjan). */
export function circlesOf(graph: ImportGraph, without?: Edge): string[][] {
  const order = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): number => {
    const index = order.size;
    order.set(file, index);
    stack.push(file);
    let low = index;
    for (const to of graph.get(file)?.keys() ?? []) {
      if (!graph.has(to) || (file === without?.from && to === without.to)) continue;
      if (!order.has(to)) low = Math.min(low, visit(to));
      else if (stack.includes(to)) low = Math.min(low, order.get(to) ?? low);
    }
    if (low === index) circles.push(stack.splice(stack.indexOf(file)).sort());
    return low;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles.filter(({ length }) => length > 1);
}
