import { ChildChanges, type ExitStatus } from './child-changes.js';
import type { SignalActions } from './signal-action.js';
import type { SignalName } from './signals.js';

/** What the threads of one process have together (Linux: signal_struct and sighand_struct): `KernelProcess`. */
export class Process<Thread> {
  readonly tgid: number;
  readonly handlers: SignalActions;
  /** Its live threads, in the order in which they were made. */
  readonly threads = new Set<Thread>();
  /** Those that are to stop with it, and have not come to where they can. */
  readonly stopping = new Set<Thread>();
  /** Whose child it is; `undefined`: nobody's who would wait for it. */
  parent: Process<Thread> | undefined;
  /** The signal that has stopped it as a whole; `undefined`: it goes on. */
  stopped: SignalName | undefined;
  /** How it ends, once somebody has decided that for all of its threads. */
  exit: ExitStatus | undefined;
  /** By tgid. */
  readonly children = new Map<number, Process<Thread>>();
  /** Changes of children that nobody has waited for. */
  readonly changes = new ChildChanges();

  constructor(tgid: number, handlers: SignalActions = new Map(), parent?: Process<Thread>) {
    this.tgid = tgid;
    this.handlers = handlers;
    if (parent !== undefined) this.belongsTo(parent);
  }

  /** The thread that was made first of those that live. */
  get first(): Thread | undefined {
    const [first] = this.threads;
    return first;
  }

  /** It is a child of this one. */
  belongsTo(parent: Process<Thread>): void {
    this.parent = parent;
    parent.children.set(this.tgid, this);
  }

  /** It is nobody's child any more. */
  leaveParent(): void {
    this.parent?.children.delete(this.tgid);
    this.parent = undefined;
  }
}
