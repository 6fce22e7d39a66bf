import {
  type Access,
  type Instruction,
  type InstructionSource,
  type Kernel,
  KernelError,
  program,
  SI_CODES,
  type Task,
} from '@hwbp/core';
import { Ptrace, type TraceOptions, type Tracer } from '@hwbp/ptrace';

/** Data of the tasks, at the beginning of a block of 512 bytes. */
export const A = 0x2000_0400n;
/** Where the instructions of each run begin. */
const TEXT = 0x1000_0000n;
const KERNEL_TEXT = 0xffff_c000_0001_0000n;

/** An instruction of which the support decides where it lies. */
export type Code = Omit<Partial<Instruction>, 'pc' | 'length' | 'next'>;

const access = (kind: Access['kind'], address: bigint, size: number): Code => ({
  accesses: [kind === 'read' ? { kind, address, size } : { kind, address, size, value: 0x2an }],
});
export const load = (address: bigint, size = 1): Code => access('read', address, size);
export const store = (address: bigint, size = 1): Code => access('write', address, size);

/** A system call of which the kernel's side makes these accesses, an instruction each. */
export function systemCall(...accesses: readonly Access[]): Code {
  return { syscall: program(accesses.map((one) => ({ pc: KERNEL_TEXT, length: 4, accesses: [one] }))) };
}

/** A system call that does something to the kernel. */
export function kernelCall(action: () => void): Code {
  return {
    // biome-ignore lint/correctness/useYield: it executes no instruction of its own
    syscall: program(function* () {
      action();
    }),
  };
}

/** Instructions as they come; traps whenever there are none. */
function* execute(queue: Code[]): InstructionSource {
  for (let pc = TEXT; ; ) {
    const code = queue.shift();
    yield { pc, length: 4, ...(code ?? { trap: 'breakpoint' }) };
    pc = code === undefined ? TEXT : pc + 4n;
  }
}

/**
 * A stop on the way: its code, the program counter from {@link TEXT}, si_addr from {@link A}, and what is stored there.
 */
export type Stop = readonly [code: string, at: number, address: number];

const CODES: Readonly<Record<number, string>> = { 1: 'trap', 2: 'step', 4: 'hwbkpt', 0: 'user' };

/** What a debuggee is made of. */
export interface DebuggeeParts {
  readonly kernel: Kernel;
  readonly tracer: Tracer;
  readonly task: Task;
  readonly queue: Code[];
  readonly counter: string;
}

/** A debugger and its debuggee, stopped at a trap. */
export class Debuggee {
  readonly kernel: Kernel;
  readonly tracer: Tracer;
  readonly task: Task;
  readonly #queue: Code[];
  readonly #counter: string;

  /** `counter`: ptrace's name of the program counter. */
  constructor({ kernel, tracer, task, queue, counter }: DebuggeeParts) {
    this.kernel = kernel;
    this.tracer = tracer;
    this.task = task;
    this.#queue = queue;
    this.#counter = counter;
  }

  /** Executes these instructions; every stop on the way, resumed without its signal. */
  run(...codes: readonly Code[]): Stop[] {
    return this.#drive(codes, () => this.tracer.cont(this.task));
  }

  /** The same with PTRACE_SINGLESTEP. */
  step(...codes: readonly Code[]): Stop[] {
    return this.#drive(codes, () => this.tracer.singleStep(this.task));
  }

  /** Queues without running. */
  queue(...codes: readonly Code[]): void {
    this.#queue.push(...codes);
  }

  /** A child, traced from birth and stopped at its trap. */
  fork(): this {
    const queue: Code[] = [];
    let child: Task | undefined;
    this.run(
      kernelCall(
        () =>
          (child = this.kernel.machine.fork(
            this.task,
            program(() => execute(queue)),
          )),
      ),
    );
    if (child === undefined) throw new Error('no child');
    this.tracer.wait(child);
    this.tracer.cont(child);
    this.tracer.wait(child);
    const { kernel, tracer } = this;
    return new (this.constructor as new (parts: DebuggeeParts) => this)({
      kernel,
      tracer,
      task: child,
      queue,
      counter: this.#counter,
    });
  }

  exec(): void {
    this.run(
      kernelCall(() =>
        this.kernel.machine.exec(
          this.task,
          program(() => execute(this.#queue)),
        ),
      ),
    );
  }

  #drive(codes: readonly Code[], resume: () => void): Stop[] {
    this.#queue.push(...codes);
    const stops: Stop[] = [];
    while (stops.length < 50) {
      resume();
      const status = this.tracer.wait(this.task);
      if (status === undefined) throw new Error('the debuggee neither stopped nor ended');
      if (status.kind === 'killed') return [...stops, [status.signal, 0, 0]];
      if (status.kind === 'exited') return [...stops, ['exited', 0, 0]];
      // A child has ended at some point.
      if (status.kind !== 'signal' || status.info.si_signo === 'SIGCHLD') continue;
      if (status.info.si_code === SI_CODES.TRAP_BRKPT) return stops;
      const address = status.info.si_addr === undefined ? 0 : Number(status.info.si_addr - A);
      const at = Number((this.tracer.getRegs(this.task)[this.#counter] ?? 0n) - TEXT);
      stops.push([CODES[status.info.si_code] ?? String(status.info.si_code), at, address]);
    }
    throw new Error('the debuggee does not get on');
  }
}

/** The parts of a debuggee in a kernel with ptrace, stopped at its trap. */
export function debuggeeIn(kernel: Kernel, counter: string, trace: TraceOptions = { traceFork: true }): DebuggeeParts {
  const queue: Code[] = [];
  const tracer = kernel.get(Ptrace).tracer('debugger');
  const task = kernel.machine.spawn(
    program(() => execute(queue)),
    { comm: 'debuggee' },
  );
  tracer.traceMe(task, trace);
  tracer.wait(task);
  return { kernel, tracer, task, queue, counter };
}

/** The errno of a refusal; 'ok' if there is none. */
export function errnoOf(action: () => unknown): string {
  try {
    action();
    return 'ok';
  } catch (error) {
    if (error instanceof KernelError) return error.errno;
    throw error;
  }
}
