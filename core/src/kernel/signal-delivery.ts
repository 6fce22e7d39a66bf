import { SignalFrame } from './frame.js';
import type { JobControl } from './job-control.js';
import type { MachineHooks } from './machine-hooks.js';
import type { ProcessTable } from './process-table.js';
import { actionOf, enter, SA_NODEFER, SA_RESETHAND, type SignalHandler } from './signal-action.js';
import { isRealTime, rankOf, SI_CODES, type SignalInfo } from './signals.js';
import type { KernelTask } from './task.js';
import type { TaskScheduler } from './task-scheduler.js';

/** Signals: from being sent to the action. */
export class SignalDelivery {
  readonly #hooks: MachineHooks;
  readonly #scheduler: TaskScheduler;
  readonly #processes: ProcessTable;
  readonly #jobs: JobControl;

  constructor(hooks: MachineHooks, scheduler: TaskScheduler, processes: ProcessTable, jobs: JobControl) {
    this.#hooks = hooks;
    this.#scheduler = scheduler;
    this.#processes = processes;
    this.#jobs = jobs;
  }

  /** See `machine.signalPageFault`. `border`: where user space ends. */
  pageFault(task: KernelTask, address: bigint, border: bigint): void {
    const mapped = address < border && task.memory.translate(address, false) !== undefined;
    const si_code = mapped ? SI_CODES.SEGV_ACCERR : SI_CODES.SEGV_MAPERR;
    this.force(task, { si_signo: 'SIGSEGV', si_code, si_addr: address });
  }

  /**
   * Makes a signal pending, unless one of its number is already: only real-time signals queue. One that would do
   * nothing is gone. SIGKILL acts at once, on the whole process; any signal that is not blocked ends a wait; SIGCONT
   * ends every stop of the process that no tracer holds, blocked or not.
   */
  send(task: KernelTask, info: SignalInfo): void {
    if (!task.alive) return;
    const { si_signo } = info;
    this.#jobs.prepare(task, si_signo);
    if (this.#isIgnored(task, info)) return;
    if (!isRealTime(si_signo) && task.pending.some((other) => other.si_signo === si_signo)) return;
    task.pending.push(info);
    if (task.blocked.has(si_signo)) return;
    if (si_signo === 'SIGKILL') this.#processes.exitGroup(task, { signal: si_signo });
    else if (task.state === 'waiting') this.#scheduler.wake(task);
    else this.#scheduler.touch(task);
  }

  /** A signal that an exception raises: blocked or ignored it does what it does by default, which is to kill. */
  force(task: KernelTask, info: SignalInfo): void {
    const { si_signo } = info;
    const blocked = task.blocked.has(si_signo);
    if (blocked || actionOf(task.handlers, si_signo).sa_handler === 'ignore') task.handlers.delete(si_signo);
    if (blocked) task.blocked.delete(si_signo);
    this.send(task, info);
  }

  /** A task is about to run in user mode: true if it has a signal that is not blocked, or is to stop. */
  isPending({ pending, blocked, stopSignal }: KernelTask): boolean {
    if (stopSignal !== undefined) return true;
    return pending.length > 0 && (blocked.size === 0 || pending.some(({ si_signo }) => !blocked.has(si_signo)));
  }

  /**
   * Stops, or takes the first pending signal that is not blocked, unless somebody holds it: asks the task's tracer, or
   * acts.
   */
  take(task: KernelTask): void {
    if (task.stopSignal !== undefined) {
      this.#jobs.arrive(task);
      return;
    }
    const { pending, blocked } = task;
    let first: SignalInfo | undefined;
    for (const info of pending) {
      if (!blocked.has(info.si_signo) && (first === undefined || rankOf(info) < rankOf(first))) first = info;
    }
    if (first === undefined || this.#isHeld(task, first)) return;
    pending.splice(pending.indexOf(first), 1);
    if (task.tracer !== undefined && task.tracer.signal(task, first) === 'stop') this.#scheduler.halt(task);
    else this.act(task, first);
  }

  /** True if somebody keeps the signal for now: it stays pending. */
  #isHeld(task: KernelTask, info: SignalInfo): boolean {
    const { signalDue } = this.#hooks;
    if (signalDue.size === 0) return false;
    let held = false;
    signalDue.call(task, info, () => {
      held = true;
    });
    return held;
  }

  /** Performs a signal's action: handler, termination of the whole process, stop or nothing. True: a handler. */
  act(task: KernelTask, info: SignalInfo): boolean {
    const { si_signo } = info;
    const { sa_handler, sa_mask, sa_flags } = actionOf(task.handlers, si_signo);
    if (sa_handler === 'ignore') return false;
    if (sa_handler === 'stop') this.#jobs.stop(task, si_signo);
    else if (sa_handler === 'terminate') this.#processes.exitGroup(task, { signal: si_signo });
    else {
      task.stack.at(-1)?.kind.beforeHandler?.(task, sa_flags);
      this.#hooks.signal.call(task, info);
      if ((sa_flags & SA_RESETHAND) !== 0) task.handlers.delete(si_signo);
      this.#enter(task, info, sa_handler);
      for (const signal of sa_mask) task.blocked.add(signal);
      if ((sa_flags & SA_NODEFER) === 0) task.blocked.add(si_signo);
      return true;
    }
    return false;
  }

  /**
   * A handler is entered without the flags that trap: the resume flag, or a breakpoint on its first instruction would
   * be lost, and the program's own single step, which goes on where the handler returns to.
   */
  #enter(task: KernelTask, info: SignalInfo, handler: SignalHandler): void {
    const { context, stack, blocked } = task;
    const program = enter(handler, info);
    if (task.forcedStep) context.singleStep = false;
    stack.push({ program, interrupted: context.save(), kind: new SignalFrame(new Set(blocked)) });
    context.resume = false;
    context.singleStep = false;
    context.completion = undefined;
  }

  /** A signal that does nothing leaves no trace, unless it is blocked or somebody traces the task. */
  #isIgnored({ blocked, tracer, handlers }: KernelTask, { si_signo }: SignalInfo): boolean {
    if (tracer !== undefined || blocked.has(si_signo)) return false;
    return actionOf(handlers, si_signo).sa_handler === 'ignore';
  }
}
