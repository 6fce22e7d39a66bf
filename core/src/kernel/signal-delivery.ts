import { type Kind, objectWith } from '../errors/index.js';
import { SIGNAL_FRAME } from './frame.js';
import type { MachineHooks } from './machine-hooks.js';
import type { ProcessTable } from './process-table.js';
import { IGNORED_BY_DEFAULT, isRealTime, SI_CODES, type SignalInfo, type SignalName } from './signals.js';
import type { KernelTask, Task } from './task.js';
import type { TaskScheduler } from './task-scheduler.js';

const OPPOSITES: Readonly<Partial<Record<SignalName, SignalName>>> = { SIGCONT: 'SIGSTOP', SIGSTOP: 'SIGCONT' };

function remove(pending: SignalInfo[], signal: SignalName): void {
  const at = pending.findIndex(({ si_signo }) => si_signo === signal);
  if (at >= 0) pending.splice(at, 1);
}

/** Somebody who follows the signals of all tasks, such as a debugger of the whole kernel. */
export interface SignalWatcher {
  /**
   * A signal is about to be delivered, before the task's tracer is asked. `hold`: it stays pending, and the question
   * comes again when the task next goes on; whoever answers so sees to it that it does not before that (a gate).
   */
  signalDue(task: Task, info: SignalInfo): 'pass' | 'hold';
}

export const SIGNAL_WATCHER: Kind = objectWith('an object with signalDue(task, info)', 'signalDue');

/** Signals: from being sent to the action. */
export class SignalDelivery {
  readonly #hooks: MachineHooks;
  readonly #scheduler: TaskScheduler;
  readonly #processes: ProcessTable;
  #watchers: readonly SignalWatcher[] = [];

  constructor(hooks: MachineHooks, scheduler: TaskScheduler, processes: ProcessTable) {
    this.#hooks = hooks;
    this.#scheduler = scheduler;
    this.#processes = processes;
  }

  /** See `machine.signalPageFault`. `border`: where user space ends. */
  pageFault(task: KernelTask, address: bigint, border: bigint): void {
    const mapped = address < border && task.memory.translate(address, false) !== undefined;
    const si_code = mapped ? SI_CODES.SEGV_ACCERR : SI_CODES.SEGV_MAPERR;
    this.send(task, { si_signo: 'SIGSEGV', si_code, si_addr: address });
  }

  /**
   * Makes a signal pending, unless one of its number is already: only real-time signals queue. SIGKILL acts at once, on
   * the whole process; any signal that is not blocked ends a wait; SIGCONT ends a stop that no tracer holds. SIGCONT
   * and SIGSTOP call each other off (Linux: prepare_signal).
   */
  send(task: KernelTask, info: SignalInfo): void {
    if (!task.alive) return;
    const { si_signo } = info;
    const called = OPPOSITES[si_signo];
    if (called !== undefined) remove(task.pending, called);
    if (!isRealTime(si_signo) && task.pending.some((other) => other.si_signo === si_signo)) return;
    task.pending.push(info);
    if (task.blocked.has(si_signo)) return;
    if (si_signo === 'SIGKILL') this.#processes.exitGroup(task, { signal: si_signo });
    else if (task.state === 'waiting') this.#scheduler.wake(task);
    else if (si_signo === 'SIGCONT' && task.state === 'stopped' && task.tracer === undefined)
      this.#scheduler.wake(task);
    else this.#scheduler.touch(task);
  }

  /** A task is about to run in user mode: true if it has a signal that is not blocked. */
  isPending({ pending, blocked }: KernelTask): boolean {
    return pending.length > 0 && (blocked.size === 0 || pending.some(({ si_signo }) => !blocked.has(si_signo)));
  }

  /** Asks this one, too, before any signal is delivered; returns the function that ends it. */
  watch(watcher: SignalWatcher): () => void {
    const entry: SignalWatcher = { signalDue: (task, info) => watcher.signalDue(task, info) };
    this.#watchers = [...this.#watchers, entry];
    return () => {
      this.#watchers = this.#watchers.filter((other) => other !== entry);
    };
  }

  /** Takes the first pending signal that is not blocked: asks the task's tracer, or acts; unless somebody holds it. */
  take(task: KernelTask): void {
    const { pending, blocked } = task;
    const at = pending.findIndex(({ si_signo }) => !blocked.has(si_signo));
    const info = pending[at];
    if (info === undefined || this.#watchers.some((watcher) => watcher.signalDue(task, info) === 'hold')) return;
    pending.splice(at, 1);
    if (task.tracer !== undefined && task.tracer.signal(task, info) === 'stop') this.#scheduler.halt(task);
    else this.act(task, info);
  }

  /** Performs a signal's action: handler, termination of the whole process, stop or nothing. */
  act(task: KernelTask, info: SignalInfo): void {
    const { si_signo } = info;
    const handler = task.handlers.get(si_signo);
    if (handler === 'ignore' || (handler === undefined && IGNORED_BY_DEFAULT.has(si_signo))) return;
    if (handler === undefined) {
      if (si_signo === 'SIGSTOP') this.#scheduler.halt(task);
      else this.#processes.exitGroup(task, { signal: si_signo });
      return;
    }
    this.#hooks.signal.call(task, info);
    task.stack.push({ program: handler(info), interrupted: task.context.save(), kind: SIGNAL_FRAME });
    // A handler is entered with the resume flag clear, or a breakpoint on its first instruction would be lost.
    task.context.resume = false;
    task.context.completion = undefined;
  }
}
