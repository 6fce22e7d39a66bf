import { joinHalves } from './address.js';
import { Alarms } from './alarms.js';
import { AskedAccess } from './asked-access.js';
import type { Bus } from './bus.js';
import type { Clock } from './clock.js';
import { Context, type ExecutionState } from './context.js';
import type { CpuParts } from './cpu-parts.js';
import { CpuTime } from './cpu-time.js';
import type { DebugException, DebugUnit } from './debug-unit.js';
import type { Hypervisor, InterruptedGuest, Visitor } from './hypervisor.js';
import type { DecodedInstruction, Loaded, MachineInstruction } from './instruction.js';
import { Interpreter } from './interpreter.js';
import { InterruptLines } from './interrupts.js';
import type { Mmu } from './memory/mmu.js';
import type { RegisterRoles } from './register-roles.js';
import type { SoftwareBreakpoints } from './software-breakpoints.js';
import { BREAKPOINT_TRAP, COPY_FAULT, type Trap, type VirtualTrap } from './trap.js';
import { NOBODY, type TrapHandler } from './trap-handler.js';
import type { FilterPart } from './watch-filter.js';

/**
 * One processor: registers, debug unit, clock, interrupt lines, and a bus to memory and devices. It knows no task and
 * no kernel: what it cannot finish by itself goes to {@link traps}.
 *
 * Programs drive it by {@link execute}, or in a loop of their own: the filter inlined, the `check` door where it hits.
 */
export class Cpu extends CpuTime {
  readonly index: number;
  /** The owner: a kernel, or a hypervisor while its guest runs. @settable */
  traps: TrapHandler = NOBODY;
  /** The guest that is on it: {@link vacate} has it leave. @settable */
  visitor: Visitor | undefined;
  /** Of an interrupt that came while a guest was on it: where that was. @settable */
  interrupted: InterruptedGuest | undefined;
  readonly alarms = new Alarms(this);
  readonly interrupts = new InterruptLines(this);
  readonly bus: Bus;
  readonly mmu: Mmu;
  readonly roles: RegisterRoles;
  /** Registers of its own, for when it idles. */
  readonly idle = new Context();
  #attention = false;
  /** Somebody wants it: there is more than an exception that was dealt with. */
  #wanted = false;
  #unit: DebugUnit;
  #online = true;
  #context: Context = this.idle;
  readonly #hypervisor: Hypervisor | undefined;
  /** Halves of the address of the instruction that executes, or that an exception interrupted. @settable */
  pcHi = 0;
  /** @settable */
  pcLo = 0;
  readonly #planted: SoftwareBreakpoints;
  readonly #interpreter: Interpreter;
  #shadow = false;
  #decoded: DecodedInstruction | undefined;
  /** What the debug unit was asked about last. */
  readonly #asked = new AskedAccess();

  /** Use `new Hardware`. */
  constructor(parts: CpuParts) {
    super(parts.progress);
    this.index = parts.index;
    this.#unit = parts.unit;
    this.#hypervisor = parts.hypervisor;
    this.bus = parts.bus;
    this.mmu = parts.mmu;
    this.roles = parts.roles;
    this.#planted = parts.planted;
    this.#interpreter = new Interpreter(this, this.progress, {
      raise: (trap) => this.#raise(trap),
      fault: () => this.#fault(),
      take: (exception) => this.#clear(exception),
      unshadow: () => {
        this.#shadow = false;
      },
    });
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

  /** Its time. Another clock may be lent. @settable */
  get clock(): Clock {
    return this.progress.clock;
  }

  set clock(clock: Clock) {
    this.progress.clock = clock;
    // How far a program may run was said by the other one.
    this.attention = true;
  }

  /** A program must hand the CPU back: after an exception, or because the machine is to stop. @settable */
  get attention(): boolean {
    return this.#attention;
  }

  set attention(wanted: boolean) {
    this.#attention = wanted;
    this.#wanted = wanted;
    if (wanted) this.#hypervisor?.kick();
    if (wanted) this.visitor?.interrupt();
  }

  /** False while a virtual CPU's instructions may not execute: it is on no physical CPU, or wanted back. */
  get present(): boolean {
    return this.#hypervisor === undefined || this.#hypervisor.present;
  }

  /** True for the CPU of a virtual machine. */
  get virtual(): boolean {
    return this.#hypervisor !== undefined;
  }

  /** True while it has power. */
  get online(): boolean {
    return this.#online;
  }

  /** The registers that it works with: a task's, or its own. */
  get context(): Context {
    return this.#context;
  }

  /** True behind an instruction that shadows: no interrupt may come between it and the next one. */
  get shadowed(): boolean {
    return this.#shadow || this.visitor?.shadowed === true;
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
    this.vacate();
    this.unit.discard();
    if (this.#interpreter.reset()) this.#context.resume = true;
    this.#shadow = false;
    this.#context = context;
  }

  /** Has the guest leave that is on it, if there is one: whoever does something else here comes first. */
  vacate(): void {
    this.visitor?.leave();
  }

  /**
   * Does something with other registers; the program here goes on afterwards as if nothing had been. Not while
   * {@link shadowed}, outside of an exception: what the instruction has matched would be lost.
   */
  aside<T>(context: Context, action: () => T): T {
    if (this.#hypervisor === undefined) return this.#aside(context, action);
    return this.#hypervisor.inside(() => this.#aside(context, action));
  }

  #aside<T>(context: Context, action: () => T): T {
    const [before, decoded, progress, visitor] = [this.#context, this.#decoded, this.progress, this.visitor];
    const [pcHi, pcLo, shadow, { accounted, faults }] = [this.pcHi, this.pcLo, this.#shadow, progress];
    this.load(context);
    try {
      return action();
    } finally {
      this.load(before);
      [progress.accounted, progress.faults, this.#decoded] = [accounted, faults, decoded];
      [this.pcHi, this.pcLo, this.#shadow] = [pcHi, pcLo, shadow];
      visitor?.enter();
      if (this.alarms.next <= this.clock.now) this.attention = true;
    }
  }

  /** Switches it on: every debug register has its power-on value. */
  powerOn(): void {
    this.unit.reset();
    this.#online = true;
    this.#hypervisor?.kick();
  }

  powerOff(): void {
    this.unit.reset();
    this.#online = false;
    this.attention = true;
  }

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
    if (!context.resume && !this.#clear(this.unit.fetch(this.pcHi, this.pcLo, context, this.#shadow))) return false;
    if (!this.#planted.has(this.pcHi, this.pcLo, this.mmu) || this.#planted.passes(context)) return true;
    this.#fault();
    this.#raise(BREAKPOINT_TRAP);
    return false;
  }

  /** Call if the filter hits for an access. False: an exception was taken before it. `state`: in which it is made. */
  checkAccess(part: FilterPart, hi: number, lo: number, size: number, state: ExecutionState = this.#context): boolean {
    if (this.#context.completion !== undefined) return true;
    this.#asked.set(part, hi, lo, size);
    return this.#clear(this.unit.access(part, hi, lo, size, state));
  }

  /** No page allows an access of the instruction, of which nothing happens. */
  pageFault(address: bigint, write: boolean): void {
    this.unit.discard();
    this.#fault();
    this.#shadow = false;
    this.#raise({ kind: 'fault', address, write });
  }

  /** A page was copied for a store of user mode, which goes on. */
  copyFault(): void {
    this.#raise(COPY_FAULT);
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
    if (context.completion !== undefined) this.#interpreter.complete();
    if ((context.singleStep || this.unit.pending) && !shadow) this.#clear(this.unit.retire(context));
  }

  /** `count` instructions of this run have retired by now: moves the clock, so that handlers see the right time. */
  account(count: number): void {
    this.progress.account(count, this.#context.mode);
  }

  /** The next instruction was fetched before, and is not looked at again: an access of its was left to a device. */
  fetched(): void {
    this.#interpreter.fetched();
  }

  /** A program is about to run here, on the caller's stack. */
  beginRun(): void {
    this.progress.begin();
    this.#attention = false;
    this.#wanted = false;
  }

  /**
   * Of a program that has seen {@link attention}, and would go on as if nothing had happened: true if it may, for all
   * that there was is an exception behind an instruction, and nobody who was told of it wants the CPU.
   */
  goesOn(): boolean {
    if (this.#wanted) return false;
    this.#attention = false;
    return true;
  }

  /** It has returned, and `count` instructions have retired. */
  endRun(count: number): void {
    this.progress.end(count, this.#context.mode);
  }

  /** Executes one instruction. Returns what it loaded; `undefined` if it did not retire: execute the same again. */
  execute(instruction: MachineInstruction): Loaded | undefined {
    return this.#interpreter.execute(instruction);
  }

  /**
   * Completes the next instruction of these registers with the debug unit disarmed, and reports `completion` through
   * {@link traps} before any trap of that instruction: for silicon that faults before the access. It belongs to the
   * task, on any CPU. A signal handler that is entered first, or exec, calls it off.
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
    this.progress.faults++;
  }

  #clear(exception: DebugException | undefined): boolean {
    if (exception === undefined) return true;
    if (exception.timing === 'before') this.#fault();
    else if (this.#hypervisor !== undefined || this.visitor !== undefined) this.attention = true;
    else return this.#trapped(exception);
    this.#raise(exception);
    return exception.timing === 'after';
  }

  /** Behind the instruction, on a CPU of its own. Interrupts that its handlers let in come first. */
  #trapped(exception: DebugException): true {
    const { irqsOff } = this.#context;
    this.#attention = true;
    this.#raise(exception);
    if (irqsOff && !this.#context.irqsOff) this.attention = true;
    return true;
  }

  /** To its owner; of a virtual CPU to its hypervisor, which passes on what is its guest's. */
  #raise(trap: VirtualTrap): void {
    this.#interpreter.monitor.close();
    if (this.#hypervisor === undefined) this.traps.trap(this, trap as Trap);
    else this.#hypervisor.trap(trap);
  }
}
