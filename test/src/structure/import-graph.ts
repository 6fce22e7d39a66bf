import path from 'node:path';
import { ts } from 'ts-morph';
import type { Source } from './source.js';

/** Of each file, the files that it imports by a relative path, and the line of each import. */
export type ImportGraph = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** What an import, a re-export, a dynamic import or an import type names. */
function specifierIn(node: ts.Node): string | undefined {
  const named =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
        ? node.argument.literal
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : undefined;
  return named !== undefined && ts.isStringLiteral(named) ? named.text : undefined;
}

/**
 * Who imports whom among these files: for types too, and by whatever statement. Read from the compiler's own tree: with
 * a node of ts-morph around each of its nodes it takes five times as long.
 */
export function importGraph(sources: readonly Source[]): ImportGraph {
  const known = new Set(sources.map((source) => source.path));
  return new Map(
    sources.map(({ path: from, text }) => {
      const imports = new Map<string, number>();
      const file = ts.createSourceFile(from, text, ts.ScriptTarget.Latest);
      const visit = (node: ts.Node): void => {
        const specifier = specifierIn(node);
        if (specifier?.startsWith('.') === true) {
          const to = path.posix.join(path.posix.dirname(from), specifier).replace(/\.js$/, '.ts');
          const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
          if (known.has(to) && !imports.has(to)) imports.set(to, line + 1);
        }
        ts.forEachChild(node, visit);
      };
      visit(file);
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
