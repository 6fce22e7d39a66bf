/** A step from a variable to a part of it. */
export type PathStep =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number };

/** One way to read a name: the variable, and the steps from there. */
export interface NamePath {
  readonly base: string;
  readonly steps: readonly PathStep[];
}

/** Steps of a path at most: as deep as types lie in each other. */
const MOST_STEPS = 64;

const STEP = /^(?:\.([A-Za-z_$][\w$]*)|\[(0x[0-9a-f]{1,8}|\d{1,9})\])/i;

/**
 * Every way to read a name as a variable and a path into it (`balances[7]`, `conf.limit`, `grid[1][2].x`), the longest
 * variable first: names that compilers make have dots too (`counter.0.limit`), and those of C++ have brackets.
 */
export function namePaths(text: string): readonly NamePath[] {
  const paths: NamePath[] = [];
  for (let at = text.length - 1; at > 0; at--) {
    if (text[at] !== '.' && text[at] !== '[') continue;
    const steps = readSteps(text.slice(at));
    if (steps !== undefined && steps.length > MOST_STEPS) break;
    if (steps !== undefined) paths.push({ base: text.slice(0, at), steps });
  }
  return paths;
}

function readSteps(text: string): PathStep[] | undefined {
  const steps: PathStep[] = [];
  for (let rest = text; rest !== ''; ) {
    const [all, name, index] = STEP.exec(rest) ?? [];
    if (all === undefined) return undefined;
    steps.push(name === undefined ? { kind: 'index', index: Number(index) } : { kind: 'member', name });
    rest = rest.slice(all.length);
  }
  return steps;
}
