import { type Profiler, Session } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';
import type { ExecutionContext } from 'ava';

type Next = () => IteratorResult<unknown>;
type Counted = 'indexOf' | 'includes' | 'splice' | 'slice' | 'concat';

/** What engines iterate with: lists that are spread, sets and maps that are looked through. */
const ITERATORS = [[], new Set(), new Map()].map(
  (one) => Object.getPrototypeOf(one[Symbol.iterator]()) as { next: Next },
);
const SEARCHES: readonly Counted[] = ['indexOf', 'includes', 'splice', 'slice', 'concat'];

/** True for what is ours and no test. */
const isOurs = ({ url }: Profiler.ScriptCoverage): boolean =>
  url.includes('/dist/') && !/\/(?:node_modules|test)\//.test(url);

/** Counts what engines look at on our behalf. Returns how much that was, and puts everything back. */
function watchBuiltins(): () => number {
  let looked = 0;
  const undo: (() => void)[] = [];
  for (const prototype of ITERATORS) {
    const { next } = prototype;
    prototype.next = function (this: unknown) {
      looked++;
      return next.call(this as never);
    };
    undo.push(() => {
      prototype.next = next;
    });
  }
  const lists = Array.prototype as unknown as Record<Counted, (this: unknown[], ...args: unknown[]) => unknown>;
  for (const name of SEARCHES) {
    const method = lists[name];
    lists[name] = function (...args) {
      looked += this.length;
      return method.apply(this, args);
    };
    undo.push(() => {
      lists[name] = method;
    });
  }
  return () => {
    for (const restore of undo) restore();
    return looked;
  };
}

/**
 * The steps that our code takes to do something: how often its blocks are executed, as the engine counts that for
 * coverage, and the elements that it iterates over, searches and moves. The same each time, on any computer.
 */
export function steps(action: () => void): number {
  const session = new Session();
  session.connect();
  let counted = 0;
  // Code that is optimised does not count how often it is called, and what is optimised when differs from run to run.
  setFlagsFromString('--no-opt');
  try {
    session.post('Profiler.enable');
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    const looked = watchBuiltins();
    try {
      action();
    } finally {
      counted += looked();
    }
    session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error !== null) throw error;
      for (const script of taken.result.filter(isOurs))
        for (const { ranges } of script.functions) for (const { count } of ranges) counted += count;
    });
    session.post('Profiler.stopPreciseCoverage');
  } finally {
    setFlagsFromString('--opt');
    session.disconnect();
  }
  return counted;
}

/** Four times as much to do may take this many times the steps: what sorts takes a few more than four. */
const MOST = 5.5;

/**
 * Asserts that what is to be done takes steps in proportion to how much it is, from `few` on. `prepare` returns the
 * action that is counted.
 */
export function isLinear(t: ExecutionContext, few: number, prepare: (count: number) => () => void): void {
  // Whatever is made when it is used first is made.
  prepare(few)();
  const [some, more] = [steps(prepare(few)), steps(prepare(4 * few))];
  t.true(some >= few, `${few} take ${some} steps: nothing was counted`);
  t.true(more <= MOST * some, `${few} take ${some} steps, ${4 * few} take ${more}: ${(more / some).toFixed(1)} times`);
}
