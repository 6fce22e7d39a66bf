import type { SignalActions } from './signal-action.js';
import type { SignalName } from './signals.js';

/** How a task ended. */
export type ExitStatus = { readonly code: number } | { readonly signal: SignalName };

/** What has become of a child: waitpid's status. */
export type ChildChange = ExitStatus | { readonly stopped: SignalName } | { readonly continued: true };

/** A change that a parent was not told of yet. */
export interface ChildStatus {
  readonly pid: number;
  readonly change: ChildChange;
}

/** What the threads of one process have together (Linux: signal_struct and sighand_struct). */
export class Process {
  readonly tgid: number;
  readonly handlers: SignalActions;
  /** Whose child it is; `undefined`: nobody's who would wait for it. */
  parent: Process | undefined;
  /** The signal that has stopped it as a whole; `undefined`: it goes on. */
  stopped: SignalName | undefined;
  /** How it ends, once somebody has decided that for all of its threads. */
  exit: ExitStatus | undefined;
  readonly children = new Set<Process>();
  /** Changes of children that nobody has waited for, oldest first. */
  readonly changes: ChildStatus[] = [];

  constructor(tgid: number, handlers: SignalActions = new Map(), parent?: Process) {
    this.tgid = tgid;
    this.handlers = handlers;
    if (parent !== undefined) this.belongsTo(parent);
  }

  /** It is a child of this one. */
  belongsTo(parent: Process): void {
    this.parent = parent;
    parent.children.add(this);
  }
}
