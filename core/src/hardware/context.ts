import { bits, type ImageReader, type ImageValue } from '../image/index.js';
import { highHalf, joinHalves, lowHalf } from './address.js';

/** Privilege in which an instruction executes. */
export type Mode = 'user' | 'kernel' | 'hypervisor';

/** What a debug unit may ask about the CPU that it sits in. An outside CPU passes an object of its own. */
export interface ExecutionState {
  readonly mode: Mode;
  /** The CPU traps after each instruction (x86 EFLAGS.TF, ppc64 MSR[SE]). */
  readonly singleStep: boolean;
  /** Execute breakpoints are suppressed for one instruction (x86 EFLAGS.RF). */
  readonly resume: boolean;
}

/** Where user mode goes on, and with which flags. */
export interface ResumePoint {
  /** Halves of the program counter. @settable */
  pcHi: number;
  /** @settable */
  pcLo: number;
  /** @settable */
  singleStep: boolean;
  /** @settable */
  resume: boolean;
  /** See {@link Context.stepDue}. Absent: false. @settable */
  stepDue?: boolean;
}

/** What is saved when a system call or a signal handler interrupts a context. */
export interface SavedContext extends ResumePoint {
  readonly mode: Mode;
  /** See {@link Context.irqsOff}. Default false. */
  readonly irqsOff?: boolean;
  readonly registers: ReadonlyMap<string, bigint>;
}

const MODES = ['user', 'kernel', 'hypervisor'] as const;

/** A saved context as an image has it. */
export function writeContext(context: SavedContext): ImageValue {
  const { pcHi, pcLo, mode, singleStep, resume, stepDue = false, irqsOff = false, registers } = context;
  const named = [...registers].map(([name, value]) => [name, bits(value)]);
  return { pc: bits(joinHalves(pcHi, pcLo)), mode, singleStep, resume, stepDue, irqsOff, registers: named };
}

/** The way back. */
export function readContext(from: ImageReader): SavedContext {
  const pc = from.field('pc').bits();
  const registers = new Map<string, bigint>();
  for (const one of from.field('registers').list()) {
    const [name, value] = one.list();
    if (name === undefined || value === undefined) throw one.invalid('the name of a register and its value');
    registers.set(name.text(), value.bits());
  }
  return {
    pcHi: highHalf(pc),
    pcLo: lowHalf(pc),
    mode: from.field('mode').oneOf(...MODES),
    singleStep: from.field('singleStep').flag(),
    resume: from.field('resume').flag(),
    stepDue: !from.field('stepDue').absent && from.field('stepDue').flag(),
    irqsOff: !from.field('irqsOff').absent && from.field('irqsOff').flag(),
    registers,
  };
}

/** The registers that a CPU works with: those of one task, or a CPU's own while it idles. */
export class Context implements ExecutionState {
  /** Halves of the program counter; see {@link pc}. @settable */
  pcHi = 0;
  /** @settable */
  pcLo = 0;
  /** @settable */
  mode: Mode = 'user';
  /** @settable */
  singleStep = false;
  /** @settable */
  resume = false;
  /**
   * The instruction that it steps has executed in the kernel, as a system call does: the exception of the step comes
   * before the next one of user mode (arm64: PSTATE.SS is 0 while MDSCR_EL1.SS is 1). @settable
   */
  stepDue = false;
  /** No interrupt is taken but a non-maskable one (x86: EFLAGS.IF is 0, ppc64: MSR[EE]). @settable */
  irqsOff = false;
  /**
   * Its single step is a debugger's: an instruction that writes the flags makes it the program's own. @settable
   */
  forcedStep = false;
  /**
   * Set: its next instruction completes with the debug unit disarmed, and is then reported with this. See
   * `cpu.completeDisarmed`.
   * @settable
   */
  completion: object | undefined;
  /** General registers by the architecture's names; absent means 0. */
  readonly registers = new Map<string, bigint>();

  /** Address of the next instruction. @settable */
  get pc(): bigint {
    return joinHalves(this.pcHi, this.pcLo);
  }

  set pc(address: bigint) {
    this.pcHi = highHalf(address);
    this.pcLo = lowHalf(address);
  }

  /** A general register; 0 if it was never written. */
  get(name: string): bigint {
    return this.registers.get(name) ?? 0n;
  }

  /** Writes a general register; the value is cut to 64 bits. */
  set(name: string, value: bigint): void {
    this.registers.set(name, BigInt.asUintN(64, value));
  }

  save(): SavedContext {
    const { pcHi, pcLo, mode, singleStep, resume, stepDue, irqsOff } = this;
    return { pcHi, pcLo, mode, singleStep, resume, stepDue, irqsOff, registers: new Map(this.registers) };
  }

  restore(saved: SavedContext): void {
    this.pcHi = saved.pcHi;
    this.pcLo = saved.pcLo;
    this.mode = saved.mode;
    this.singleStep = saved.singleStep;
    this.resume = saved.resume;
    this.stepDue = saved.stepDue ?? false;
    this.irqsOff = saved.irqsOff ?? false;
    this.registers.clear();
    for (const [name, value] of saved.registers) this.registers.set(name, value);
  }
}
