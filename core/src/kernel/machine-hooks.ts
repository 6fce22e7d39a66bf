import type { Cpu } from '../hardware/index.js';
import type { ErrorReport } from './error-channel.js';
import { HookList, type HookReport } from './hooks.js';
import type { SignalInfo } from './signals.js';
import type { Task } from './task.js';

/**
 * What others may follow of what happens to tasks and CPUs. A fork hook that throws makes the fork fail with its
 * error; what others throw goes to the kernel's error channel, and the rest is called all the same.
 */
export interface MachineHooks {
  readonly fork: HookList<[parent: Task, child: Task]>;
  readonly exec: HookList<[task: Task]>;
  /** Called while the task is still on its CPU, before the final context switch. */
  readonly exit: HookList<[task: Task]>;
  readonly contextSwitch: HookList<[cpu: Cpu, previous: Task | undefined, next: Task | undefined]>;
  /**
   * A signal is about to be delivered, before the task's tracer is asked. Whoever calls `hold` keeps it pending, and is
   * asked again when the task next goes on: he sees to it that it does not before that (a gate).
   */
  readonly signalDue: HookList<[task: Task, info: SignalInfo, hold: () => void]>;
  /**
   * `entry`: a task has made a system call, which has done nothing yet. `exit`: it returns to user mode. A call that
   * its tracer emulates has no exit, and neither has one in which the task executes another program, or ends.
   */
  readonly systemCall: HookList<[task: Task, event: 'entry' | 'exit']>;
  /** A handler is about to be entered. */
  readonly signal: HookList<[task: Task, info: SignalInfo]>;
  /** A child of a process has ended, stopped, or goes on: there may be something to wait for. */
  readonly child: HookList<[parent: number]>;
  /** A task stopped (ptrace, SIGSTOP). */
  readonly stop: HookList<[task: Task]>;
  /**
   * An exception handler has stopped the machine inside its exception: a debugger, mostly. `reason`: as the run that
   * ends here says it. The CPU's task is the one that the exception has interrupted.
   */
  readonly suspend: HookList<[cpu: Cpu, reason: string]>;
  readonly tick: HookList<[cpu: Cpu]>;
  /** A device wants attention: called between two instructions, on an idle CPU too. */
  readonly interrupt: HookList<[cpu: Cpu, line: number]>;
  /** A non-maskable interrupt, likewise, before any line. It may come while others have muted the debug registers. */
  readonly nmi: HookList<[cpu: Cpu]>;
  /**
   * A guest is about to enter the CPU: a hypervisor calls it, before the CPU's registers are the guest's. `virtual`:
   * the CPU that the guest's kernel has.
   */
  readonly guestEntry: HookList<[cpu: Cpu, virtual: Cpu]>;
  /** A guest has left the CPU. */
  readonly guestExit: HookList<[cpu: Cpu, virtual: Cpu]>;
  /** Somebody's code that the kernel has called threw: after it was logged. */
  readonly error: HookList<[report: ErrorReport]>;
  readonly online: HookList<[cpu: Cpu]>;
  /** Called while the CPU can still be programmed. */
  readonly offline: HookList<[cpu: Cpu]>;
}

/**
 * Hooks without anybody in them. `report`: told what a hook of a list throws; `fork`, which may refuse, throws itself.
 */
export function createHooks(report: HookReport): MachineHooks {
  const list = <Arguments extends readonly unknown[]>(name: string): HookList<Arguments> => new HookList(report, name);
  return {
    fork: new HookList(),
    exec: list('exec'),
    exit: list('exit'),
    contextSwitch: list('contextSwitch'),
    signalDue: list('signalDue'),
    systemCall: list('systemCall'),
    signal: list('signal'),
    child: list('child'),
    stop: list('stop'),
    suspend: list('suspend'),
    tick: list('tick'),
    interrupt: list('interrupt'),
    nmi: list('nmi'),
    guestEntry: list('guestEntry'),
    guestExit: list('guestExit'),
    error: list('error'),
    online: list('online'),
    offline: list('offline'),
  };
}

/** Nobody of those who are in them is called any more. */
export function silence(hooks: MachineHooks): void {
  for (const list of Object.values(hooks)) list.clear();
}
