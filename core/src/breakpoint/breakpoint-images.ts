import type { Occupant } from '../arch/index.js';
import { coreError } from '../errors/index.js';
import { hex } from '../hardware/index.js';
import { type ImageReader, type ImageValue, notWritable } from '../image/index.js';
import type { ImagePart } from '../kernel/index.js';
import {
  type Breakpoint,
  type BreakpointRequest,
  type HitHandler,
  type Registration,
  registrationOf,
  restorePolicy,
  savePolicy,
} from '../registers/index.js';
import { type BreakpointFunctions, loadFunctions, saveFunctions } from './breakpoint-functions.js';
import { loadBreakpoint, type SavedBreakpoint, saveBreakpoint } from './breakpoint-image.js';
import type { BreakpointsParts } from './breakpoints-parts.js';

/** A breakpoint that an image has, until somebody brings its handler. */
interface Expected {
  readonly saved: SavedBreakpoint;
  readonly from: ImageReader;
  bound: Registration | undefined;
}

/**
 * The breakpoints of a kernel in its image. Whoever registered one in the name of others, such as a facet or a
 * consumer, refers to it by number and brings its handler on the way back ({@link numberOf}, {@link take}). What nobody
 * speaks for is the kernel's own: its handler has to have a name in the composition.
 */
export class BreakpointImages implements ImagePart {
  readonly #parts: BreakpointsParts;
  /** While an image is made: the number of each, and those that somebody speaks for. */
  #numbers: ReadonlyMap<Registration, number> = new Map();
  readonly #spokenFor = new Set<Registration>();
  /** While a kernel goes on from an image. */
  #expected: readonly Expected[] = [];

  constructor(parts: BreakpointsParts) {
    this.#parts = parts;
  }

  // --- an image is made ---

  begin(): void {
    const { scheduler, registers } = this.#parts;
    if (scheduler.image === undefined) {
      throw notWritable(`the scheduler '${scheduler.name}' cannot write down its schedule`);
    }
    const dead = registers.registered.find(({ task }) => task?.alive === false);
    if (dead !== undefined) {
      const what = `${dead.owner}'s breakpoint at ${hex(dead.address)} is of task ${dead.task}, which has exited`;
      throw notWritable(`${what}: unregister it first`);
    }
    this.#numbers = new Map(scheduler.image.order().map((one, number) => [one, number]));
    this.#spokenFor.clear();
  }

  /** The number of a breakpoint in the image that is being made. Whoever asks brings its handler on the way back. */
  numberOf(breakpoint: Breakpoint): number {
    const registration = registrationOf(breakpoint);
    this.#spokenFor.add(registration);
    return this.#number(registration);
  }

  /** The numbers of a row of slots, as {@link numberOf} has them: null where there is nobody. */
  numbersOf(slots: readonly (Breakpoint | undefined)[]): ImageValue {
    return slots.map((slot) => (slot === undefined ? null : this.numberOf(slot)));
  }

  /** The number of whoever is in a register, or was, unless it was released: for who does not bring its handler. */
  referTo(occupant: Occupant): number | undefined {
    return this.#numbers.get(occupant as Registration);
  }

  save(): ImageValue {
    const { registers, scheduler } = this.#parts;
    const numberOf = (one: Registration): number => this.#number(one);
    return {
      breakpoints: [...this.#numbers.keys()].map((one) => ({
        ...saveBreakpoint(one),
        functions: this.#spokenFor.has(one) ? null : this.#functionsOf(one),
      })),
      serials: registers.serials,
      policy: savePolicy(registers.policy, numberOf),
      schedule: scheduler.image?.save(numberOf) ?? null,
    };
  }

  // --- a kernel goes on from it ---

  restore(from: ImageReader): void {
    this.#expected = from
      .field('breakpoints')
      .list()
      .map((one) => ({
        saved: loadBreakpoint(one),
        from: one,
        bound: undefined,
      }));
    for (const [number, { from: one }] of this.#expected.entries()) {
      const functions = one.field('functions');
      if (functions.absent) continue;
      this.#register(number, loadFunctions(functions, this.#parts.machine.hibernation.code), undefined);
    }
  }

  /** The breakpoint of a number, which the caller has spoken for, with the functions that it brings. */
  take(number: ImageReader, functions: BreakpointFunctions, wide?: object): Breakpoint {
    return this.#register(this.#numberIn(number), functions, wide).view;
  }

  /** A row of slots, back from {@link numbersOf}. Throws EINVAL for a row of another length. */
  takeRow(from: ImageReader, slots: (Breakpoint | undefined)[], handlerOf: (slot: number) => HitHandler): void {
    const numbers = from.list();
    if (numbers.length !== slots.length) throw from.invalid(`the breakpoints of ${slots.length} slots`);
    for (const [slot, number] of numbers.entries()) {
      slots[slot] = number.absent ? undefined : this.take(number, { handler: handlerOf(slot) });
    }
  }

  /** The breakpoint behind a number of {@link referTo}, once somebody has brought its handler. */
  referred(number: ImageReader): Occupant {
    return this.#boundTo(number);
  }

  /**
   * Everybody has brought theirs: they stand in their order, in their states. Throws EINVAL for a breakpoint that is
   * nobody's.
   */
  settle(from: ImageReader): void {
    const { registers, scheduler } = this.#parts;
    const all = this.#expected.map((one) => {
      if (one.bound !== undefined) return { ...one, registration: one.bound };
      throw one.from.invalid(`somebody's: no part of this composition asks for ${one.saved.owner}'s breakpoint`);
    });
    for (const { registration, saved } of all) if (registration.state !== 'released') this.#adjust(registration, saved);
    restorePolicy(registers.policy, from.field('policy'), (number) => this.#boundTo(number));
    for (const { registration, saved } of all) this.#place(registration, saved);
    registers.serials = from.field('serials').number();
    scheduler.image?.reorder(
      all.map(({ registration }) => registration),
      from.field('schedule'),
    );
    for (const { registration, saved } of all) {
      registers.revive(registration, saved);
    }
  }

  /** With every register off: who was in a register of a CPU is in the same one again. */
  seat(from: ImageReader): void {
    const { registers, scheduler } = this.#parts;
    const seated = this.#expected.filter(({ saved }) => saved.state === 'active');
    for (const { bound } of this.#expected) if (bound?.state === 'active') registers.uninstall(bound);
    for (const { bound, saved } of seated) {
      if (bound !== undefined) registers.installAt(bound, saved.onCpu, saved.register);
    }
    scheduler.image?.restore(from.field('schedule'), (number) => this.#boundTo(number));
    this.#expected = [];
  }

  // --- private ---

  #number(registration: Registration): number {
    const number = this.#numbers.get(registration);
    if (number !== undefined) return number;
    const { owner, address } = registration;
    throw notWritable(`${owner}'s breakpoint at ${hex(address)} has no place in the schedule: unregister it first`);
  }

  #functionsOf({ handler, notices, owner, address }: Registration): ImageValue {
    const { code } = this.#parts.machine.hibernation;
    return saveFunctions({ ...notices, handler }, code, `${owner}'s breakpoint at ${hex(address)}`);
  }

  #register(number: number, functions: BreakpointFunctions, wide: object | undefined): Registration {
    const { machine, scheduler, registers } = this.#parts;
    const { saved, from } = this.#at(number);
    const { handler, installed, uninstalled } = functions;
    const task = saved.task === undefined ? undefined : machine.tasks.get(saved.task);
    if (saved.task !== undefined && task === undefined)
      throw from.field('task').invalid('the pid of a task of the image');
    if (saved.task === undefined) machine.cpu(saved.cpu);
    const request: BreakpointRequest = {
      attr: saved.attr,
      handler,
      task,
      cpu: saved.cpu,
      owner: saved.owner,
      priority: saved.priority,
      // It has its place already, whatever it said when it asked for one.
      waits: true,
      revived: true,
      wide,
      delivery: saved.delivery,
      privileged: saved.privileged,
      notices: {
        ...(installed === undefined ? {} : { installed }),
        ...(uninstalled === undefined ? {} : { uninstalled }),
      },
    };
    const registration = registers.silently(() => {
      const opened = scheduler.open(request);
      scheduler.activate(opened);
      return opened;
    });
    const expected = this.#at(number);
    if (expected.bound !== undefined) throw expected.from.invalid('one breakpoint, and two parts ask for it');
    expected.bound = registration;
    return registration;
  }

  /** What was changed of one since it was registered, such as a single member of a wide one. */
  #adjust(registration: Registration, { attr, state }: SavedBreakpoint): void {
    const { scheduler, registers } = this.#parts;
    const { bp_type, bp_addr, bp_len, disabled = false } = attr;
    const now = registration.attr;
    if (bp_type !== now.bp_type || bp_addr !== now.bp_addr || bp_len !== now.bp_len) {
      scheduler.modify(registration, { bp_type, bp_addr, bp_len, disabled }, {});
    }
    if (state === 'off') scheduler.disable(registration);
    registers.setDisabled(registration, disabled);
  }

  /** The policy has decided as it had: the scheduler has to follow. */
  #place(registration: Registration, { state }: SavedBreakpoint): void {
    if ((state === 'waiting') === (registration.state === 'waiting')) return;
    this.#parts.registers.follow(registration, state === 'waiting');
  }

  #boundTo(number: ImageReader): Registration {
    const { bound } = this.#at(this.#numberIn(number));
    if (bound === undefined) throw number.invalid('the number of a breakpoint');
    return bound;
  }

  #at(number: number): Expected {
    const expected = this.#expected[number];
    if (expected !== undefined) return expected;
    throw coreError('IMAGE_INVALID', `the image has no breakpoint number ${number}`);
  }

  #numberIn(number: ImageReader): number {
    return number.number(0, this.#expected.length - 1);
  }
}
