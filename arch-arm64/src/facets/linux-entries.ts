import {
  type Breakpoint,
  coreError,
  Disposables,
  type FacetServices,
  type HitHandler,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_X,
  type ImagePart,
  type ImageReader,
  type ImageValue,
  type Task,
  type TaskState,
  USER_DEBUGGERS,
  type UserDebugRegisters,
} from '@hwbp/core';
import { parseRequest } from '../driver/parse.js';
import type { ResolvedFeatures } from '../features.js';
import { DETACH_KEEPS_BREAKPOINTS } from '../quirks.js';
import { CONTROL_ENABLE, controlWord } from '../silicon/control.js';
import { requestOf, type SetKind } from './control-request.js';
import { signalHit } from './hit-signal.js';
import { type Entry, numberedRegister, type TaskEntries, type WrittenEntry } from './task-entries.js';

/** Entries of struct user_hwdebug_state, whatever the hardware has. */
export const MOST_ENTRIES = 16;
const FRESH_LENGTH = 4;
const NOTHING: Entry = Object.freeze({ address: 0n, control: 0n });

type Slots = Record<SetKind, (Breakpoint | undefined)[]>;

/**
 * The register sets as Linux keeps them (ptrace_bps in struct debug_info): every entry that was touched is a
 * breakpoint, whose attributes are all that there is of it. The quirk of that name.
 */
export class LinuxEntries implements TaskEntries, ImagePart {
  readonly atomic = false;
  readonly registers: UserDebugRegisters & Disposable;
  readonly #services: FacetServices;
  readonly #features: ResolvedFeatures;
  readonly #state: TaskState<Slots>;
  readonly #hooks = new Disposables();

  constructor(services: FacetServices, features: ResolvedFeatures) {
    this.#services = services;
    this.#features = features;
    const { machine } = services.host;
    const fresh = (): Breakpoint[] => new Array(MOST_ENTRIES).fill(undefined);
    this.#state = services.host.defineTaskState(() => ({ watch: fresh(), break: fresh() }), 'elsewhere');
    const clear = (task: Task): void => this.#clear(task);
    this.#hooks.add(
      machine.hooks.exec.add(clear),
      machine.hooks.exit.add(clear),
      machine.hibernation.parts.register('debug registers of arm64 tasks', this),
    );
    const { wrps, brps } = features;
    this.registers = {
      count: 2 * (wrps + brps),
      read: (task, register) => this.#readNumbered(task, register),
      write: (task, register, value) => this.#writeNumbered(task, register, value),
      tracerGone: (task) => {
        if (!services.quirks.isOn(DETACH_KEEPS_BREAKPOINTS)) this.#clear(task);
      },
      [Symbol.dispose]: () => this.#hooks[Symbol.dispose](),
    };
  }

  /** As the breakpoint was parsed: an aligned address, and BAS shifted to it. */
  read(task: Task, kind: SetKind, index: number): Entry {
    const breakpoint = this.#state.peek(task)?.[kind][index];
    if (breakpoint === undefined) return NOTHING;
    const { attr } = breakpoint;
    const info = parseRequest(attr, this.#features, this.#services.quirks, task);
    const control = controlWord({ ...info, enabled: attr.disabled !== true });
    return { address: info.base, control: BigInt(control) };
  }

  /** One after the other: what came before an error stays written. */
  write(task: Task, kind: SetKind, entries: readonly WrittenEntry[]): void {
    for (const [index, { address, control }] of entries.entries()) {
      this.#writeAddress(task, kind, index, address);
      if (control !== undefined) this.#writeControl(task, kind, index, control);
    }
  }

  save(): ImageValue {
    const { host, breakpoints } = this.#services;
    return this.#state.saveEach(host.machine.tasks, (slots) => ({
      watch: breakpoints.images.numbersOf(slots.watch),
      break: breakpoints.images.numbersOf(slots.break),
    }));
  }

  restore(from: ImageReader): void {
    const { host, breakpoints } = this.#services;
    this.#state.restoreEach(from, host.machine.tasks, (slots, one, task) => {
      for (const kind of ['watch', 'break'] as const) {
        breakpoints.images.takeRow(one.field(kind), slots[kind], (index) => this.#handler(task, kind, index));
      }
    });
  }

  /** With the type and the length that the entry has. */
  #writeAddress(task: Task, kind: SetKind, index: number, bp_addr: bigint): void {
    this.#services.breakpoints.modify(this.#touch(task, kind, index), { bp_addr });
  }

  /** Disabled: nothing else of the word is looked at. */
  #writeControl(task: Task, kind: SetKind, index: number, word: bigint): void {
    const breakpoint = this.#touch(task, kind, index);
    const { breakpoints } = this.#services;
    const control = Number(BigInt.asUintN(32, word));
    if ((control & CONTROL_ENABLE) === 0) {
      breakpoints.modify(breakpoint, { disabled: true });
      return;
    }
    const { bp_type, bp_len, offset } = requestOf(kind, control);
    const bp_addr = BigInt.asUintN(64, breakpoint.attr.bp_addr + BigInt(offset));
    breakpoints.modify(breakpoint, { bp_type, bp_len, bp_addr, disabled: false });
  }

  /** The breakpoint of an entry, which takes a slot for good. */
  #touch(task: Task, kind: SetKind, index: number): Breakpoint {
    const slots = this.#state.get(task)[kind];
    const found = slots[index];
    if (found !== undefined) return found;
    const bp_type = kind === 'break' ? HW_BREAKPOINT_X : HW_BREAKPOINT_RW;
    const attr = { bp_type, bp_addr: 0n, bp_len: FRESH_LENGTH, disabled: true, exclude_kernel: true };
    const options = { owner: USER_DEBUGGERS, delivery: 'silicon' } as const;
    const made = this.#services.breakpoints.registerUser(attr, this.#handler(task, kind, index), task, options);
    slots[index] = made;
    return made;
  }

  #handler(task: Task, kind: SetKind, index: number): HitHandler {
    return (hit) => signalHit(this.#services, hit, task, kind, index);
  }

  #clear(task: Task): void {
    const slots = this.#state.peek(task);
    if (slots === undefined) return;
    for (const row of [slots.watch, slots.break]) {
      for (const breakpoint of row) this.#services.breakpoints.unregister(breakpoint);
      row.fill(undefined);
    }
  }

  #readNumbered(task: Task, register: number): bigint {
    const { kind, index, control } = this.#named(register);
    const entry = this.read(task, kind, index);
    return control ? entry.control : entry.address;
  }

  #writeNumbered(task: Task, register: number, value: bigint): void {
    const { kind, index, control } = this.#named(register);
    if (control) this.#writeControl(task, kind, index, value);
    else this.#writeAddress(task, kind, index, BigInt.asUintN(64, value));
  }

  #named(register: number): ReturnType<typeof numberedRegister> {
    const { count } = this.registers;
    if (Number.isInteger(register) && register >= 0 && register < count) {
      return numberedRegister(register, this.#features.wrps);
    }
    const message = `there is no debug register ${register}; there are 0 to ${count - 1}: address and control by turns, of watchpoints first`;
    throw coreError('HWBP_NO_DEBUG_REGISTER', message, { register });
  }
}
