import { checkAccesses, type DeviceAnswer, perform } from './accesses.js';
import { hex, highHalf, lowHalf } from './address.js';
import type { Bus } from './bus.js';
import type { Context, ExecutionState } from './context.js';
import type { ControlAccess } from './control.js';
import type { DebugException, DebugUnit } from './debug-unit.js';
import { ExclusiveMonitor } from './exclusive-monitor.js';
import type { Access, DecodedInstruction, Loaded, MachineInstruction } from './instruction.js';
import type { Mmu } from './memory/mmu.js';
import type { Progress } from './progress.js';
import {
  BREAKPOINT_TRAP,
  type ControlTrap,
  DEBUG_TRAP,
  type DeviceAccess,
  type DeviceTrap,
  type HypercallTrap,
  type OperationTrap,
  type VirtualTrap,
} from './trap.js';
import { ValueError } from './value-error.js';
import { FILTER_FETCH, FILTER_MASK, type FilterPart } from './watch-filter.js';

/** The CPU whose instructions these are: the primitives of a program's own loop. */
export interface Interpreted {
  readonly unit: DebugUnit;
  readonly context: Context;
  readonly bus: Bus;
  readonly mmu: Mmu;
  readonly virtual: boolean;
  readonly pcLo: number;
  attention: boolean;
  begin(hi: number, lo: number, decoded?: DecodedInstruction): void;
  checkFetch(): boolean;
  checkAccess(part: FilterPart, hi: number, lo: number, size: number, state?: ExecutionState): boolean;
  pageFault(address: bigint, write: boolean): void;
  copyFault(): void;
  retire(hi: number, lo: number, shadow?: boolean, repeats?: boolean): void;
}

/** What the CPU does for its interpreter and nobody else. */
export interface InterpreterDoor {
  /** To whoever the CPU's traps go to. */
  raise(trap: VirtualTrap): void;
  /** An exception comes instead of the instruction. */
  fault(): void;
  /** Takes an exception of the debug unit: true if the instruction goes on. */
  take(exception: DebugException): boolean;
  /** The debug shadow is over. */
  unshadow(): void;
}

const NOTHING: Loaded = Object.freeze([]);
/** Interrupts are not a user's to turn off. */
const irqsInUserMode = (): ControlTrap => ({
  kind: 'control',
  access: { register: 'interrupts' },
  fault: 'privilege',
  result: undefined,
});

/** A function of what was there needs memory. */
const isForDevices = (access: Access): access is DeviceAccess => typeof access.value !== 'function';

/** Executes plain descriptions of instructions on a CPU, one at a time. */
export class Interpreter {
  readonly #cpu: Interpreted;
  readonly #progress: Progress;
  readonly #door: InterpreterDoor;
  /** The next instruction is another iteration of the one before: it is not fetched again. */
  #repeating = false;
  /** What devices answered to accesses of the instruction that executes. */
  #answers: Map<Access, DeviceAnswer> | undefined;
  /** What one of its accesses stores is to be computed, or is an exclusive store. */
  #computes = false;
  readonly monitor = new ExclusiveMonitor();

  constructor(cpu: Interpreted, progress: Progress, door: InterpreterDoor) {
    this.#cpu = cpu;
    this.#progress = progress;
    this.#door = door;
  }

  /**
   * Other registers are worked with from now on. True: that was between two iterations of an instruction, which will be
   * fetched again, and its execute breakpoints have had their say (x86: RF is saved set).
   */
  reset(): boolean {
    const repeating = this.#repeating;
    this.#repeating = false;
    this.monitor.close();
    return repeating;
  }

  /** The next instruction is not fetched again. */
  fetched(): void {
    this.#repeating = true;
  }

  /** An instruction has retired: if it was completed with the debug unit disarmed, that is reported. */
  complete(): void {
    const { context } = this.#cpu;
    const { completion } = context;
    if (completion === undefined) return;
    context.completion = undefined;
    this.#door.raise({ kind: 'completed', completion });
  }

  /** See `cpu.execute`. */
  execute(instruction: MachineInstruction): Loaded | undefined {
    const [cpu, progress] = [this.#cpu, this.#progress];
    const { pc, accesses, shadow, repeat, control, operation, hypercall, irqs } = instruction;
    cpu.begin(highHalf(pc), lowHalf(pc), instruction);
    const fetched = this.#repeating;
    this.#repeating = false;
    const { table } = cpu.unit.filter;
    if (!fetched && table[FILTER_FETCH | ((cpu.pcLo >>> 3) & FILTER_MASK)] !== 0 && !cpu.checkFetch()) return undefined;
    let moved: bigint | undefined;
    if (control !== undefined) {
      moved = this.#control(control);
      if (moved === undefined) return undefined;
    }
    if (operation !== undefined && !this.#operate(operation)) return undefined;
    if (irqs !== undefined && cpu.context.mode === 'user' && this.#ask(irqsInUserMode()) === undefined)
      return undefined;
    let returned: bigint | undefined;
    if (hypercall !== undefined) {
      returned = this.#ask({ kind: 'hypercall', request: hypercall, result: undefined });
      if (returned === undefined) return undefined;
    }
    if (instruction.trap === 'breakpoint' && !this.#operate('breakpoint')) return undefined;
    let loaded = NOTHING;
    if (accesses !== undefined) {
      this.#answers = undefined;
      this.#computes = false;
      if (!checkAccesses(cpu, accesses, this)) return undefined;
      loaded = perform(cpu, accesses, this.#answers, this.#computes, this.monitor);
    }
    if (returned !== undefined) loaded = [returned, ...loaded];
    let { next = pc + BigInt(instruction.length) } = instruction;
    if (next === 'loaded') next = loaded.at(-1) ?? 0n;
    const { context } = cpu;
    if (irqs !== undefined) loaded = [...loaded, this.#turn(irqs)];
    const { flags } = cpu.unit;
    let flagged: bigint | undefined;
    if (instruction.registers !== undefined) {
      for (const name in instruction.registers) {
        const value = instruction.registers[name] ?? 0n;
        if (name === flags?.name) flagged = value;
        else context.set(name, value);
      }
    }
    // It has retired: a trap that it raises comes after its time.
    progress.account(progress.accounted + 1, context.mode);
    if (instruction.syscall !== undefined || instruction.trap !== undefined) {
      // Its exception takes the place of a single step's.
      context.pc = next;
      context.resume = false;
      this.#door.unshadow();
      cpu.attention = true;
      if (flagged !== undefined) flags?.write(context, flagged);
      this.complete();
      this.#trap(instruction);
      return loaded;
    }
    cpu.retire(highHalf(next), lowHalf(next), shadow, repeat);
    // A trap flag that it sets is for the instruction behind it; one that it clears was in force while it executed.
    if (flagged !== undefined) flags?.write(context, flagged);
    this.#repeating = repeat === true && !cpu.attention;
    return moved === undefined || control?.value !== undefined ? loaded : [moved, ...loaded];
  }

  /**
   * The exception of an instruction that has completed. What a debug shadow in front of it has held back comes in the
   * kernel, on the way into a system call or the handler of a breakpoint instruction; x86's INT1 drops it.
   */
  #trap({ syscall, trap }: MachineInstruction): void {
    const { unit } = this.#cpu;
    if (syscall !== undefined) {
      this.#door.raise({ kind: 'syscall', call: syscall });
      this.#takeHeld();
    } else if (trap === 'breakpoint') {
      this.#takeHeld();
      this.#door.raise(BREAKPOINT_TRAP);
    } else {
      unit.discard();
      this.#door.raise(DEBUG_TRAP);
    }
  }

  /** In kernel mode and without a single step: the kernel's entry code has begun. */
  #takeHeld(): void {
    const { context, unit } = this.#cpu;
    if (!unit.pending) return;
    const { mode, singleStep } = context;
    if (mode === 'user') context.mode = 'kernel';
    context.singleStep = false;
    try {
      const held = unit.retire(context);
      if (held !== undefined) this.#door.take(held);
    } finally {
      context.mode = mode;
      context.singleStep = singleStep;
    }
  }

  /**
   * An access reaches a port, or an address behind which there is no memory. False: whoever emulates the device has yet
   * to answer. On a CPU of its own the bus answers.
   */
  device(access: Access, address: bigint): boolean {
    if (!this.#cpu.virtual) return true;
    if (!isForDevices(access)) {
      this.#cpu.unit.discard();
      throw new ValueError(`a store to the device at ${hex(address)} has a bigint for a value, not a function`);
    }
    const trap: DeviceTrap = { kind: 'device', access, address, result: undefined };
    this.#door.raise(trap);
    if (trap.result === undefined) {
      this.#cpu.unit.discard();
      this.#door.fault();
      return false;
    }
    this.#answers ??= new Map();
    this.#answers.set(access, trap.result);
    return true;
  }

  /** An access reaches a device through an address space: the bus answers it. */
  onBus(access: Access): void {
    this.#answers ??= new Map();
    this.#answers.set(access, 'bus');
  }

  /** What an access stores is for a function to say, or whether it does for the monitor. */
  computes(): void {
    this.#computes = true;
  }

  /** The value that the access moves; `undefined`: it did not happen. What may not be goes through the door. */
  #control(access: ControlAccess): bigint | undefined {
    const { unit, context } = this.#cpu;
    const result = unit.move(access, context) ?? 'undefined';
    if (typeof result === 'bigint') return result;
    if (typeof result === 'object') return void this.#door.take(result);
    return this.#ask({ kind: 'control', access, fault: result, result: undefined });
  }

  /** Turns interrupts off or on; returns how they were. What has waited for them to be on comes next. */
  #turn(irqs: 'off' | 'on'): bigint {
    const { context } = this.#cpu;
    const were = context.irqsOff ? 0n : 1n;
    context.irqsOff = irqs === 'off';
    if (irqs === 'on') this.#cpu.attention = true;
    return were;
  }

  /** What its owner gives for an instruction that the CPU cannot do; `undefined`: it did not happen. */
  #ask(trap: ControlTrap | HypercallTrap): bigint | undefined {
    this.#door.fault();
    this.#door.unshadow();
    this.#door.raise(trap);
    if (trap.result !== undefined) this.#progress.faults--;
    else this.#cpu.unit.discard();
    return trap.result;
  }

  /** False: a virtual CPU's hypervisor has yet to do it. */
  #operate(operation: OperationTrap['operation']): boolean {
    if (!this.#cpu.virtual) return true;
    const trap: OperationTrap = { kind: 'operation', operation, done: false };
    this.#door.raise(trap);
    if (!trap.done) this.#door.fault();
    return trap.done;
  }
}
