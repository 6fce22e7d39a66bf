import type { Machine, ProgramFactory, Task } from '@hwbp/core';
import type { Tracer } from '@hwbp/ptrace';
import type { Control } from './control.js';
import { SYSTEM_CALLS, type SystemCallHost, type SystemCalls, startCall } from './system-calls.js';
import type { StartCall, Worker } from './worker.js';
import { WorkerProgram } from './worker-program.js';

/** What tasks need of the architecture that they are recorded on. */
interface WorkerArchitecture {
  readonly kernelText: bigint;
  readonly unprivilegedCopies?: boolean;
  readonly control: Pick<Control, 'result' | 'traceOptions'>;
}

/** How a task begins. */
export interface SpawnOptions {
  readonly cpu: number;
  /** Default 0. */
  readonly uid?: number;
  /** Which of the worker's programs, as an execve says it. Default 0. */
  readonly path?: bigint;
}

/** Makes the tasks of a script, which all execute the recorded program. */
export class Workers implements SystemCallHost {
  readonly machine: Machine;
  readonly kernelText: bigint;
  readonly unprivilegedCopies: boolean;
  readonly resultRegister: string;
  readonly calls: SystemCalls;
  readonly #tracer: Tracer;
  readonly #architecture: WorkerArchitecture;
  readonly #worker: Worker;

  constructor(machine: Machine, tracer: Tracer, architecture: WorkerArchitecture, worker: Worker) {
    this.machine = machine;
    this.kernelText = architecture.kernelText;
    this.unprivilegedCopies = architecture.unprivilegedCopies ?? false;
    this.resultRegister = architecture.control.result;
    this.calls = { ...SYSTEM_CALLS, ...worker.calls };
    this.#tracer = tracer;
    this.#architecture = architecture;
    this.#worker = worker;
  }

  /** A task, forked and executed by `parent` on a CPU, traced, and run to the end of its start-up. */
  spawn(parent: Task, { cpu, uid = 0, path = 0n }: SpawnOptions): Task {
    const { machine } = this;
    const task = machine.fork(parent, this.#program(), { run: false });
    task.uid = uid;
    task.privileged = uid === 0;
    task.blocked.clear();
    machine.setAffinity(task, [cpu]);
    this.exec(task, path);
    // As the recorder does: forked tasks leave no zombies.
    task.handlers.set('SIGCHLD', 'ignore');
    machine.wake(task);
    this.#tracer.traceMe(task, this.#architecture.control.traceOptions);
    this.#tracer.wait(task);
    return task;
  }

  fork(parent: Task, thread: boolean): Task {
    const child = this.machine.fork(parent, this.#program(), { thread });
    this.#worker.share?.(child);
    return child;
  }

  exec(task: Task, path: bigint): void {
    const image = this.#worker.image?.(path) ?? {};
    this.machine.exec(task, this.#program(), { comm: 'worker', demandZero: false, ...image });
    this.#worker.load(task);
  }

  #program(): ProgramFactory {
    const start: StartCall = (task, name, args) => startCall(this, task, name, args);
    return () => new WorkerProgram(this.machine, this.#worker.code(start));
  }
}
