import type { Instruction, Machine, Task } from '@hwbp/core';
import type { Tracer } from '@hwbp/ptrace';
import { StepError } from '../format/arguments.js';
import { Commands } from '../player/commands.js';

/** Instructions that the host executes between two looks at the thread. */
const TURN = 20_000;
/** Turns after which a thread is interrupted: a guest that does not come back, which the recorder does after 2.5 s. */
const PATIENCE = 20;

/** A stop that the thread's tracer saw. */
export interface ThreadStop {
  readonly code: number;
  readonly dr6: bigint;
}

/** What a thread needs of its host. */
export interface ThreadHost {
  readonly machine: Machine;
  readonly tracer: Tracer;
}

/** A thread of the host's that does what ops say, pinned to a CPU. It sleeps in between. */
export class HostThread {
  readonly task: Task;
  readonly #host: ThreadHost;
  readonly #commands: Commands;
  #traced = false;

  constructor(host: ThreadHost, task: Task, commands: Commands) {
    this.task = task;
    this.#host = host;
    this.#commands = commands;
  }

  /** Makes one in a process. */
  static start(host: ThreadHost, process: Task, cpu: number): HostThread {
    const { machine } = host;
    const commands = new Commands();
    const task = machine.fork(process, () => commands, { thread: true, run: false });
    machine.setAffinity(task, [cpu]);
    machine.wake(task);
    return new HostThread(host, task, commands);
  }

  get traced(): boolean {
    return this.#traced;
  }

  /** PTRACE_SEIZE. */
  trace(): void {
    this.#host.tracer.traceMe(this.task);
    this.#traced = true;
  }

  /** What its tracer does while it is stopped. */
  stopped<T>(action: (tracer: Tracer, task: Task) => T): T {
    const { tracer, machine } = this.#host;
    machine.sendSignal(this.task, { si_signo: 'SIGSTOP', si_code: 0 });
    if (tracer.wait(this.task) === undefined) throw new StepError('the traced thread does not stop');
    try {
      return action(tracer, this.task);
    } finally {
      tracer.cont(this.task);
    }
  }

  /** Gives it something to execute. */
  give(...instructions: readonly Instruction[]): void {
    this.#commands.push(...instructions);
    this.#host.machine.wake(this.task);
  }

  /** True once it has executed what it was given, or has died of it. */
  get idle(): boolean {
    const { alive, context, pending } = this.task;
    if (!alive) return true;
    if (this.#commands.state !== 'starved' || context.mode !== 'user') return false;
    // What its last instruction raised is taken before it sleeps.
    if (pending.length > 0) this.#host.machine.wake(this.task);
    return pending.length === 0;
  }

  /** The stop that it is in, if it is in one; it goes on, without the signal. */
  takeStop(): ThreadStop | undefined {
    if (!this.#traced) return undefined;
    const { tracer } = this.#host;
    const status = tracer.poll(this.task);
    if (status?.kind !== 'signal') return undefined;
    const stop = { code: status.info.si_code, dr6: tracer.peekUser(this.task, tracer.debugOffset(6)) };
    tracer.cont(this.task);
    return stop;
  }

  /** Executes in user mode; returns the stops on the way. */
  execute(...instructions: readonly Instruction[]): ThreadStop[] {
    this.give(...instructions);
    return finish(this.#host.machine, [this], () => undefined)[0] ?? [];
  }
}

/**
 * Lets threads run until they have executed what they were given; returns the stops of each. `interrupt`: they do not
 * come to an end.
 */
export function finish(machine: Machine, threads: readonly HostThread[], interrupt: () => void): ThreadStop[][] {
  const stops: ThreadStop[][] = threads.map(() => []);
  for (let turn = 0; turn < 2 * PATIENCE; turn++) {
    if (turn === PATIENCE) interrupt();
    machine.run(TURN);
    for (const [index, thread] of threads.entries()) {
      const stop = thread.takeStop();
      if (stop !== undefined) stops[index]?.push(stop);
    }
    if (threads.every(({ idle }) => idle)) return stops;
  }
  throw new StepError('the played threads do not come to an end');
}
