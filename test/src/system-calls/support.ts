import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { riscv64 } from '@hwbp/arch-riscv64';
import { x86 } from '@hwbp/arch-x86';
import {
  type Architecture,
  composeKernel,
  type Instruction,
  type Kernel,
  type KernelOptions,
  type ProgramFactory,
  program,
  SYSTEM_CALL_ABI,
  type SystemCallHandler,
  syscalls,
  type Task,
} from '@hwbp/core';

/** An architecture, and where a program puts the number and the arguments of a call. */
export interface Calling {
  readonly name: string;
  readonly arch: () => Architecture;
  readonly number: string;
  readonly args: readonly string[];
  /** Address of kernel text. */
  readonly kernelText: bigint;
  /** A page of the kernel's that is not in its direct map. */
  readonly kernelData: bigint;
}

const fields = (text: string): readonly string[] => text.split(' ');

export const X86: Calling = {
  name: 'x86',
  arch: () => x86(),
  number: 'rax',
  args: fields('rdi rsi rdx r10 r8 r9'),
  kernelText: 0xffff_ffff_8100_0000n,
  kernelData: 0xffff_ffff_8101_0000n,
};

/** By the published ABIs. */
export const CALLING: readonly Calling[] = [
  X86,
  {
    name: 'x86 of 32 bits',
    arch: () => x86({ bits: 32 }),
    number: 'eax',
    args: fields('ebx ecx edx esi edi ebp'),
    kernelText: 0xc100_0000n,
    kernelData: 0xc101_0000n,
  },
  {
    name: 'ppc64',
    arch: () => ppc64({ cpu: 'power8' }),
    number: 'r0',
    args: fields('r3 r4 r5 r6 r7 r8'),
    kernelText: 0xc000_0000_0001_0000n,
    kernelData: 0xd000_0000_0000_0000n,
  },
  {
    name: 'arm64',
    arch: () => arm64(),
    number: 'x8',
    args: fields('x0 x1 x2 x3 x4 x5'),
    kernelText: 0xffff_8000_8000_0000n,
    kernelData: 0xffff_8000_8001_0000n,
  },
  {
    name: 'riscv64',
    arch: () => riscv64(),
    number: 'a7',
    args: fields('a0 a1 a2 a3 a4 a5'),
    kernelText: 0xffff_ffff_8000_0000n,
    kernelData: 0xffff_ffff_8001_0000n,
  },
];

export const TEXT = 0x40_0000n;

/** A call as a program makes it. */
export interface MadeCall {
  readonly number: number;
  readonly args?: readonly bigint[];
}

/** The instruction that makes a call: 4 bytes, the `index`th of the text, which loads the registers first. */
export function callInstructions(calling: Calling, { number, args = [] }: MadeCall, index = 0): Instruction[] {
  const pc = TEXT + BigInt(8 * index);
  const registers: Record<string, bigint> = { [calling.number]: BigInt(number) };
  for (const [i, value] of args.entries()) registers[calling.args[i] as string] = value;
  return [
    { pc, length: 4, registers },
    { pc: pc + 4n, length: 4, syscall: true },
  ];
}

/** A kernel whose table is this one, and what its tasks found as results. */
export class CallLab {
  readonly kernel: Kernel;
  readonly results: bigint[] = [];
  readonly #calling: Calling;

  constructor(
    calling: Calling,
    table: Readonly<Record<number, SystemCallHandler>>,
    options: Partial<KernelOptions> = {},
  ) {
    const plugins = [syscalls(table, { name: 'table' }), ...(options.plugins ?? [])];
    this.#calling = calling;
    this.kernel = composeKernel({ arch: calling.arch(), strict: true, ...options, plugins });
  }

  /** Makes calls one behind the other, and notes what each returns. */
  caller(...calls: readonly MadeCall[]): ProgramFactory {
    const { kernel, results } = this;
    const calling = this.#calling;
    const abi = kernel.get(SYSTEM_CALL_ABI);
    return () => {
      let task: Task | undefined;
      const steps = function* () {
        for (const [index, call] of calls.entries()) {
          yield* callInstructions(calling, call, index);
          task ??= kernel.machine.current(kernel.machine.cpu(0));
          if (task !== undefined) results.push(abi.result(task.context));
        }
      };
      return program(steps)();
    };
  }

  /** Spawns such a task, runs the machine until it idles, and returns the task. */
  run(...calls: readonly MadeCall[]): Task {
    const task = this.kernel.machine.spawn(this.caller(...calls));
    this.kernel.machine.run(10_000);
    return task;
  }
}
