import { composeKernel, type Instruction, type Kernel, type KernelOptions, program, type Task } from '@hwbp/core';
import {
  type CallName,
  type CallNumbers,
  type LinuxSystemCallsOptions,
  linuxSystemCalls,
  NUMBERS,
} from '@hwbp/syscalls';
import { CALLING, type Calling, callInstructions } from './support.js';

/** Numbers of the calls, as each architecture has them. */
export const numbersOf = ({ name }: Calling): CallNumbers =>
  ({
    x86: NUMBERS.x86_64,
    'x86 of 32 bits': NUMBERS.i386,
    ppc64: NUMBERS.ppc64,
    arm64: NUMBERS.arm64,
    riscv64: NUMBERS.riscv64,
  })[name] ?? {};

/** Where a test's data are. */
export const DATA = 0x60_0000n;

/** A program's view of its calls: what each returns. */
export type Caller = Generator<readonly [CallName, ...bigint[]] | Instruction, void, bigint>;

/** A kernel with the usual calls, and tasks that make them. */
export class LinuxLab {
  readonly kernel: Kernel;
  readonly calling: Calling;
  readonly #numbers: CallNumbers;
  #index = 0;

  constructor(
    calling: Calling = CALLING[0] as Calling,
    options: Omit<LinuxSystemCallsOptions, 'numbers'> = {},
    more: Partial<KernelOptions> = {},
  ) {
    this.calling = calling;
    this.#numbers = numbersOf(calling);
    const plugins = [linuxSystemCalls({ numbers: this.#numbers, ...options }), ...(more.plugins ?? [])];
    this.kernel = composeKernel({ arch: calling.arch(), strict: true, ...more, plugins });
  }

  /** What such a task executes. */
  program(steps: (task: () => Task) => Caller) {
    return () => {
      let task: Task | undefined;
      const { kernel, calling } = this;
      const numbers = this.#numbers;
      const next = (): number => this.#index++;
      const result = (): bigint => {
        const { context } = task as Task;
        const register = { x86: 'rax', 'x86 of 32 bits': 'eax', ppc64: 'r3', arm64: 'x0' }[calling.name] ?? 'a0';
        const wide = !calling.name.includes('32');
        const value = BigInt.asIntN(wide ? 64 : 32, context.get(register));
        return calling.name === 'ppc64' && (context.get('ccr') & 0x1000_0000n) !== 0n ? -value : value;
      };
      const current = (): Task => {
        task ??= kernel.machine.cpus
          .map((cpu) => kernel.machine.current(cpu))
          .find((one) => one?.stack.some(({ program: p }) => p === made));
        return task as Task;
      };
      const made = program(function* () {
        const inner = steps(current);
        let step = inner.next(0n);
        while (step.done !== true) {
          if ('pc' in step.value) {
            yield step.value;
            step = inner.next(0n);
            continue;
          }
          const [name, ...args] = step.value;
          yield* callInstructions(calling, { number: numbers[name] ?? -1, args }, next());
          current();
          step = inner.next(result());
        }
      })();
      return made;
    };
  }

  spawn(steps: (task: () => Task) => Caller, options: Parameters<Kernel['machine']['spawn']>[1] = {}): Task {
    return this.kernel.machine.spawn(this.program(steps), options);
  }

  run(): ReturnType<Kernel['machine']['run']> {
    return this.kernel.machine.run(100_000);
  }

  /** Text with its zero at an address of a task. */
  put(task: Task, address: bigint, text: string): void {
    task.memory.write(address, Uint8Array.from([...text, '\0'].map((letter) => letter.charCodeAt(0))));
  }
}
