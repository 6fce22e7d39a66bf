import {
  ADDRESS,
  type Cpu,
  checkOptions,
  type Instruction,
  type Loaded,
  requireKind,
  TEXT,
  wholeNumber,
} from '@hwbp/core';
import type { LockHost } from './lock-host.js';
import { type LockFacts, type LockManner, type LockMode, type LockUse, type LockUser, userOn } from './lock-use.js';
import { LENGTH, type RoutineName } from './routine-text.js';

/** A part of a program, for `yield*`: its instructions, and what it returns. */
export type Steps<T = void> = Generator<Instruction, T, Loaded>;

/** How a lock is made. */
export interface LockOptions {
  /** Unique in a kernel; where it has a symbol of that name, that is where it lies. */
  readonly name: string;
  /** Where its words begin, in the kernel's memory. */
  readonly address?: bigint;
  /** Locks of one class are of one place in the order of locks, such as those of all inodes. Default: its name. */
  readonly class?: string;
}

/** How a routine of a lock is called. */
export interface LockCall {
  /** The address of the caller's call instruction, which is executed then, and a return; reports name it. */
  readonly at?: bigint;
  /** Tells uses of one class apart, from 1 on, such as a parent's lock and its child's (Linux: nested annotations). */
  readonly subclass?: number;
}

/** What an instruction does in memory, and what is done as it retires. */
export interface Step extends Partial<Instruction> {
  readonly retired?: (cpu: Cpu) => void;
}

const hasNotEnded = ({ task }: LockUser): boolean => task?.alive !== false;

const CALL = { at: ADDRESS, subclass: wholeNumber(1, 7) };

/** What locks of all kinds have: words in memory, routines of their kind, and who uses them. */
export abstract class Lock implements LockFacts {
  readonly name: string;
  readonly lockClass: string;
  readonly address: bigint;
  /** Bytes of its words. */
  readonly size: number;
  /** True for one whose users sleep while they wait. */
  abstract readonly sleeps: boolean;
  /** True for one that nobody owns: whoever likes may give it back. */
  readonly ownerless: boolean = false;
  /** First come first served: nobody gets it before all who came earlier have had it. */
  readonly inOrder: boolean = false;
  protected readonly host: LockHost;
  readonly #wanted = new Set<LockUse>();
  readonly #held = new Set<LockUse>();

  constructor(host: LockHost, options: LockOptions, size: number) {
    checkOptions('a lock', options, { name: TEXT, address: ADDRESS, class: TEXT });
    requireKind('name', options.name, TEXT);
    this.host = host;
    this.name = options.name;
    this.lockClass = options.class ?? options.name;
    this.size = size;
    this.address = host.place(options.name, size, options.address);
    host.add(this);
  }

  /** Those that have it. */
  get holders(): readonly LockUse[] {
    return [...this.#held];
  }

  /**
   * Those that want it, and do not have it yet, in the order in which they came. One that has ended meanwhile is among
   * those of a lock that is `inOrder`: it keeps all others.
   */
  get waiters(): readonly LockUse[] {
    return [...this.#wanted].filter(({ user, manner }) => hasNotEnded(user) || (this.inOrder && manner === 'waits'));
  }

  toString(): string {
    return this.name;
  }

  // --- for the kinds of locks ---

  /** An instruction of a routine. */
  protected step(routine: RoutineName, number: number, { retired, ...more }: Step = {}): Instruction {
    const instruction = { pc: this.host.text.at(routine, number), length: LENGTH, ...more };
    if (retired === undefined) return instruction;
    // Behind the instruction there is nothing to wait for: this is where it is known who has executed it.
    const begin = (cpu: Cpu): undefined => retired(cpu) as undefined;
    return { ...instruction, wait: { begin } };
  }

  /** A routine between a call and a return, where the caller has said where he calls from. */
  protected *call<T>(routine: RoutineName, options: LockCall, body: Steps<T>): Steps<T> {
    checkOptions(routine, options, CALL);
    const { text } = this.host;
    const { at } = options;
    if (at !== undefined) yield { pc: at, length: LENGTH, next: text.at(routine, 0) };
    const result = yield* body;
    if (at !== undefined) yield { pc: text.end(routine), length: LENGTH, next: at + BigInt(LENGTH) };
    return result;
  }

  /** Turns interrupts off; returns how they were, for {@link restore}. */
  protected *save(): Steps<bigint> {
    const [were = 0n] = yield this.step('local_irq_save', 0, { irqs: 'off' });
    return were;
  }

  /** Interrupts are again as they were. */
  protected *restore(flags: bigint): Steps {
    if (flags !== 0n) yield this.step('local_irq_restore', 0, { irqs: 'on' });
  }

  /** What a word has now: for what is decided in the moment in which the instruction that has loaded it retires. */
  protected peek(offset: number, size: number): bigint {
    return this.host.machine.kernelMemory.readInteger(this.address + BigInt(offset), size);
  }

  /** Whoever executes on a CPU wants it. */
  protected want(
    cpu: Cpu,
    pc: bigint,
    { at, subclass }: LockCall,
    mode: LockMode,
    manner: LockManner = 'waits',
  ): LockUse {
    const { machine, hooks } = this.host;
    const lockClass = subclass === undefined ? this.lockClass : `${this.lockClass}/${subclass}`;
    const user = userOn(machine, cpu);
    const use = Object.freeze({ lock: this, user, mode, lockClass, pc: at ?? pc, count: machine.count, manner });
    if (manner !== 'tries') this.#wanted.add(use);
    hooks.wanted.call(use);
    return use;
  }

  /** He has it. */
  protected take(use: LockUse): void {
    this.#wanted.delete(use);
    this.#held.add(use);
    this.host.hooks.taken.call(use);
  }

  /** He does not want it any more. */
  protected renounce(use: LockUse): void {
    this.#wanted.delete(use);
  }

  /** Somebody gives it back: if he does not have it, for whoever has. */
  protected release(cpu: Cpu, pc: bigint, { at }: LockCall = {}): void {
    const { machine, hooks } = this.host;
    const by = userOn(machine, cpu);
    const held = this.holders;
    const use = held.findLast(({ user }) => user.key === by.key);
    const ended = use ?? held[0];
    if (ended !== undefined) this.#held.delete(ended);
    hooks.released.call(Object.freeze({ lock: this, by, use, ended, pc: at ?? pc, count: machine.count }));
  }
}
