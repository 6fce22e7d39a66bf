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

/** What system calls need of whoever made the task. */
export interface SystemCallHost {
  readonly machine: Machine;
  /** Where the kernel's instructions seem to lie. */
  readonly kernelText: bigint;
  /** Its copies to and from user memory count as user mode's accesses. */
  readonly unprivilegedCopies: boolean;
  /** The register that a call leaves its result in. */
  readonly resultRegister: string;
  readonly calls: SystemCalls;
  /** Makes a child that executes the same program. Throws what its birth is refused with. */
  fork(parent: Task, thread: boolean): Task;
  /** Begins a program anew: which one is up to the worker. */
  exec(task: Task, path: bigint): void;
}

/** A system call that is being made. */
export interface Call {
  readonly host: SystemCallHost;
  readonly task: Task;
  readonly args: readonly bigint[];
}

/** The kernel's side of each system call, by name: at once, or access by access; its result, if it leaves one. */
export type SystemCalls = Readonly<Record<string, (call: Call) => number | undefined | Generator<Instruction, number>>>;

/** Descriptors of the recorded tasks. */
export const FD = Object.freeze({ zero: 20n, pipeRead: 21n, pipeWrite: 22n });

const CLONE_THREAD = 0x10000n;
/** What a pipe is full of. */
const PIPE_BYTE = 0x5an;

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

/** A system call of a task as a program in kernel mode. */
export function startCall(host: SystemCallHost, task: Task, name: string, args: readonly bigint[]): Program {
  if (name === 'pause') return new Pause(task);
  const call = Object.hasOwn(host.calls, name) ? host.calls[name] : undefined;
  return program(function* () {
    const made = call === undefined ? -ERRNO.ENOSYS : call({ host, task, args });
    const result = typeof made === 'object' ? yield* made : made;
    if (result !== undefined) task.context.set(host.resultRegister, BigInt(result));
  })();
}

/** An access that the kernel makes for a task. `value`: what it stores; without, it loads. */
export function kernelAccess(
  { kernelText, unprivilegedCopies: unprivileged }: SystemCallHost,
  address: bigint,
  size: number,
  value?: bigint,
): Instruction {
  const access = value === undefined ? ({ kind: 'read' } as const) : ({ kind: 'write', value } as const);
  return {
    pc: kernelText,
    length: 4,
    accesses: [{ ...access, address, size, ...(unprivileged ? { unprivileged } : {}) }],
  };
}

/** How many of `length` bytes at an address the kernel could copy before it faults. */
function reachable({ host, task }: Call, address: bigint, length: number, write: boolean): number {
  // access_ok: a range that leaves user space is refused before anything is copied.
  if (address + BigInt(length) > host.machine.layout.taskSize) return 0;
  const fault = task.memory.firstFault(address, length, write);
  return fault === undefined ? length : Number(fault - address);
}

/** getresuid: three stores of 4 bytes, until one faults. */
function* storeIds(call: Call): Generator<Instruction, number> {
  for (const pointer of call.args.slice(0, 3)) {
    if (reachable(call, pointer, 4, true) < 4) return -ERRNO.EFAULT;
    yield kernelAccess(call.host, pointer, 4, 0n);
  }
  return 0;
}

/** read and write: a copy byte by byte. /dev/zero answers what it could copy; a pipe's copy fails as a whole. */
function* copy(call: Call, stores: boolean): Generator<Instruction, number> {
  const [descriptor, address = 0n, size = 0n] = call.args;
  const length = Number(size);
  const zero = stores && descriptor === FD.zero;
  const count = reachable(call, address, length, stores);
  const value = stores ? (zero ? 0n : PIPE_BYTE) : undefined;
  for (let i = 0; i < count; i++) yield kernelAccess(call.host, address + BigInt(i), 1, value);
  return count === length || (zero && count > 0) ? count : -ERRNO.EFAULT;
}

function fork({ host, task }: Call, thread: boolean): number {
  try {
    const child = host.fork(task, thread);
    child.context.set(host.resultRegister, 0n);
    return child.pid;
  } catch (error) {
    // What the child would have inherited was refused.
    if (error instanceof KernelError) return -error.errnum;
    throw error;
  }
}

const exitStatus = ({ args: [status = 0n] }: Call) => ({ code: Number(status & 0xffn) });

/** The system calls that recorded tasks make on more than one architecture. */
export const SYSTEM_CALLS: SystemCalls = {
  getresuid: storeIds,
  read: (call) => copy(call, true),
  write: (call) => copy(call, false),
  fork: (call) => fork(call, false),
  clone: (call) => fork(call, ((call.args[0] ?? 0n) & CLONE_THREAD) !== 0n),
  execve: ({ host, task, args: [path = 0n] }) => void host.exec(task, path),
  exit: (call) => void call.host.machine.exit(call.task, exitStatus(call)),
  exit_group: (call) => void call.host.machine.exitGroup(call.task, exitStatus(call)),
};
