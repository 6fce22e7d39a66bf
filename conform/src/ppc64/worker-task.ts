import { type Instruction, type Kernel, program, SI_CODES, type Task } from '@hwbp/core';
import type { TraceOptions, Tracer } from '@hwbp/ptrace';
import { stubAddress, WORKER } from './worker-layout.js';
import { WorkerProgram } from './worker-program.js';

const TRACE_OPTIONS: TraceOptions = Object.freeze({ exitKill: true, traceFork: true });
/** Where the kernel's instructions seem to lie. */
const KERNEL_TEXT = 0xc000_0000_0001_0000n;

/** The tasks of one script: they share the window. */
export class Workers {
  readonly #kernel: Kernel;
  readonly #tracer: Tracer;
  readonly #frames: readonly number[];

  readonly #hashed: boolean;

  /** `hashed`: the first store to a page faults. */
  constructor(kernel: Kernel, tracer: Tracer, hashed: boolean) {
    this.#hashed = hashed;
    this.#kernel = kernel;
    this.#tracer = tracer;
    const { physical } = kernel.machine;
    this.#frames = Array.from({ length: WORKER.windowSize / physical.pageSize }, () => physical.allocate());
  }

  /** A task, traced from birth, on a CPU, stopped as it asked for. */
  spawn(cpu: number): Task {
    const task = this.#kernel.machine.spawn(this.#program(), { comm: 'worker', affinity: [cpu], demandZero: false });
    this.#load(task);
    this.#tracer.seize(task, TRACE_OPTIONS);
    this.#tracer.wait(task);
    return task;
  }

  #load(task: Task): void {
    task.memory.map(WORKER.text, WORKER.textSize, { permissions: { read: true, write: false } });
    this.#share(task);
    task.context.pc = stubAddress('raise');
  }

  #share(task: Task): void {
    task.memory.map(WORKER.window, WORKER.windowSize, { frames: this.#frames });
  }

  #program(): WorkerProgram {
    const systemCall = (task: Task, name: string) => program(() => this.#systemCall(task, name));
    return new WorkerProgram(systemCall, this.#hashed ? this.#kernel.machine.layout.pageSize : 0);
  }

  *#systemCall(task: Task, name: string): Generator<Instruction, void> {
    const { machine } = this.#kernel;
    const { context } = task;
    if (name === 'raise') machine.sendSignal(task, { si_signo: 'SIGSTOP', si_code: SI_CODES.SI_USER });
    else if (name === 'fork') this.#fork(task);
    else if (name === 'execve') this.#exec(task);
    else {
      const [buffer, count, value] = [context.get('r4'), context.get('r6'), context.get('r5')];
      yield* copy(name === 'sys_pread' ? 'write' : 'read', buffer, count, value);
      context.set('r3', count);
    }
  }

  #fork(task: Task): void {
    const child = this.#kernel.machine.fork(task, this.#program());
    this.#share(child);
  }

  #exec(task: Task): void {
    this.#kernel.machine.exec(task, this.#program(), { comm: 'worker', demandZero: false });
    this.#load(task);
  }
}

/** The kernel's copy loop: doublewords, then bytes. */
function* copy(kind: 'read' | 'write', buffer: bigint, count: bigint, value: bigint): Generator<Instruction, void> {
  for (let done = 0n; done < count; ) {
    const size = count - done >= 8n ? 8 : 1;
    const access = { kind, address: buffer + done, size, ...(kind === 'write' ? { value } : {}) } as const;
    yield { pc: KERNEL_TEXT, length: 4, accesses: [access] };
    done += BigInt(size);
  }
}
