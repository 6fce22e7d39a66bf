import { X86DebugUnit } from '@hwbp/arch-x86';
import {
  Context,
  type ControlTrap,
  type Cpu,
  type CpuRun,
  highHalf,
  lowHalf,
  type Trap,
  type TrapHandler,
} from '@hwbp/core';
import { deliver, type GuestException, type GuestVectors, VECTOR } from './exceptions.js';
import type { FirstTouches } from './first-touches.js';
import { GuestCpu, type GuestMode } from './guest-cpu.js';
import {
  effectOf,
  type GuestCode,
  type GuestInstruction,
  type Refusal,
  SoftwareInterrupt,
} from './guest-instruction.js';

/** CR4.DE: debugging extensions. */
const CR4_DE = 8n;
/** Bits of a page fault's error code. */
const WRITE = 2n;
const USER = 4n;

/** What one virtual CPU executes. */
export interface BareGuestOptions {
  readonly mode: GuestMode;
  readonly code: GuestCode;
  readonly vectors: GuestVectors;
  /** Pages that the guest has yet to be given, and what happens when it touches one. */
  readonly touches: FirstTouches;
  readonly touched: (cpu: Cpu) => void;
  /** An exception could not be taken, nor the one about that. */
  readonly shutdown: (cpu: Cpu) => void;
  /** It is to run on after that, from where there is no memory. */
  readonly lost: (cpu: Cpu) => void;
  /** True if somebody outside completes the instruction that has not happened yet, whatever stands there now. */
  readonly completes: (cpu: Cpu) => boolean;
}

/** The vector that tells the guest's kernel of a refused instruction. */
const refused = (refusal: Refusal): GuestException =>
  refusal === 'undefined' ? { vector: VECTOR.undefined } : { vector: VECTOR.protection, code: 0n };

/** A CPU without a kernel: executes a handful of instructions, and takes exceptions as the chip does. */
export class BareGuest implements TrapHandler {
  readonly cpu: GuestCpu;
  readonly #options: BareGuestOptions;
  /** What it takes before its next instruction. */
  readonly #exceptions: GuestException[] = [];
  #down = false;
  /** What has not happened when it was to. */
  #open: { readonly pc: bigint; readonly instruction: GuestInstruction } | undefined;
  /** CR4 of a CPU that has none of its own. */
  #cr4 = 0n;

  /** Becomes the owner of a CPU. */
  constructor(cpu: Cpu, options: BareGuestOptions) {
    const context = new Context();
    this.cpu = new GuestCpu(cpu, context, options.mode);
    this.#options = options;
    cpu.load(context);
    cpu.traps = this;
  }

  /** Begins anew: forgets what it was about to take. */
  reset(): void {
    this.#down = false;
    this.#exceptions.length = 0;
    this.cpu.shadowed = false;
  }

  trap(cpu: Cpu, trap: Trap): void {
    const exception = this.#exceptionOf(cpu, trap);
    if (exception === undefined) return;
    this.#exceptions.push(exception);
    cpu.attention = true;
  }

  run(cpu: Cpu, budget: number): CpuRun {
    cpu.beginRun();
    let retired = 0;
    try {
      while (retired + cpu.faults < budget && cpu.present) {
        if (this.#step(cpu)) retired++;
        if (cpu.attention) break;
      }
    } finally {
      cpu.endRun(retired);
    }
    return { reason: 'budget', used: retired + cpu.faults };
  }

  /** True if something has retired. */
  #step(cpu: Cpu): boolean {
    const { code, vectors, touches, touched, lost } = this.#options;
    if (this.#down) {
      this.#down = false;
      this.#exceptions.push(refused('undefined'));
      lost(cpu);
      return false;
    }
    this.#takeInterrupt(cpu);
    const exception = this.#exceptions.shift();
    if (exception !== undefined) {
      if (deliver(this.cpu, exception, vectors)) return true;
      this.#failed(cpu, exception);
      return false;
    }
    const { pc } = this.cpu.context;
    const instruction = this.#opened(cpu, pc) ?? code.at(pc, this.cpu);
    const refusal = instruction.refusal?.(this.cpu);
    if (refusal !== undefined) {
      cpu.begin(highHalf(pc), lowHalf(pc));
      if (cpu.checkFetch()) this.#exceptions.push(refused(refusal));
      return false;
    }
    const effect = effectOf(instruction, this.cpu);
    if (touches.take(pc, instruction.length, effect.accesses)) {
      touched(cpu);
      return false;
    }
    const loaded = cpu.execute({ pc, length: instruction.length, next: this.cpu.behind(pc, instruction), ...effect });
    if (loaded === undefined) {
      this.#open = { pc, instruction };
      return false;
    }
    this.#open = undefined;
    this.cpu.shadowed = false;
    instruction.complete?.(this.cpu, loaded);
    return true;
  }

  /** The instruction that somebody outside completes. */
  #opened(cpu: Cpu, pc: bigint): GuestInstruction | undefined {
    const open = this.#open;
    return open?.pc === pc && this.#options.completes(cpu) ? open.instruction : undefined;
  }

  /** An exception was raised in taking one: a double fault, and after that there is none. */
  #failed(cpu: Cpu, { vector }: GuestException): void {
    this.#exceptions.length = 0;
    if (vector !== VECTOR.doubleFault) {
      this.#exceptions.push({ vector: VECTOR.doubleFault, code: 0n });
      return;
    }
    this.#down = true;
    this.cpu.powerOn();
    this.#options.shutdown(cpu);
  }

  #takeInterrupt(cpu: Cpu): void {
    if (!cpu.interrupts.pending || this.#exceptions.length > 0) return;
    if (!this.cpu.interruptible || this.cpu.shadowed) return;
    const vector = cpu.interrupts.take();
    if (vector >= 0) this.#exceptions.push({ vector });
  }

  #exceptionOf(cpu: Cpu, trap: Trap): GuestException | undefined {
    switch (trap.kind) {
      case 'debug':
        return { vector: VECTOR.debug };
      case 'software':
        return { vector: trap.name === 'breakpoint' ? VECTOR.breakpoint : VECTOR.debug };
      case 'syscall':
        return trap.call instanceof SoftwareInterrupt ? { vector: trap.call.vector } : undefined;
      case 'fault':
        return { vector: VECTOR.page, code: (trap.write ? WRITE : 0n) | (cpu.context.mode === 'user' ? USER : 0n) };
      case 'interrupt':
        return { vector: trap.line };
      case 'control':
        return this.#refusedControl(cpu, trap);
      default:
        return undefined;
    }
  }

  /** A MOV that the debug unit refused: of CR4 too, which a chip's debug unit does not have. */
  #refusedControl(cpu: Cpu, trap: ControlTrap): GuestException | undefined {
    const { access, fault } = trap;
    if (access.register !== 'cr4') return refused(fault === 'undefined' ? 'undefined' : 'privilege');
    if (!this.cpu.privileged) return refused('privilege');
    this.#cr4 = access.value ?? this.#cr4;
    if (cpu.unit instanceof X86DebugUnit) cpu.unit.debuggingExtensions = (this.#cr4 & CR4_DE) !== 0n;
    trap.result = this.#cr4;
    return undefined;
  }
}
