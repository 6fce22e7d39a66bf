import {
  type Breakpoint,
  bits,
  coreError,
  Disposables,
  type FacetServices,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  hex,
  type ImagePart,
  type ImageReader,
  type ImageValue,
  type KernelError,
  type Modification,
  type Task,
  type TaskState,
  USER_DEBUGGERS,
  type UserDebugRegisters,
} from '@hwbp/core';
import { X86Port } from '../driver/x86-port.js';
import { x86Error } from '../errors.js';
import type { ResolvedFeatures } from '../features.js';
import { DETACH_KEEPS_BREAKPOINTS, DR7_FAILURE_LEAVES_TRACES, FORK_COPIES_DR6_DR7 } from '../quirks.js';
import { DR6_RESET } from '../silicon/dr6.js';
import {
  decodeDr7,
  LENGTHS,
  RW_EXECUTE,
  RW_IO,
  RW_READ_WRITE,
  RW_WRITE,
  registerBits,
  X86_BREAKPOINT_LEN_1,
} from '../silicon/dr7.js';
import { X86_DEBUG_REGISTERS } from '../silicon/x86-silicon.js';

/** A slot's setting as DR7 expresses it. */
type SlotSetting = Required<Pick<Modification, 'bp_type' | 'bp_len' | 'disabled'>>;

/** What a task has of debug registers besides the virtual DR6, which the exception code keeps. */
interface UserRegisters {
  /** By register number: a debugger's DR2 is slot 2, whatever hardware register it is in. */
  readonly slots: (Breakpoint | undefined)[];
  /** DR7 as it was last accepted, reserved bits and all. */
  dr7: bigint;
}

/** Bits 10-15 and 32-63 of DR7, which Linux ignores: so GD has no effect. */
const RESERVED_64 = 0xffff_ffff_0000_fc00n;
/** R/W field of each generic type. */
const RW_OF_TYPE: Readonly<Record<number, number>> = { [HW_BREAKPOINT_W]: RW_WRITE, [HW_BREAKPOINT_RW]: RW_READ_WRITE };

function slotSetting(dr7: number, register: number, wordSize: number): SlotSetting {
  const { len, type, enabled } = decodeDr7(dr7, register);
  const disabled = enabled === 0;
  const rw = type & 3;
  if (rw === RW_IO) throw refuse(register, 'R/W = 10 (I/O), which Linux does not offer');
  if (rw === RW_EXECUTE) {
    if (len !== X86_BREAKPOINT_LEN_1) throw refuse(register, 'execution with a LEN other than 00');
    return { bp_type: HW_BREAKPOINT_X, bp_len: wordSize, disabled };
  }
  const bp_len = LENGTHS[(len >> 2) & 3] as number;
  if (bp_len === 8 && wordSize === 4) throw refuse(register, 'LEN = 10 (8 bytes), which needs a 64-bit kernel');
  return { bp_type: rw === RW_READ_WRITE ? HW_BREAKPOINT_RW : HW_BREAKPOINT_W, bp_len, disabled };
}

function refuse(register: number, what: string): KernelError {
  return coreError('HWBP_ARCH_INVALID', `DR7 asks register ${register} for ${what}`, { register });
}

/** DR0 to DR7 of x86 tasks as ptrace shows them (Linux: arch/x86/kernel/ptrace.c). */
export class X86UserDebugRegisters implements UserDebugRegisters, ImagePart, Disposable {
  readonly count = 8;
  readonly #services: FacetServices;
  readonly #features: ResolvedFeatures;
  readonly #port: X86Port;
  readonly #state: TaskState<UserRegisters>;
  readonly #wordSize: number;
  readonly #hooks = new Disposables();

  constructor(services: FacetServices, features: ResolvedFeatures) {
    const { host, port } = services;
    if (!(port instanceof X86Port)) throw new TypeError('the debug registers of x86 need the port of an x86 backend');
    this.#services = services;
    this.#features = features;
    this.#port = port;
    this.#wordSize = features.bits / 8;
    this.#state = host.defineTaskState(
      () => ({ slots: new Array(X86_DEBUG_REGISTERS).fill(undefined), dr7: 0n }),
      'elsewhere',
    );
    const { hooks } = host.machine;
    this.#hooks.add(
      hooks.fork.add((parent, child) => this.#fork(parent, child)),
      hooks.exec.add((task) => this.#clear(task)),
      hooks.exit.add((task) => this.#clear(task)),
      host.machine.hibernation.parts.register('debug registers of x86 tasks', this),
    );
  }

  [Symbol.dispose](): void {
    this.#hooks[Symbol.dispose]();
  }

  read(task: Task, register: number): bigint {
    this.#check(register);
    const state = this.#state.peek(task);
    if (register < X86_DEBUG_REGISTERS) return state?.slots[register]?.attr.bp_addr ?? 0n;
    if (register === 6) {
      const { virtualDr6, virtualDr6High } = this.#port.thread.get(task);
      return (BigInt(virtualDr6High >>> 0) << 32n) | BigInt((virtualDr6 ^ DR6_RESET) >>> 0);
    }
    return register === 7 ? (state?.dr7 ?? 0n) : 0n;
  }

  write(task: Task, register: number, value: bigint): void {
    this.#check(register);
    const bits = BigInt.asUintN(this.#features.bits, value);
    if (register < X86_DEBUG_REGISTERS) this.#writeAddress(task, register, bits);
    else if (register === 6) this.#writeStatus(task, bits);
    else if (register === 7) this.#writeControl(task, bits);
    else throw this.#unavailable(register, 'is reserved and cannot be written');
  }

  tracerGone(task: Task): void {
    if (!this.#services.quirks.isOn(DETACH_KEEPS_BREAKPOINTS)) this.#clear(task);
  }

  // --- writes ---

  #writeAddress(task: Task, register: number, address: bigint): void {
    const { slots } = this.#state.get(task);
    const slot = slots[register];
    if (slot === undefined)
      slots[register] = this.#create(task, register, address, { bp_type: HW_BREAKPOINT_W, bp_len: 1, disabled: true });
    else this.#modify(slot, { bp_addr: address });
  }

  #writeStatus(task: Task, value: bigint): void {
    const thread = this.#port.thread.get(task);
    thread.virtualDr6 = (Number(value & 0xffff_ffffn) ^ DR6_RESET) >>> 0;
    thread.virtualDr6High = Number(value >> 32n);
    thread.notified = false;
  }

  /** All four slots or none: an error in one puts the others back. */
  #writeControl(task: Task, value: bigint): void {
    const state = this.#state.get(task);
    const before = this.#equivalentDr7(state);
    const undo: (() => void)[] = [];
    try {
      this.#applyControl(task, state, Number(BigInt.asUintN(32, value & ~RESERVED_64)), undo);
    } catch (error) {
      if (this.#services.quirks.isOn(DR7_FAILURE_LEAVES_TRACES)) this.#applyControl(task, state, before, []);
      else for (const step of undo.reverse()) step();
      throw error;
    }
    state.dr7 = value;
  }

  #applyControl(task: Task, { slots }: UserRegisters, dr7: number, undo: (() => void)[]): void {
    for (let register = 0; register < X86_DEBUG_REGISTERS; register++) {
      const slot = slots[register];
      // A slot that was never used is not looked at while it stays off, whatever its field says.
      if (slot === undefined && decodeDr7(dr7, register).enabled === 0) continue;
      const setting = slotSetting(dr7, register, this.#wordSize);
      if (slot === undefined) {
        slots[register] = this.#create(task, register, 0n, setting);
        undo.push(() => this.#release(slots, register));
        continue;
      }
      const { bp_type, bp_len, disabled = false } = slot.attr;
      if (bp_type === setting.bp_type && bp_len === setting.bp_len && disabled === setting.disabled) continue;
      this.#modify(slot, setting);
      undo.push(() => this.#modify(slot, { bp_type, bp_len, disabled }));
    }
  }

  /** What DR7 would say of the slots now: enabled ones only, for disabled ones have no bits. */
  #equivalentDr7({ slots }: UserRegisters): number {
    let dr7 = 0;
    slots.forEach((slot, register) => {
      if (slot === undefined || slot.attr.disabled === true) return;
      const rw = RW_OF_TYPE[slot.attr.bp_type] ?? RW_EXECUTE;
      const len = rw === RW_EXECUTE ? 0 : LENGTHS.indexOf(slot.attr.bp_len as (typeof LENGTHS)[number]);
      dr7 |= registerBits(register, len << 2, rw);
    });
    return dr7 >>> 0;
  }

  #create(task: Task, register: number, bp_addr: bigint, setting: SlotSetting): Breakpoint {
    this.#checkUserAddress(bp_addr);
    const attr = { ...setting, bp_addr, exclude_kernel: !this.#features.accumulateDr6 };
    const options = { owner: USER_DEBUGGERS, delivery: 'silicon' } as const;
    return this.#services.breakpoints.registerUser(attr, this.#handler(task, register), task, options);
  }

  #handler(task: Task, register: number): () => void {
    return () => this.#port.userHit(task, 1 << register);
  }

  #modify(slot: Breakpoint, changes: Modification): void {
    if (changes.bp_addr !== undefined) this.#checkUserAddress(changes.bp_addr);
    this.#services.breakpoints.modify(slot, changes);
  }

  /** Where hits from kernel mode count, exclude_kernel does not keep kernel addresses out: this does. */
  #checkUserAddress(address: bigint): void {
    if (!this.#features.accumulateDr6 || address < this.#features.taskSize) return;
    throw coreError('HWBP_KERNEL_ADDRESS', `${hex(address)} lies in kernel space, out of a debugger's reach`, {
      address,
    });
  }

  // --- images ---

  save(): ImageValue {
    const { host, breakpoints } = this.#services;
    return this.#state.saveEach(host.machine.tasks, ({ dr7, slots }) => ({
      dr7: bits(dr7),
      slots: breakpoints.images.numbersOf(slots),
    }));
  }

  restore(from: ImageReader): void {
    const { host, breakpoints } = this.#services;
    this.#state.restoreEach(from, host.machine.tasks, (state, one, task) => {
      state.dr7 = one.field('dr7').bits();
      breakpoints.images.takeRow(one.field('slots'), state.slots, (register) => this.#handler(task, register));
    });
  }

  // --- life cycle ---

  #fork(parent: Task, child: Task): void {
    if (!this.#services.quirks.isOn(FORK_COPIES_DR6_DR7)) return;
    const state = this.#state.peek(parent);
    if (state !== undefined) this.#state.get(child).dr7 = state.dr7;
    const { virtualDr6, virtualDr6High, notified } = this.#port.thread.get(parent);
    Object.assign(this.#port.thread.get(child), { virtualDr6, virtualDr6High, notified });
  }

  #clear(task: Task): void {
    const state = this.#state.peek(task);
    if (state !== undefined) {
      for (let register = 0; register < X86_DEBUG_REGISTERS; register++) this.#release(state.slots, register);
      state.dr7 = 0n;
    }
    this.#port.resetThread(task);
  }

  #release(slots: (Breakpoint | undefined)[], register: number): void {
    this.#services.breakpoints.unregister(slots[register]);
    slots[register] = undefined;
  }

  #check(register: number): void {
    if (!Number.isInteger(register) || register < 0 || register >= this.count)
      throw this.#unavailable(register, 'does not exist');
  }

  #unavailable(register: number, why: string): KernelError {
    const message = `debug register ${register} ${why}; there are 0 to 3, 6 and 7`;
    return x86Error('X86_NO_DEBUG_REGISTER', message, { register });
  }
}
