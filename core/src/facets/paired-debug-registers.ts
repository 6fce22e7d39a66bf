import type { ArchHost, HwBreakpointAttr } from '../arch/index.js';
import type { Breakpoints, Modification } from '../breakpoint/index.js';
import { coreError } from '../errors/index.js';
import { bits, type ImageReader, type ImageValue } from '../image/index.js';
import { Disposables, type ImagePart, type Task, type TaskState } from '../kernel/index.js';
import type { Breakpoint, Hit } from '../registers/index.js';
import { USER_DEBUGGERS, type UserDebugRegisters } from './user-debug-registers.js';

/** What a control register asks for. */
export type PairSetting = Required<Pick<Modification, 'bp_type' | 'bp_len'>> & {
  readonly enabled: boolean;
  /** Bytes from the address to the first that is watched. Default 0. */
  readonly offset?: number;
};

/** What a pair of registers holds: 64 bits each. */
export interface PairValue {
  readonly address: bigint;
  readonly control: bigint;
}

/** What an architecture's pairs are. */
export interface PairedRegistersRules {
  /** Name of what an image has of them. */
  readonly name: string;
  /** Pairs of registers of a task: 2n is an address, 2n + 1 its control. */
  readonly pairs: number;
  /** What a control value asks for; it throws for what no control register can hold. */
  decode(control: bigint, pair: number): PairSetting;
  /** A watch was hit: inside the exception, where its task gets its signal. */
  hit(hit: Hit, task: Task, pair: number): void;
}

/** The services that {@link PairedDebugRegisters} stands on: a facet is created with them. */
export interface PairedRegistersServices {
  readonly host: ArchHost;
  readonly breakpoints: Breakpoints;
}

interface Pair {
  address: bigint;
  control: bigint;
  breakpoint: Breakpoint | undefined;
}

interface Pairs {
  readonly pairs: readonly Pair[];
}

/**
 * The debug registers of a task in pairs of address and control, as several architectures show them: a breakpoint for
 * each pair that is enabled. A refused write changes nothing. A child has none, exec and exit remove them, and so does
 * the tracer that goes.
 */
export class PairedDebugRegisters implements UserDebugRegisters, ImagePart, Disposable {
  readonly count: number;
  readonly #rules: PairedRegistersRules;
  readonly #services: PairedRegistersServices;
  readonly #state: TaskState<Pairs>;
  readonly #hooks = new Disposables();

  constructor(services: PairedRegistersServices, rules: PairedRegistersRules) {
    this.#services = services;
    this.#rules = rules;
    this.count = 2 * rules.pairs;
    const { host } = services;
    const fresh = (): Pair => ({ address: 0n, control: 0n, breakpoint: undefined });
    this.#state = host.defineTaskState(() => ({ pairs: Array.from({ length: rules.pairs }, fresh) }), 'elsewhere');
    const { hooks, hibernation } = host.machine;
    const clear = (task: Task): void => this.#clear(task);
    this.#hooks.add(hooks.exec.add(clear), hooks.exit.add(clear), hibernation.parts.register(rules.name, this));
  }

  [Symbol.dispose](): void {
    this.#hooks[Symbol.dispose]();
  }

  read(task: Task, register: number): bigint {
    this.#check(register);
    const pair = this.#state.peek(task)?.pairs[register >> 1];
    return (register & 1 ? pair?.control : pair?.address) ?? 0n;
  }

  write(task: Task, register: number, value: bigint): void {
    this.#check(register);
    const { address, control } = this.#state.get(task).pairs[register >> 1] as Pair;
    this.writePair(task, register >> 1, register & 1 ? { address, control: value } : { address: value, control });
  }

  /** Writes both registers of a pair, which are judged together. */
  writePair(task: Task, number: number, value: PairValue): void {
    this.#check(2 * number);
    const bits = 8 * this.#services.breakpoints.manifest.wordSize;
    const pair = this.#state.get(task).pairs[number] as Pair;
    const wanted = { address: BigInt.asUintN(bits, value.address), control: BigInt.asUintN(bits, value.control) };
    this.#apply(task, number, pair, wanted);
    Object.assign(pair, wanted);
  }

  tracerGone(task: Task): void {
    this.#clear(task);
  }

  save(): ImageValue {
    const { host, breakpoints } = this.#services;
    return this.#state.saveEach(host.machine.tasks, ({ pairs }) => ({
      registers: pairs.flatMap(({ address, control }) => [bits(address), bits(control)]),
      slots: breakpoints.images.numbersOf(pairs.map(({ breakpoint }) => breakpoint)),
    }));
  }

  restore(from: ImageReader): void {
    const { host, breakpoints } = this.#services;
    this.#state.restoreEach(from, host.machine.tasks, ({ pairs }, one, task) => {
      const registers = one.field('registers').list();
      const slots: (Breakpoint | undefined)[] = pairs.map(() => undefined);
      breakpoints.images.takeRow(one.field('slots'), slots, (pair) => this.#handler(task, pair));
      for (const [i, pair] of pairs.entries()) {
        pair.address = registers[2 * i]?.bits() ?? 0n;
        pair.control = registers[2 * i + 1]?.bits() ?? 0n;
        pair.breakpoint = slots[i];
      }
    });
  }

  #apply(task: Task, number: number, pair: Pair, wanted: PairValue): void {
    const { breakpoints } = this.#services;
    const { enabled, bp_type, bp_len, offset = 0 } = this.#rules.decode(wanted.control, number);
    if (!enabled) {
      breakpoints.unregister(pair.breakpoint);
      pair.breakpoint = undefined;
      return;
    }
    const bp_addr = wanted.address + BigInt(offset);
    const attr: HwBreakpointAttr = { bp_type, bp_len, bp_addr, exclude_kernel: true };
    if (pair.breakpoint !== undefined) breakpoints.modify(pair.breakpoint, { bp_type, bp_len, bp_addr });
    else {
      const options = { owner: USER_DEBUGGERS, delivery: 'silicon' } as const;
      pair.breakpoint = breakpoints.registerUser(attr, this.#handler(task, number), task, options);
    }
  }

  #handler(task: Task, pair: number): (hit: Hit) => void {
    return (hit) => this.#rules.hit(hit, task, pair);
  }

  #clear(task: Task): void {
    for (const pair of this.#state.peek(task)?.pairs ?? []) {
      this.#services.breakpoints.unregister(pair.breakpoint);
      pair.breakpoint = undefined;
      pair.address = 0n;
      pair.control = 0n;
    }
  }

  #check(register: number): void {
    if (Number.isInteger(register) && register >= 0 && register < this.count) return;
    const message = `there is no debug register ${register}; there are 0 to ${this.count - 1}: address and control by turns`;
    throw coreError('HWBP_NO_DEBUG_REGISTER', message, { register });
  }
}
