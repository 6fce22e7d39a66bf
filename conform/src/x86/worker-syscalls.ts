import {
  ERRNO,
  type Instruction,
  KernelError,
  type Machine,
  type Program,
  type ProgramState,
  program,
  type Task,
} from '@hwbp/core';

/** x86-64 numbers of the system calls that recorded tasks make. */
export const NR = Object.freeze({
  read: 0,
  write: 1,
  pause: 34,
  clone: 56,
  fork: 57,
  execve: 59,
  exit: 60,
  getresuid: 118,
  exit_group: 231,
});

/** Descriptors of the recorded tasks. */
export const FD = Object.freeze({ zero: 20, pipeRead: 21, pipeWrite: 22 });

const CLONE_THREAD = 0x10000n;
/** Where the kernel's instructions seem to lie. */
const KERNEL_TEXT = 0xffff_ffff_8100_0000n;

/** What the system calls need of the player. */
export interface SyscallHost {
  readonly machine: Machine;
  /** A program for a task that is born here. */
  createProgram(): Program;
  /** Replaces the program of a task. */
  exec(task: Task): void;
}

/** Sleeps until a signal is pending. */
class Pause implements Program {
  readonly #task: Task;

  constructor(task: Task) {
    this.#task = task;
  }

  get state(): ProgramState {
    return this.#task.pending.length > 0 ? 'done' : 'starved';
  }

  run(): number {
    return 0;
  }
}

function access(kind: 'read' | 'write', address: bigint, size: number, value?: bigint): Instruction {
  return { pc: KERNEL_TEXT, length: 4, accesses: [{ kind, address, size, ...(value === undefined ? {} : { value }) }] };
}

/** How many of `length` bytes at an address the kernel could copy before it faults. */
function reachable(machine: Machine, task: Task, address: bigint, length: number, write: boolean): number {
  // access_ok: a range that leaves user space is refused before anything is copied.
  if (address + BigInt(length) > machine.layout.taskSize) return 0;
  const fault = task.memory.firstFault(address, length, write);
  return fault === undefined ? length : Number(fault - address);
}

/** The kernel's side of a system call: a program in kernel mode that leaves its result in rax. */
export function systemCall(host: SyscallHost, task: Task): Program {
  const { context } = task;
  const number = Number(context.get('rax'));
  if (number === NR.pause) return new Pause(task);
  const [a0, a1, a2] = [context.get('rdi'), context.get('rsi'), context.get('rdx')];
  const finish = (result: number): void => context.set('rax', BigInt(result));
  return program(function* () {
    if (number === NR.getresuid) finish(yield* storeIds(host.machine, task, [a0, a1, a2]));
    else if (number === NR.read)
      finish(yield* copy(host.machine, task, 'write', a1, Number(a2), Number(a0) === FD.zero));
    else if (number === NR.write) finish(yield* copy(host.machine, task, 'read', a1, Number(a2), false));
    else if (number === NR.fork || number === NR.clone)
      finish(born(host, task, number === NR.clone && (a0 & CLONE_THREAD) !== 0n));
    else if (number === NR.execve) host.exec(task);
    else if (number === NR.exit) host.machine.exit(task, { code: Number(a0 & 0xffn) });
    else if (number === NR.exit_group) host.machine.exitGroup(task, { code: Number(a0 & 0xffn) });
    else finish(-ERRNO.ENOSYS);
  });
}

/** getresuid: three stores of 4 bytes, until one faults. */
function* storeIds(machine: Machine, task: Task, pointers: readonly bigint[]): Generator<Instruction, number> {
  for (const pointer of pointers) {
    if (reachable(machine, task, pointer, 4, true) < 4) return -ERRNO.EFAULT;
    yield access('write', pointer, 4, 0n);
  }
  return 0;
}

/** A copy byte by byte. /dev/zero answers what it could copy; a pipe's copy fails as a whole. */
function* copy(
  machine: Machine,
  task: Task,
  kind: 'read' | 'write',
  address: bigint,
  length: number,
  partial: boolean,
): Generator<Instruction, number> {
  const count = reachable(machine, task, address, length, kind === 'write');
  const value = kind === 'write' ? (partial ? 0n : 0x5an) : undefined;
  for (let i = 0; i < count; i++) yield access(kind, address + BigInt(i), 1, value);
  return count === length || (partial && count > 0) ? count : -ERRNO.EFAULT;
}

function born({ machine, createProgram }: SyscallHost, task: Task, thread: boolean): number {
  try {
    const child = machine.fork(task, createProgram(), { thread });
    child.context.set('rax', 0n);
    return child.pid;
  } catch (error) {
    // What the child would have inherited was refused.
    if (error instanceof KernelError) return -error.errnum;
    throw error;
  }
}
