import { shown } from '../errors/index.js';
import { isSignal, type SignalName } from './signals.js';

/** How a task ended. */
export type ExitStatus = { readonly code: number } | { readonly signal: SignalName };

/** Throws a TypeError for what says of no task how it ends. */
export function checkExit(status: ExitStatus): ExitStatus {
  const { code, signal } = (status ?? {}) as { readonly code?: unknown; readonly signal?: unknown };
  if (signal === undefined ? Number.isSafeInteger(code) : code === undefined && isSignal(signal)) return status;
  const [name, value] =
    typeof status !== 'object' ? ['it', status] : signal === undefined ? ['code', code] : ['signal', signal];
  throw new TypeError(`how a task ends is { code: 0 } or { signal: 'SIGKILL' }, got ${name} ${shown(value)}`);
}

/** What has become of a child: waitpid's status. */
export type ChildChange = ExitStatus | { readonly stopped: SignalName } | { readonly continued: true };

/** A change that a parent was not told of yet. */
export interface ChildStatus {
  readonly pid: number;
  readonly change: ChildChange;
}

const KINDS = ['ended', 'stopped', 'continued'] as const;
/** What waitpid tells apart. */
export type ChangeKind = (typeof KINDS)[number];

function kindOf(change: ChildChange): ChangeKind {
  if ('stopped' in change) return 'stopped';
  return 'continued' in change ? 'continued' : 'ended';
}

/** Changes by the order in which they came. */
type Ordered = Map<number, ChildStatus>;

/**
 * Changes of children that nobody has waited for. Of a child it is the latest: one that stopped and goes on has not
 * stopped any more (Linux: signal_set_stop_flags), and one that has ended did neither. Each is found, and taken, at a
 * cost that does not depend on how many others there are: a parent may have many children that it does not wait for.
 */
export class ChildChanges implements Iterable<ChildStatus> {
  readonly #kinds: Readonly<Record<ChangeKind, Ordered>> = {
    ended: new Map(),
    stopped: new Map(),
    continued: new Map(),
  };
  /** The same by child. */
  readonly #ofChild = new Map<number, Ordered>();
  #next = 0;

  add(pid: number, change: ChildChange): void {
    this.forget(pid);
    const order = this.#next++;
    const status = Object.freeze({ pid, change });
    this.#kinds[kindOf(change)].set(order, status);
    const own = this.#ofChild.get(pid) ?? new Map<number, ChildStatus>();
    this.#ofChild.set(pid, own.set(order, status));
  }

  /** Takes the oldest one of these kinds; of one child, if it is named. */
  take(kinds: readonly ChangeKind[], pid?: number): ChildStatus | undefined {
    let oldest: readonly [order: number, status: ChildStatus] | undefined;
    if (pid === undefined) {
      for (const kind of kinds) {
        const [first] = this.#kinds[kind];
        if (first !== undefined && (oldest === undefined || first[0] < oldest[0])) oldest = first;
      }
    } else {
      for (const one of this.#ofChild.get(pid) ?? []) {
        if (!kinds.includes(kindOf(one[1].change))) continue;
        oldest = one;
        break;
      }
    }
    if (oldest === undefined) return undefined;
    this.#remove(...oldest);
    return oldest[1];
  }

  /** A child's stop, or its end, is no news any more. How a child of that number ended is. */
  forget(pid: number): void {
    for (const [order, status] of [...(this.#ofChild.get(pid) ?? [])]) {
      if (kindOf(status.change) !== 'ended') this.#remove(order, status);
    }
  }

  /** The oldest first. */
  *[Symbol.iterator](): Iterator<ChildStatus> {
    const all = KINDS.flatMap((kind) => [...this.#kinds[kind]]).sort(([a], [b]) => a - b);
    for (const [, status] of all) yield status;
  }

  #remove(order: number, { pid, change }: ChildStatus): void {
    this.#kinds[kindOf(change)].delete(order);
    const own = this.#ofChild.get(pid);
    own?.delete(order);
    if (own?.size === 0) this.#ofChild.delete(pid);
  }
}
