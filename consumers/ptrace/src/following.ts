import {
  Disposables,
  type ExitStatus,
  type Machine,
  SI_CODES,
  SIGNALS,
  type SignalInfo,
  type SignalName,
  type Task,
} from '@hwbp/core';
import type { TraceOptions } from './options.js';
import type { Adoption } from './tracee.js';
import { Tracee } from './tracee.js';
import type { WaitStatus } from './wait-status.js';

/** PTRACE_EVENT_STOP, as it stands in si_code. */
const EVENT_STOP = 128 << 8;

/** Who has tracees, as what happens to them sees it. */
export interface Follower {
  readonly machine: Machine;
  tracee(task: Task): Tracee | undefined;
  adopt(task: Task, adoption: Adoption, options: TraceOptions): Tracee;
  /** It is in a stop now. */
  report(status: WaitStatus): void;
  /** It is gone. */
  gone(task: Task): void;
}

/** PTRACE_EVENT_STOP: for the signal that stops its process, or SIGTRAP. */
export function eventStop(task: Task, signal: SignalName | undefined): WaitStatus {
  const si_signo = signal ?? 'SIGTRAP';
  const si_code = SIGNALS[si_signo as keyof typeof SIGNALS] | EVENT_STOP;
  return { kind: 'signal', task, info: { si_signo, si_code }, event: 'stop' };
}

/** A system call begins, or has come to its end: SIGTRAP, or with PTRACE_O_TRACESYSGOOD SIGTRAP | 0x80. */
function systemCallStop({ task, options }: Tracee, event: 'entry' | 'exit'): WaitStatus {
  const si_code = SIGNALS.SIGTRAP | (options.traceSysGood === true ? 0x80 : 0);
  return { kind: 'signal', task, info: { si_signo: 'SIGTRAP', si_code }, event };
}

/** What the kernel tells of one tracee, as stops of it. */
export class Following {
  readonly #follower: Follower;

  constructor(follower: Follower) {
    this.#follower = follower;
  }

  /** Follows a task; what is returned knows how to end that. */
  follow(task: Task, adoption: Adoption, options: TraceOptions): Tracee {
    const { hooks } = this.#follower.machine;
    const followed = new Disposables();
    followed.add(
      hooks.exit.add((gone) => gone === task && this.#follower.gone(task)),
      hooks.exec.add((execed) => execed === task && this.#execed(tracee)),
      hooks.fork.add((parent, child) => parent === task && this.#forked(tracee, child)),
    );
    const tracee = new Tracee(task, adoption, options, followed);
    task.tracer = {
      signal: (_task, info) => this.#signal(task, info),
      groupStop: (_task, signal) => this.#groupStop(tracee, signal),
      continued: () => this.continued(tracee),
      systemCallEntry: () => this.#systemCallEntry(tracee),
      systemCallExit: () => this.#systemCallExit(tracee),
      exiting: (_task, exit) => this.#exiting(tracee, exit),
    };
    return tracee;
  }

  /** It stops before it next executes in user mode, or at once if it waits for something. */
  trap(tracee: Tracee): void {
    const { task } = tracee;
    const stop = (): void => {
      tracee.work = undefined;
      if (!tracee.trapped || tracee.stop !== undefined || this.#follower.tracee(task) !== tracee) return;
      tracee.trapped = false;
      this.#halt(eventStop(task, task.stoppedBy));
    };
    tracee.trapped = true;
    if (task.state === 'waiting') stop();
    else if (tracee.work === undefined) {
      tracee.work = { perform: stop };
      task.work.push(tracee.work);
    }
  }

  /** The stop of its process is over: one that was seized is told, where it is listened to at once. */
  continued(tracee: Tracee): void {
    if (tracee.adoption !== 'seized') return;
    if (!tracee.listening) {
      tracee.trapped = true;
      return;
    }
    tracee.listening = false;
    this.#follower.report(eventStop(tracee.task, undefined));
  }

  /** It goes on behind the system call in which it has executed another program. */
  leaveExec(tracee: Tracee): void {
    const { task } = tracee;
    if (!tracee.execed) return;
    tracee.execed = false;
    if (tracee.resumption !== 'syscall') return;
    task.work.push({
      perform: () => {
        if (this.#follower.tracee(task) === tracee && tracee.stop === undefined)
          this.#halt(systemCallStop(tracee, 'exit'));
      },
    });
  }

  #halt(status: WaitStatus): void {
    this.#follower.report(status);
    this.#follower.machine.halt(status.task);
  }

  #signal(task: Task, info: SignalInfo): 'stop' {
    this.#follower.report({ kind: 'signal', task, info });
    return 'stop';
  }

  #groupStop(tracee: Tracee, signal: SignalName): void {
    const { task, adoption } = tracee;
    if (tracee.stop !== undefined) return;
    if (adoption === 'seized') this.#follower.report(eventStop(task, signal));
    else {
      const info = { si_signo: signal, si_code: SI_CODES.SI_USER };
      this.#follower.report({ kind: 'signal', task, info, event: 'stop' });
    }
  }

  #systemCallEntry(tracee: Tracee): 'go' | 'stop' | 'emulate' {
    const { resumption } = tracee;
    if (resumption === 'cont' || resumption === 'step') return 'go';
    this.#follower.report(systemCallStop(tracee, 'entry'));
    return resumption === 'syscall' ? 'stop' : 'emulate';
  }

  #systemCallExit(tracee: Tracee): 'go' | 'stop' {
    if (tracee.resumption !== 'syscall') return 'go';
    this.#follower.report(systemCallStop(tracee, 'exit'));
    return 'stop';
  }

  #exiting({ task, options }: Tracee, exit: ExitStatus): 'go' | 'stop' {
    if (options.traceExit !== true) return 'go';
    this.#follower.report({ kind: 'event', task, event: 'exit', exit });
    return 'stop';
  }

  #execed(tracee: Tracee): void {
    const { task, options, adoption } = tracee;
    tracee.execed = true;
    if (options.traceExec === true) {
      this.#halt({ kind: 'event', task, event: 'exec' });
      return;
    }
    this.leaveExec(tracee);
    // One that was seized is told by the event alone.
    if (adoption === 'seized') return;
    this.#follower.machine.sendSignal(task, { si_signo: 'SIGTRAP', si_code: SI_CODES.SI_USER });
  }

  #forked({ task, options, adoption }: Tracee, child: Task): void {
    const event = child.tgid === task.tgid ? 'clone' : 'fork';
    if ((event === 'fork' ? options.traceFork : options.traceClone) !== true) return;
    const born = this.#follower.adopt(child, adoption, options);
    if (adoption === 'seized') this.trap(born);
    else this.#follower.machine.sendSignal(child, { si_signo: 'SIGSTOP', si_code: SI_CODES.SI_USER });
    this.#halt({ kind: 'event', task, event, child });
  }
}
