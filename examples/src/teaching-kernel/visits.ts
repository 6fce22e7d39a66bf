import {
  type Assembly,
  type Instruction,
  type Kernel,
  type KernelSymbol,
  type Loaded,
  program,
  type SystemCallHandler,
} from '@hwbp/core';
import { TIMER_EXPIRED, TIMER_REGISTERS } from '@hwbp/devices';
import { LOCKS } from '@hwbp/locks';
import type { Options } from './options.js';

/** The number of the kernel's own system call, which Linux has none of. */
export const VISIT = 5000;
export const TIMER_LINE = 0;
const EFAULT = -14;

const SYS_VISIT = 0xffff_ffff_8110_0000n;
const CLOCK_INTERRUPT = 0xffff_ffff_8110_0100n;
const LENGTH = 4n;
export const VISIT_SYMBOLS: readonly KernelSymbol[] = [
  { name: 'sys_visit', address: SYS_VISIT, size: 0x80, type: 'function' },
  { name: 'clock_interrupt', address: CLOCK_INTERRUPT, size: 0x80, type: 'function' },
];

type Steps<T = void> = Generator<Instruction, T, Loaded>;

function* load(pc: bigint, address: bigint, size = 8): Steps<bigint> {
  const [value = 0n] = yield { pc, length: 4, accesses: [{ kind: 'read', address, size }] };
  return value;
}

function* store(pc: bigint, address: bigint, value: bigint, size = 8): Steps {
  yield { pc, length: 4, accesses: [{ kind: 'write', address, size, value }] };
}

/** The kernel's counter, and the two who add to it: a system call, and the timer's interrupt. */
export class Visits {
  readonly #kernel: Kernel;
  readonly #text: Assembly;
  readonly #lock;
  readonly #guard: Options['lock'];

  constructor(kernel: Kernel, text: Assembly, guard: Options['lock']) {
    this.#kernel = kernel;
    this.#text = text;
    this.#guard = guard;
    this.#lock = kernel.get(LOCKS).spinlock({ name: 'visits_lock' });
    kernel.machine.interrupts.handle(TIMER_LINE, { name: 'clock', program: program(() => this.#clock()) });
  }

  read(name: 'visits' | 'calls' | 'ticks' | 'timer'): bigint {
    return this.#kernel.machine.kernelMemory.readInteger(this.#text.resolve(name), 8);
  }

  /** visit(numbers): counts a visit, and stores how many there were before and behind it. */
  *visit(numbers: bigint): Steps<number> {
    const { taskSize } = this.#kernel.machine.layout;
    if (numbers + 16n > taskSize) return EFAULT;
    const before = yield* load(SYS_VISIT, this.#text.resolve('visits'));
    yield* store(SYS_VISIT + LENGTH, numbers, before);
    const now = yield* this.#count(SYS_VISIT + 2n * LENGTH, 'calls');
    yield* store(SYS_VISIT + 8n * LENGTH, numbers + 8n, now);
    return 0;
  }

  /** The timer's interrupt is a visit, too. */
  *#clock(): Steps {
    const status = this.read('timer') + BigInt(TIMER_REGISTERS.STATUS);
    if ((yield* load(CLOCK_INTERRUPT, status, 4)) !== BigInt(TIMER_EXPIRED)) return;
    yield* store(CLOCK_INTERRUPT + LENGTH, status, 1n, 4);
    yield* this.#count(CLOCK_INTERRUPT + 2n * LENGTH, 'ticks');
  }

  /** `visits++` as a compiler makes it, and by an atomic addition how often that was done. */
  *#count(pc: bigint, by: 'calls' | 'ticks'): Steps<bigint> {
    const visits = this.#text.resolve('visits');
    const [take, give, add] = [pc, pc + 4n * LENGTH, pc + 5n * LENGTH];
    const irqs = this.#guard === 'irqsave' ? yield* this.#lock.lockIrqsave({ at: take }) : 0n;
    if (this.#guard === 'plain') yield* this.#lock.lock({ at: take });
    const old = yield* load(pc + LENGTH, visits);
    yield { pc: pc + 2n * LENGTH, length: 4 }; // add 1
    yield* store(pc + 3n * LENGTH, visits, old + 1n);
    if (this.#guard === 'plain') yield* this.#lock.unlock({ at: give });
    if (this.#guard === 'irqsave') yield* this.#lock.unlockIrqrestore(irqs, { at: give });
    const value = (many: bigint): bigint => many + 1n;
    yield { pc: add, length: 4, accesses: [{ kind: 'readwrite', address: this.#text.resolve(by), size: 8, value }] };
    return old + 1n;
  }
}

/** The handler of the system call; `visits`: of the kernel that it is made in. */
export function visitCall(visits: () => Visits): SystemCallHandler {
  return function visit({ args: [numbers = 0n] }) {
    return visits().visit(numbers);
  };
}
