import { checkOptions, coreError, FLAG, type Kind, wholeNumber } from '../errors/index.js';
import type { ProgramFactory, ProgramState } from '../programs/index.js';
import type { ChangeKind, ChildChange, ChildStatus } from './child-changes.js';
import { flagsOf, SA_NOCLDSTOP, SA_NOCLDWAIT } from './signal-action.js';
import { numberOf, SI_CODES, type SignalInfo } from './signals.js';
import { type KernelProcess, type KernelTask, kernelTask, type Task } from './task.js';
import type { TaskScheduler } from './task-scheduler.js';

/** What a parent waits for. */
export interface WaitOptions {
  /** A child's pid. Default: any child. */
  readonly pid?: number;
  /** Stops of children, too (WUNTRACED). */
  readonly untraced?: boolean;
  /** Children that go on behind a stop, too (WCONTINUED). */
  readonly continued?: boolean;
}

const WAIT_OPTIONS: Readonly<Record<keyof WaitOptions, Kind>> = Object.freeze({
  pid: wholeNumber(1),
  untraced: FLAG,
  continued: FLAG,
});

/** What children need. */
export interface ChildrenParts {
  readonly scheduler: TaskScheduler;
  /** Somebody waits, perhaps, in a process. */
  told(tgid: number): void;
  /** Sends a signal to a task. */
  send(task: KernelTask, info: SignalInfo): void;
}

/** Children of processes: SIGCHLD for what becomes of them, and waiting for it (waitpid(2)). */
export class Children {
  readonly #parts: ChildrenParts;
  /**
   * Tasks that sleep in {@link call}: one that ends there is forgotten with everything else of it. Made for the first:
   * a weak set costs every collection of garbage something.
   */
  #waiting: WeakSet<KernelTask> | undefined;

  /** Use `machine.children`. */
  constructor(parts: ChildrenParts) {
    this.#parts = parts;
  }

  /**
   * waitpid with WNOHANG: the oldest change of a child of a task's process that nobody has waited for; `undefined`:
   * there is none yet. Throws ECHILD where there is no child to wait for.
   */
  wait(task: Task, options: WaitOptions = {}): ChildStatus | undefined {
    const { process } = kernelTask(task);
    checkOptions('wait', options, WAIT_OPTIONS);
    const { pid, untraced = false, continued = false } = options;
    const { changes, children } = process;
    const kinds: ChangeKind[] = ['ended'];
    if (untraced) kinds.push('stopped');
    if (continued) kinds.push('continued');
    const change = changes.take(kinds, pid);
    if (change !== undefined) return change;
    const alive = pid === undefined ? children.size > 0 : children.has(pid);
    if (alive) return undefined;
    const what = pid === undefined ? 'has no child' : `has no child of pid ${pid}`;
    throw coreError('TASK_NO_CHILD', `task ${task} ${what} to wait for`, { pid: task.pid });
  }

  /**
   * waitpid as a system call, for an instruction's `syscall`: it sleeps until there is a change. `done` gets it, or
   * `undefined` if a signal comes first (EINTR), or what {@link wait} throws.
   */
  call(task: Task, done: (result: ChildStatus | Error | undefined) => void, options: WaitOptions = {}): ProgramFactory {
    const known = kernelTask(task);
    return () => {
      let state: ProgramState = 'ready';
      const finish = (result: ChildStatus | Error | undefined): void => {
        this.#waiting?.delete(known);
        state = 'done';
        done(result);
      };
      return {
        get state() {
          return state;
        },
        run: () => {
          let found: ChildStatus | undefined;
          try {
            found = this.wait(known, options);
          } catch (error) {
            finish(error as Error);
            return 0;
          }
          const interrupted = known.pending.some(({ si_signo }) => !known.blocked.has(si_signo));
          if (found !== undefined || interrupted) finish(found);
          else {
            state = 'asleep';
            this.#waiting ??= new WeakSet();
            this.#waiting.add(known);
          }
          return 0;
        },
      };
    };
  }

  /** The last thread of a process has ended. */
  ended(process: KernelProcess, change: ChildChange): void {
    for (const child of process.children.values()) child.parent = undefined;
    process.children.clear();
    const { parent } = process;
    if (parent === undefined) return;
    process.leaveParent();
    const ignored =
      parent.handlers.get('SIGCHLD') === 'ignore' || (flagsOf(parent.handlers, 'SIGCHLD') & SA_NOCLDWAIT) !== 0;
    this.#tell(parent, process, change, !ignored, true);
  }

  /** A process has stopped as a whole, or goes on. */
  changed(process: KernelProcess, change: ChildChange): void {
    const { parent } = process;
    if (parent === undefined) return;
    this.#tell(parent, process, change, true, (flagsOf(parent.handlers, 'SIGCHLD') & SA_NOCLDSTOP) === 0);
  }

  #tell(parent: KernelProcess, child: KernelProcess, change: ChildChange, kept: boolean, signals: boolean): void {
    if (kept) parent.changes.add(child.tgid, change);
    else parent.changes.forget(child.tgid);
    for (const thread of parent.threads) if (this.#waiting?.has(thread) === true) this.#parts.scheduler.wake(thread);
    this.#parts.told(parent.tgid);
    const to = signals ? recipient(parent) : undefined;
    if (to !== undefined) this.#parts.send(to, signalOf(child, change));
  }
}

/** The thread of a process that is told: the first that does not block it. */
function recipient({ threads, first }: KernelProcess): KernelTask | undefined {
  for (const thread of threads) if (!thread.blocked.has('SIGCHLD')) return thread;
  return first;
}

function signalOf({ tgid }: KernelProcess, change: ChildChange): SignalInfo {
  const about = (si_code: number, si_status: number): SignalInfo => ({
    si_signo: 'SIGCHLD',
    si_code,
    si_pid: tgid,
    si_status,
  });
  if ('code' in change) return about(SI_CODES.CLD_EXITED, change.code);
  if ('signal' in change) return about(SI_CODES.CLD_KILLED, numberOf(change.signal));
  if ('stopped' in change) return about(SI_CODES.CLD_STOPPED, numberOf(change.stopped));
  return about(SI_CODES.CLD_CONTINUED, numberOf('SIGCONT'));
}
