import { type X86Features, x86 } from '@hwbp/arch-x86';
import {
  type Access,
  composeKernel,
  type Instruction,
  type InstructionSource,
  type Kernel,
  KernelError,
  type KernelOptions,
  program,
  SI_CODES,
  type SignalName,
  type Task,
} from '@hwbp/core';
import { Ptrace, type TraceOptions, type Tracer, type WaitStatus } from '@hwbp/ptrace';
import type { ExecutionContext } from 'ava';
import { schedulerUnderTest } from './schedulers.js';

/** An aligned variable of the debuggee. */
export const A = 0x1000_0010n;
/** Where the instructions of each run begin. */
export const TEXT = 0x40_0000n;
/** First address above user space. */
export const TASK_SIZE = 0x7fff_ffff_f000n;
/** DR6 as it reads in a task that was never debugged. */
export const DR6 = 0xffff_0ff0n;
/** DR6.BS: a single step. */
export const BS = 0x4000n;
/** Where the kernel's instructions lie. */
const KERNEL_TEXT = 0xffff_ffff_8100_0000n;

/** An instruction of which the support decides where it lies. 4 bytes unless it says so. */
export interface Code extends Omit<Partial<Instruction>, 'pc' | 'next'> {
  /** Goes there instead of to the next one of the list. */
  readonly jump?: bigint;
}

export const nop: Code = {};
export const icebp: Code = { length: 1, trap: 'debug' };

function access(kind: Access['kind'], address: bigint, size: number): Code {
  return { accesses: [{ kind, address, size }] };
}

export const load = (address: bigint, size = 1): Code => access('read', address, size);
export const store = (address: bigint, size = 1): Code => access('write', address, size);
/** A read-modify-write. */
export const modify = (address: bigint, size = 1): Code => access('readwrite', address, size);

/** A system call of which the kernel's side makes these accesses, an instruction each. */
export function systemCall(...accesses: readonly Access[]): Code {
  const kernel = (): Instruction[] => accesses.map((one) => ({ pc: KERNEL_TEXT, length: 4, accesses: [one] }));
  return { length: 2, syscall: program(kernel()) };
}

/** A system call that does something to the kernel. */
export function kernelCall(action: () => void): Code {
  return {
    length: 2,
    // biome-ignore lint/correctness/useYield: it executes no instruction of its own
    syscall: program(function* () {
      action();
    }),
  };
}

/** The accesses of a kernel that copies to user memory, byte by byte. */
export function copyOut(address: bigint, length: number): Access[] {
  return Array.from({ length }, (_, i) => ({ kind: 'write', address: address + BigInt(i), size: 1 }));
}

/** REP STOSB: an iteration for each byte. */
export function repStos(address: bigint, count: number): Code[] {
  return Array.from({ length: count }, (_, i) => ({
    ...store(address + BigInt(i)),
    length: 2,
    repeat: i < count - 1,
  }));
}

/** Instructions as they come; INT3 whenever there are none. */
function* execute(queue: Code[]): InstructionSource {
  let pc = TEXT;
  for (;;) {
    const code = queue.shift();
    if (code === undefined) {
      yield { pc, length: 1, trap: 'breakpoint' };
      pc = TEXT;
      continue;
    }
    const { length = 4, jump, ...rest } = code;
    const next = jump ?? (code.repeat === true ? pc : undefined);
    yield { pc, length, ...rest, ...(next === undefined ? {} : { next }) };
    pc = next ?? pc + BigInt(length);
  }
}

/** A program that executes what is in a queue, and INT3 when it is empty. */
export const queueProgram = (queue: Code[]) => program(() => execute(queue));

const CODE_NAMES: Readonly<Record<number, string>> = {
  [SI_CODES.TRAP_BRKPT]: 'TRAP_BRKPT',
  [SI_CODES.TRAP_TRACE]: 'TRAP_TRACE',
  [SI_CODES.TRAP_HWBKPT]: 'TRAP_HWBKPT',
  [SI_CODES.SI_KERNEL]: 'SI_KERNEL',
  [SI_CODES.SI_USER]: 'SI_USER',
};

/** A stop for SIGTRAP, or how it ended, as tests compare it. */
export interface Stop {
  /** Name of the si_code; of another signal, its name. */
  readonly code: string;
  /** The program counter, as an offset from {@link TEXT}. */
  readonly at: number;
  /** si_addr likewise, if there is one. */
  readonly addr?: number;
  /** What DR6 has beyond its initial value. */
  readonly dr6: number;
  readonly rf: boolean;
}

/** The stop that a debug exception gives: si_addr is the program counter. */
export function stop(code: string, at: number, dr6: number, rf = false): Stop {
  return { code, at, addr: at, dr6, rf };
}

/** A stop for data watches. */
export const hit = (at: number, bits: number): Stop => stop('TRAP_HWBKPT', at, bits);
/** A stop before an instruction with execute breakpoints. */
export const execHit = (at: number, bits: number): Stop => stop('TRAP_HWBKPT', at, bits, true);
/** A stop of a single step. */
export const stepped = (at: number, bits = 0): Stop => stop('TRAP_TRACE', at, bits | Number(BS));

/** A debugger and its debuggee, which is stopped. */
export class Debuggee {
  readonly kernel: Kernel;
  readonly tracer: Tracer;
  readonly task: Task;
  readonly #queue: Code[];

  constructor(kernel: Kernel, tracer: Tracer, task: Task, queue: Code[]) {
    this.kernel = kernel;
    this.tracer = tracer;
    this.task = task;
    this.#queue = queue;
  }

  /** PTRACE_POKEUSER of a debug register. */
  poke(register: number, value: bigint): void {
    this.tracer.pokeUser(this.task, this.tracer.debugOffset(register), value);
  }

  /** The same; the errno if it is refused, 'ok' otherwise. */
  tryPoke(register: number, value: bigint): string {
    return errnoOf(() => this.poke(register, value));
  }

  peek(register: number): bigint {
    return this.tracer.peekUser(this.task, this.tracer.debugOffset(register));
  }

  /** DR0-3, DR6 and DR7. */
  get registers(): bigint[] {
    return [0, 1, 2, 3, 6, 7].map((register) => this.peek(register));
  }

  /** Breakpoints that are registered for it. */
  get slots(): number {
    return this.kernel.breakpoints.registered.filter(({ task }) => task === this.task).length;
  }

  /** Queues instructions without letting it run. */
  queue(...codes: readonly Code[]): void {
    this.#queue.push(...codes);
  }

  /** A system call with which it makes a child, or a thread, that executes INT3s. */
  forkCall(thread: boolean, made: (child: Debuggee) => void): Code {
    return kernelCall(() => {
      const queue: Code[] = [];
      const child = this.kernel.machine.fork(this.task, queueProgram(queue), { thread });
      made(new Debuggee(this.kernel, this.tracer, child, queue));
    });
  }

  /** Makes a child that it traces from birth (it must have been asked to), stopped at its first INT3. */
  bear(thread = false): Debuggee {
    let child: Debuggee | undefined;
    const stops = this.run(this.forkCall(thread, (made) => (child = made)));
    if (child === undefined || !stops[0]?.code.startsWith('event')) throw new Error('no child, or not a traced one');
    this.tracer.wait(child.task);
    this.tracer.cont(child.task);
    this.tracer.wait(child.task);
    return child;
  }

  /** A system call with which it starts afresh; it goes on with what is queued behind. */
  execCall(): Code {
    return kernelCall(() => this.kernel.machine.exec(this.task, queueProgram(this.#queue)));
  }

  /** Executes these instructions; every stop on the way, resumed without its signal. */
  run(...codes: readonly Code[]): Stop[] {
    return this.#drive(codes, () => this.tracer.cont(this.task));
  }

  /** The same with PTRACE_SINGLESTEP. */
  step(...codes: readonly Code[]): Stop[] {
    return this.#drive(codes, () => this.tracer.singleStep(this.task));
  }

  /** Waits for the next stop or end, as tests compare it. */
  wait(): Stop | undefined {
    const status = this.tracer.wait(this.task);
    return status === undefined ? undefined : this.describe(status);
  }

  describe(status: WaitStatus): Stop {
    const { task, tracer } = this;
    const none = { at: 0, dr6: 0, rf: false };
    if (status.kind === 'exited') return { code: `exited ${status.code}`, ...none };
    if (status.kind === 'killed') return { code: `killed by ${status.signal}`, ...none };
    const at = Number(task.context.pc - TEXT);
    const dr6 = Number(this.peek(6) ^ DR6);
    const rf = ((tracer.getRegs(task).eflags ?? 0n) & 0x10000n) !== 0n;
    if (status.kind === 'event') return { code: `event ${status.event}`, at, dr6, rf };
    const { si_signo, si_code, si_addr } = status.info;
    const code = si_signo === 'SIGTRAP' ? (CODE_NAMES[si_code] ?? String(si_code)) : si_signo;
    return { code, at, ...(si_addr === undefined ? {} : { addr: Number(si_addr - TEXT) }), dr6, rf };
  }

  #drive(codes: readonly Code[], resume: () => void): Stop[] {
    this.#queue.push(...codes);
    const stops: Stop[] = [];
    for (;;) {
      resume();
      const status = this.tracer.wait(this.task);
      if (status === undefined) throw new Error('the debuggee neither stopped nor ended');
      // A child has ended at some point.
      if (status.kind === 'signal' && status.info.si_signo === 'SIGCHLD') continue;
      const end = status.kind === 'exited' || status.kind === 'killed';
      if (!end && status.kind === 'signal' && status.info.si_code === SI_CODES.SI_KERNEL) return stops;
      stops.push(this.describe(status));
      if (end) return stops;
      if (stops.length > 200) throw new Error('the debuggee does not get on');
    }
  }
}

export interface DebugOptions extends Partial<KernelOptions> {
  readonly features?: X86Features;
  readonly trace?: TraceOptions;
}

/** An x86 kernel with ptrace, and nothing else; with the scheduler of the test that is running. */
export function ptraceKernel({ features = {}, trace: _trace, ...options }: DebugOptions = {}): Kernel {
  return composeKernel({ arch: x86(features), plugins: [Ptrace], ...schedulerUnderTest(), ...options });
}

let names = 0;

/** A debuggee of its own debugger, stopped at an INT3, in this kernel. */
export function debuggeeIn(kernel: Kernel, trace: TraceOptions = {}, tracer?: Tracer): Debuggee {
  const queue: Code[] = [];
  const debuggerOfIt = tracer ?? kernel.get(Ptrace).tracer(`debugger ${++names}`);
  const task = kernel.machine.spawn(queueProgram(queue), { comm: 'debuggee' });
  debuggerOfIt.traceMe(task, trace);
  debuggerOfIt.wait(task);
  return new Debuggee(kernel, debuggerOfIt, task, queue);
}

/** A debuggee in a kernel of its own. With Linux's quirks, unless `strict` is said. */
export function debuggee(options: DebugOptions = {}): Debuggee {
  return debuggeeIn(ptraceKernel(options), options.trace);
}

/** DR7's bits of one register. `enable`: 1 local, 2 global, 3 both. */
export function dr7(register: number, type: 'x' | 'w' | 'io' | 'rw', length: 1 | 2 | 4 | 8 = 1, enable = 1): bigint {
  const field = { x: 0, w: 1, io: 2, rw: 3 }[type] | ({ 1: 0, 2: 1, 4: 3, 8: 2 }[length] << 2);
  return (BigInt(field) << BigInt(16 + 4 * register)) | (BigInt(enable) << BigInt(2 * register));
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

/** The KernelError that `action` throws. */
export function refusal(t: ExecutionContext, action: () => unknown): KernelError {
  const error = t.throws(action, { instanceOf: KernelError });
  if (error === undefined) throw new Error('nothing was refused');
  return error;
}

/** The signal that a task was ended by. */
export function killedBy(task: Task): SignalName | undefined {
  return task.exit !== undefined && 'signal' in task.exit ? task.exit.signal : undefined;
}
