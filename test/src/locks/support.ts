import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  type Instruction,
  type Kernel,
  type KernelOptions,
  type Loaded,
  program,
  type Task,
} from '@hwbp/core';
import { LOCKS, LockReport, type Locks, lockSymbols, locks, type Steps } from '@hwbp/locks';

/** The kernel's data: words of locks from here on, 16 bytes apart. */
export const DATA = 0xffff_ffff_8200_0000n;
export const COUNTER = DATA + 0x800n;
/** The text of the tests' own kernel threads. */
export const CODE = 0xffff_ffff_8100_0000n;

/** A kernel with locks and their report. */
export function labOf(options: Partial<KernelOptions> = {}): {
  kernel: Kernel;
  locks: Locks;
  report: LockReport;
  thread: (comm: string, body: () => Iterator<Instruction, void, Loaded>, cpu?: number) => Task;
  address: () => bigint;
} {
  const symbols = [
    ...lockSymbols(),
    { name: 'first', address: CODE, size: 0x100 },
    { name: 'second', address: CODE + 0x100n, size: 0x100 },
    { name: 'counter', address: COUNTER, size: 8 },
  ];
  const { plugins = [], ...rest } = options;
  const kernel = composeKernel({
    arch: x86(),
    cpus: 2,
    quantum: 3,
    symbols,
    plugins: [locks(), LockReport, ...plugins],
    ...rest,
  });
  let next = DATA;
  return {
    kernel,
    locks: kernel.get(LOCKS),
    report: kernel.get(LockReport),
    thread: (comm, body, cpu) => {
      const affinity = cpu === undefined ? {} : { affinity: [cpu] };
      return kernel.machine.spawn(program(body), { comm, mode: 'kernel', ...affinity });
    },
    address: () => {
      next += 16n;
      return next;
    },
  };
}

/** An instruction of a test's own. */
export function at(offset: number, more: Partial<Instruction> = {}): Instruction {
  return { pc: CODE + BigInt(offset), length: 4, ...more };
}

/** Adds one to the counter in two instructions, in which somebody else may come between. */
export function* increment(offset = 0x20): Steps {
  const [old = 0n] = yield at(offset, { accesses: [{ kind: 'read', address: COUNTER, size: 8 }] });
  yield at(offset + 4, { accesses: [{ kind: 'write', address: COUNTER, size: 8, value: old + 1n }] });
}

export function counterOf({ machine }: Kernel): number {
  return Number(machine.kernelMemory.readInteger(COUNTER, 8));
}
