import { checkAccesses, perform } from './accesses.js';
import { highHalf, joinHalves, lowHalf } from './address.js';
import { Alarms } from './alarms.js';
import { AskedAccess } from './asked-access.js';
import type { Bus } from './bus.js';
import type { Clock } from './clock.js';
import { Context } from './context.js';
import type { ControlAccess } from './control.js';
import type { CpuParts } from './cpu-parts.js';
import type { DebugException, DebugUnit } from './debug-unit.js';
import type { DecodedInstruction, Loaded, MachineInstruction } from './instruction.js';
import { InterruptLines } from './interrupts.js';
import type { Mmu } from './memory/mmu.js';
import type { SoftwareBreakpoints } from './software-breakpoints.js';
import { BREAKPOINT_TRAP, COPY_FAULT, type ControlTrap, DEBUG_TRAP, NOBODY, type TrapHandler } from './trap.js';
import { FILTER_FETCH, FILTER_MASK, type FilterPart } from './watch-filter.js';

const NOTHING: Loaded = Object.freeze([]);

/**
 * One processor: registers, debug unit, clock, interrupt lines, and a bus to memory and devices. It knows no task and
 * no kernel: what it cannot finish by itself goes to {@link traps}.
 *
 * Programs drive it in one of two ways: {@link execute} for a plain description, or, in a loop of their own, the filter
 * lookup inlined and the `check`/`retire` primitives where it hits.
 */
export class Cpu {
  readonly index: number;
  /** Its time, likewise. @settable */
  clock: Clock;
  /** The owner: a kernel, or a hypervisor while its guest runs. @settable */
  traps: TrapHandler = NOBODY;
  readonly alarms = new Alarms(this);
  readonly interrupts = new InterruptLines(this);
  readonly bus: Bus;
  readonly mmu: Mmu;
  /** Registers of its own, for when it idles. */
  readonly idle = new Context();
  /** A program must hand the CPU back: after an exception, or because the machine is to stop. @settable */
  attention = false;
  /** Exceptions of this run that were taken instead of an instruction. */
  #faults = 0;
  #unit: DebugUnit;
  #online = true;
  #busy = false;
  #context: Context = this.idle;
  #instructions = 0;
  /** Halves of the address of the instruction that executes, or that an exception interrupted. @settable */
  pcHi = 0;
  /** @settable */
  pcLo = 0;
  readonly #planted: SoftwareBreakpoints;
  readonly #retired: { count: number };
  #accounted = 0;
  /** The next instruction is another iteration of the one before: it is not fetched again. */
  #repeating = false;
  #shadow = false;
  #decoded: DecodedInstruction | undefined;
  /** What the debug unit was asked about last. */
  readonly #asked = new AskedAccess();

  /** Use `new Hardware`. */
  constructor(parts: CpuParts) {
    this.index = parts.index;
    this.#unit = parts.unit;
    this.clock = parts.clock;
    this.bus = parts.bus;
    this.mmu = parts.mmu;
    this.#planted = parts.planted;
    this.#retired = parts.retired;
    this.idle.mode = 'kernel';
  }

  /** Its debug registers. Another unit may be lent: look it up where it is used. @settable */
  get unit(): DebugUnit {
    return this.#unit;
  }

  set unit(unit: DebugUnit) {
    this.#planted.moved(this.#unit.filter, unit.filter);
    this.#unit = unit;
  }

  /** True while it is powered. */
  get online(): boolean {
    return this.#online;
  }

  /** The registers that it works with: a task's, or its own. */
  get context(): Context {
    return this.#context;
  }

  /** Instructions that it has retired. */
  get instructions(): number {
    return this.#instructions;
  }

  /** Instructions that all CPUs of its computer have retired: the order of what happened on different clocks. */
  get retired(): number {
    return this.#retired.count;
  }

  /** Exceptions of this run of a program that were taken instead of an instruction. */
  get faults(): number {
    return this.#faults;
  }

  /** True while a program executes here: on the stack of calls of whoever runs the CPU. */
  get busy(): boolean {
    return this.#busy;
  }

  /** True behind an instruction that shadows: no interrupt may come between it and the next one. */
  get shadowed(): boolean {
    return this.#shadow;
  }

  /** Address of the instruction that is executing; inside an exception handler, of the one that caused it. */
  get pc(): bigint {
    return joinHalves(this.pcHi, this.pcLo);
  }

  /** True if the next instruction needs {@link checkFetch} and {@link retire} even though the filter misses. */
  get careful(): boolean {
    const { singleStep, resume, completion } = this.#context;
    return singleStep || resume || this.#shadow || this.unit.pending || completion !== undefined;
  }

  /** Works with these registers from now on. What was matched with others and not reported yet is nobody's. */
  load(context: Context): void {
    this.unit.discard();
    this.#repeating = false;
    this.#shadow = false;
    this.#context = context;
  }

  /**
   * Does something with other registers; the program that runs here goes on afterwards as if nothing had been. Not
   * while {@link shadowed}, outside of an exception: what the instruction has matched would be lost.
   */
  aside<T>(context: Context, action: () => T): T {
    const [before, decoded, accounted, faults] = [this.#context, this.#decoded, this.#accounted, this.#faults];
    const [pcHi, pcLo, shadow] = [this.pcHi, this.pcLo, this.#shadow];
    this.load(context);
    try {
      return action();
    } finally {
      this.load(before);
      [this.#decoded, this.#accounted, this.#faults, this.#shadow] = [decoded, accounted, faults, shadow];
      [this.pcHi, this.pcLo] = [pcHi, pcLo];
      if (this.alarms.next <= this.clock.now) this.attention = true;
    }
  }

  /** Switches it on: every debug register has its power-on value. */
  powerOn(): void {
    this.unit.reset();
    this.#online = true;
  }

  powerOff(): void {
    this.#online = false;
    this.attention = true;
  }

  // --- the primitives of a program's own loop ---

  /**
   * The instruction at this address is about to execute. `decoded`: what exception handlers that decode it will find;
   * without it they find the access that raised the exception.
   */
  begin(hi: number, lo: number, decoded?: DecodedInstruction): void {
    this.#decoded = decoded;
    this.pcHi = hi;
    this.pcLo = lo;
    this.#context.pcHi = hi;
    this.#context.pcLo = lo;
  }

  /** Call if the fetch part of the filter hits. False: an exception was taken before the instruction. */
  checkFetch(): boolean {
    const context = this.#context;
    if (context.completion !== undefined) return true;
    if (!context.resume && !this.#clear(this.unit.fetch(this.pcHi, this.pcLo, context))) return false;
    if (!this.#planted.has(this.pcHi, this.pcLo)) return true;
    this.#fault();
    this.traps.trap(this, BREAKPOINT_TRAP);
    return false;
  }

  /** Call if the filter hits for an access. False: an exception was taken before the access. */
  checkAccess(part: FilterPart, hi: number, lo: number, size: number): boolean {
    if (this.#context.completion !== undefined) return true;
    this.#asked.set(part, hi, lo, size);
    return this.#clear(this.unit.access(part, hi, lo, size, this.#context));
  }

  /** An access of the instruction finds no page that allows it: nothing of the instruction happens. */
  pageFault(address: bigint, write: boolean): void {
    this.unit.discard();
    this.#fault();
    this.#shadow = false;
    this.traps.trap(this, { kind: 'fault', address, write });
  }

  /** A page was copied for a store of user mode, which goes on. */
  copyFault(): void {
    this.traps.trap(this, COPY_FAULT);
  }

  /**
   * What decoding the instruction that is executing, or that an exception interrupted, tells of it. For backends whose
   * silicon does not say which access, or which register, an exception is about.
   */
  decode(): DecodedInstruction {
    return this.#decoded ?? this.#asked.decoded;
  }

  /**
   * The instruction completed and execution goes on at this address. `shadow`: debug traps and interrupts wait for the
   * next one. `repeats`: an iteration that is not the last: the resume flag lasts for the whole instruction.
   */
  retire(hi: number, lo: number, shadow = false, repeats = false): void {
    const context = this.#context;
    context.pcHi = hi;
    context.pcLo = lo;
    this.#shadow = shadow;
    if (!repeats) context.resume = false;
    const { completion } = context;
    if (completion !== undefined) {
      context.completion = undefined;
      this.traps.trap(this, { kind: 'completed', completion });
    }
    if ((context.singleStep || this.unit.pending) && !shadow) this.#clear(this.unit.retire(context));
  }

  /** `count` instructions of this run have retired by now: moves the clock, so that handlers see the right time. */
  account(count: number): void {
    const fresh = count - this.#accounted;
    if (fresh <= 0) return;
    this.#accounted = count;
    this.#instructions += fresh;
    this.#retired.count += fresh;
    this.clock.advance(fresh);
  }

  /** A program is about to run here, on the caller's stack. */
  beginRun(): void {
    this.#accounted = 0;
    this.#faults = 0;
    this.attention = false;
    this.#busy = true;
  }

  /** It has returned, and `count` instructions have retired. */
  endRun(count: number): void {
    this.#busy = false;
    this.account(count);
  }

  // --- the interpreter of plain descriptions ---

  /**
   * Executes one instruction. Returns what its accesses loaded once it has retired; `undefined` if it did not (a fault
   * before it, or before one of its accesses): execute the same description again.
   */
  execute(instruction: MachineInstruction): Loaded | undefined {
    const { pc, accesses, shadow, repeat, control } = instruction;
    this.begin(highHalf(pc), lowHalf(pc), instruction);
    const fetched = this.#repeating;
    this.#repeating = false;
    const table = this.unit.filter.table;
    if (!fetched && table[FILTER_FETCH | ((this.pcLo >>> 3) & FILTER_MASK)] !== 0 && !this.checkFetch())
      return undefined;
    let moved: bigint | undefined;
    if (control !== undefined) {
      moved = this.#control(control);
      if (moved === undefined) return undefined;
    }
    if (accesses !== undefined && !checkAccesses(this, accesses)) return undefined;
    const loaded = accesses === undefined ? NOTHING : perform(this, accesses);
    if (instruction.registers !== undefined) {
      for (const name in instruction.registers) this.#context.set(name, instruction.registers[name] ?? 0n);
    }
    const next = instruction.next ?? pc + BigInt(instruction.length);
    // It has retired: a trap that it raises comes after its time.
    this.account(this.#accounted + 1);
    if (instruction.syscall !== undefined || instruction.trap !== undefined) {
      // Its exception takes the place of a single step's.
      this.#context.pc = next;
      this.#context.resume = false;
      this.#shadow = false;
      this.attention = true;
      if (instruction.syscall !== undefined) this.traps.trap(this, { kind: 'syscall', call: instruction.syscall });
      else this.traps.trap(this, instruction.trap === 'breakpoint' ? BREAKPOINT_TRAP : DEBUG_TRAP);
      return loaded;
    }
    this.retire(highHalf(next), lowHalf(next), shadow, repeat);
    this.#repeating = repeat === true && !this.attention;
    return moved === undefined || control?.value !== undefined ? loaded : [moved, ...loaded];
  }

  /**
   * Completes the next instruction of these registers with the debug unit disarmed, and reports `completion` through
   * {@link traps} before any trap of that instruction. For silicon that faults before the access. It belongs to the
   * task: others may run first, on any CPU. A signal handler that is entered first, or exec, calls it off.
   */
  completeDisarmed(completion: object): void {
    this.#context.completion = completion;
  }

  /** Loads from the memory that this CPU sees, without any check by the debug unit. */
  peek(address: bigint, size: number): bigint {
    return this.mmu.at(address).readInteger(address, size);
  }

  /** An exception comes instead of the instruction. The debug shadow that it stands in goes on. */
  #fault(): void {
    this.attention = true;
    this.#faults++;
  }

  #clear(exception: DebugException | undefined): boolean {
    if (exception === undefined) return true;
    this.attention = true;
    if (exception.timing === 'before') this.#fault();
    this.traps.trap(this, exception);
    return exception.timing === 'after';
  }

  /** The value that the access moves; `undefined`: it did not happen. What may not be goes through the door. */
  #control(access: ControlAccess): bigint | undefined {
    const result = this.#unit.move(access, this.#context) ?? 'undefined';
    if (typeof result === 'bigint') return result;
    if (typeof result === 'object') return void this.#clear(result);
    const trap: ControlTrap = { kind: 'control', access, fault: result, result: undefined };
    this.#fault();
    this.#shadow = false;
    this.traps.trap(this, trap);
    if (trap.result !== undefined) this.#faults--;
    return trap.result;
  }
}
