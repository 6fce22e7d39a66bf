import type { Suspension } from '../kernel/die-chain.js';
import type { Task } from '../kernel/task.js';
import type { Program } from '../programs/program.js';
import { highHalf, joinHalves, lowHalf } from './address.js';
import type { Clock } from './clock.js';
import { Context } from './context.js';
import type { DebugException, DebugUnit } from './debug-unit.js';
import type { Access, DecodedInstruction, Instruction, Loaded } from './instruction.js';
import type { AddressSpace } from './memory/address-space.js';
import { FILTER_FETCH, FILTER_MASK, FILTER_PORT, FILTER_READ, FILTER_WRITE, type FilterPart } from './watch-filter.js';

/** What a CPU calls when something happens on it. Implemented by the machine. */
export interface CpuEvents {
  debugException(cpu: Cpu, exception: DebugException): void;
  softwareTrap(cpu: Cpu, trap: 'breakpoint' | 'debug'): void;
  /** An access to this address has no page that allows it. */
  pageFault(cpu: Cpu, address: bigint, write: boolean): void;
  systemCall(cpu: Cpu, program: Program): void;
  suspended(cpu: Cpu, suspension: Suspension): void;
  /** True if a software breakpoint is planted at the address of these halves. */
  isPlanted(hi: number, lo: number): boolean;
  /** The memory that an access at this address reaches. */
  memoryAt(task: Task | undefined, address: bigint): AddressSpace;
  /** The first byte of a range that the current task may not access in its mode; `undefined` if it may access all. */
  firstFault(cpu: Cpu, address: bigint, size: number, write: boolean): bigint | undefined;
  /** A store to these bytes is about to be made: a page that is still shared with a forked task gets its own copy. */
  store(cpu: Cpu, address: bigint, size: number): void;
}

const IDLE = new Context();
const NOTHING: Loaded = Object.freeze([]);

/**
 * One processor. Programs drive it in one of two ways: {@link execute} for a plain description, or, in a loop of their own,
 * the filter lookup inlined and the `check`/`retire` primitives where it hits.
 */
export class Cpu {
  readonly index: number;
  readonly unit: DebugUnit;
  readonly clock: Clock;
  online = true;
  /** The task that runs here; `undefined` while idle. */
  current: Task | undefined;
  /** The registers: the current task's. */
  context: Context = IDLE;
  /** Instructions retired since the machine started. */
  instructions = 0;
  /** Exceptions of this run that were taken instead of an instruction. */
  faults = 0;
  /** Set when a program must hand the CPU back: an exception was taken, or somebody wants the machine to stop. */
  attention = false;
  /** True in the middle of a context switch: nothing runs here until it is over, and the CPU stays. */
  switching = false;
  /** True while a program executes here: on the machine's stack of calls. */
  busy = false;
  /** Halves of the address of the instruction that is executing, or that was executing when an exception was taken. */
  pcHi = 0;
  pcLo = 0;
  readonly #events: CpuEvents;
  #accounted = 0;
  /** The next instruction is another iteration of the one before: it is not fetched again. */
  #repeating = false;
  #continuation: (() => void) | undefined;
  #decoded: DecodedInstruction | undefined;
  /** The access that the debug unit was asked about last: its part of the filter, address and size. */
  #part: FilterPart = FILTER_READ;
  #accessHi = 0;
  #accessLo = 0;
  #accessSize = 0;

  /** Use `machine.cpus`. */
  constructor(index: number, unit: DebugUnit, clock: Clock, events: CpuEvents) {
    this.index = index;
    this.unit = unit;
    this.clock = clock;
    this.#events = events;
  }

  /** Address of the instruction that is executing; inside an exception handler, of the one that caused it. */
  get pc(): bigint {
    return joinHalves(this.pcHi, this.pcLo);
  }

  /** True if the next instruction needs {@link checkFetch} and {@link retire} even though the filter misses. */
  get careful(): boolean {
    return this.context.singleStep || this.context.resume || this.unit.pending || this.context.completed !== undefined;
  }

  /** Makes `task` (or nothing) run here. What the one before it matched and did not live to see is not the new one's. */
  load(task: Task | undefined): void {
    this.unit.discard();
    this.#repeating = false;
    this.current = task;
    this.context = task === undefined ? IDLE : task.context;
  }

  // --- the primitives of a program's own loop ---

  /**
   * The instruction at this address is about to execute. `decoded`: what exception handlers that decode it will find; without it
   * they find the access that raised the exception.
   */
  begin(hi: number, lo: number, decoded?: DecodedInstruction): void {
    this.#decoded = decoded;
    this.pcHi = hi;
    this.pcLo = lo;
    this.context.pcHi = hi;
    this.context.pcLo = lo;
  }

  /** Call if the fetch part of the filter hits. False: an exception was taken before the instruction. */
  checkFetch(): boolean {
    if (this.context.completed !== undefined) return true;
    if (!this.context.resume && !this.#clear(this.unit.fetch(this.pcHi, this.pcLo, this.context))) return false;
    if (!this.#events.isPlanted(this.pcHi, this.pcLo)) return true;
    this.attention = true;
    this.faults++;
    this.#events.softwareTrap(this, 'breakpoint');
    return false;
  }

  /** Call if the filter hits for an access. False: an exception was taken before the access. */
  checkAccess(part: FilterPart, hi: number, lo: number, size: number): boolean {
    if (this.context.completed !== undefined) return true;
    this.#part = part;
    this.#accessHi = hi;
    this.#accessLo = lo;
    this.#accessSize = size;
    return this.#clear(this.unit.access(part, hi, lo, size, this.context));
  }

  /**
   * What decoding the instruction that is executing, or that an exception interrupted, tells of it. For backends whose silicon
   * does not say which access, or which register, an exception is about.
   */
  decode(): DecodedInstruction {
    if (this.#decoded !== undefined) return this.#decoded;
    const address = joinHalves(this.#accessHi, this.#accessLo);
    return { accesses: [{ kind: this.#part === FILTER_READ ? 'read' : 'write', address, size: this.#accessSize }] };
  }

  /**
   * The instruction completed and execution goes on at this address. `shadow`: debug traps wait for the next one. `repeats`: an
   * iteration that is not the last: the resume flag lasts for the whole instruction.
   */
  retire(hi: number, lo: number, shadow = false, repeats = false): void {
    const context = this.context;
    context.pcHi = hi;
    context.pcLo = lo;
    if (!repeats) context.resume = false;
    const { completed } = context;
    if (completed !== undefined) {
      context.completed = undefined;
      completed(this);
    }
    if ((context.singleStep || this.unit.pending) && !shadow) this.#clear(this.unit.retire(context));
  }

  /** `count` instructions of this run have retired by now: moves the clock, so that handlers see the right time. */
  account(count: number): void {
    const fresh = count - this.#accounted;
    if (fresh <= 0) return;
    this.#accounted = count;
    this.instructions += fresh;
    this.clock.advance(fresh);
  }

  /** A run of a program begins. */
  beginRun(): void {
    this.#accounted = 0;
    this.faults = 0;
    this.attention = false;
  }

  // --- the interpreter of plain descriptions ---

  /**
   * Executes one instruction. Returns what its accesses loaded once it has retired; `undefined` if it did not (a fault
   * before it, or before one of its accesses): execute the same description again.
   */
  execute(instruction: Instruction): Loaded | undefined {
    const { pc, accesses, shadow, repeat } = instruction;
    this.begin(highHalf(pc), lowHalf(pc), instruction);
    const fetched = this.#repeating;
    this.#repeating = false;
    const table = this.unit.filter.table;
    if (!fetched && table[FILTER_FETCH | ((this.pcLo >>> 3) & FILTER_MASK)] !== 0 && !this.checkFetch())
      return undefined;
    if (accesses !== undefined && !this.#checkAccesses(accesses)) return undefined;
    const loaded = accesses === undefined ? NOTHING : this.#perform(accesses);
    if (instruction.registers !== undefined) {
      for (const name in instruction.registers) this.context.set(name, instruction.registers[name] ?? 0n);
    }
    const next = instruction.next ?? pc + BigInt(instruction.length);
    // It has retired: a trap that it raises comes after its time.
    this.account(this.#accounted + 1);
    if (instruction.syscall !== undefined) {
      this.context.pc = next;
      this.context.resume = false;
      this.attention = true;
      this.#events.systemCall(this, instruction.syscall());
      return loaded;
    }
    if (instruction.trap !== undefined) {
      // Its exception takes the place of a single step's.
      this.context.pc = next;
      this.context.resume = false;
      this.attention = true;
      this.#events.softwareTrap(this, instruction.trap);
      return loaded;
    }
    this.retire(highHalf(next), lowHalf(next), shadow, repeat);
    this.#repeating = repeat === true && !this.attention;
    return loaded;
  }

  /**
   * Completes the current task's next instruction with the debug unit disarmed, then calls `completed` with the CPU on which
   * that happened, before any trap of that instruction. For backends whose silicon faults before the access (ppc64: single
   * step, emulation). It belongs to the task: others may run first, on any CPU. A signal handler that is entered first, or
   * exec, calls it off; the instruction then executes armed, and faults, again.
   */
  completeDisarmed(completed: (cpu: Cpu) => void): void {
    this.context.completed = completed;
  }

  // --- stopping inside an exception ---

  /** Stops the machine inside the exception that is being handled; {@link continue} goes on from there. */
  suspend(suspension: Suspension, continuation: () => void): void {
    this.#continuation = continuation;
    this.attention = true;
    this.#events.suspended(this, suspension);
  }

  /** True while an exception handler on this CPU is suspended. */
  get suspended(): boolean {
    return this.#continuation !== undefined;
  }

  /** Goes on where {@link suspend} stopped. */
  continue(): void {
    const continuation = this.#continuation;
    this.#continuation = undefined;
    continuation?.();
  }

  /** Loads from the memory that this CPU's current task sees, without any check by the debug unit. */
  peek(address: bigint, size: number): bigint {
    return this.#events.memoryAt(this.current, address).readInteger(address, size);
  }

  #clear(exception: DebugException | undefined): boolean {
    if (exception === undefined) return true;
    this.attention = true;
    if (exception.timing === 'before') this.faults++;
    this.#events.debugException(this, exception);
    return exception.timing === 'after';
  }

  #checkAccesses(accesses: readonly Access[]): boolean {
    const filter = this.unit.filter;
    for (const access of accesses) {
      const { address, size, kind } = access;
      const lo = lowHalf(address);
      if (access.space === 'port') {
        if (filter.test(FILTER_PORT, lo, size) && !this.checkAccess(FILTER_PORT, 0, lo, size)) return false;
        continue;
      }
      const loads = kind !== 'write';
      const stores = kind !== 'read';
      const fault = this.#events.firstFault(this, address, size, stores);
      const reached = fault === undefined ? size : Number(BigInt.asUintN(64, fault - address));
      if (stores && reached > 0) this.#events.store(this, address, reached);
      if (fault !== undefined) {
        this.unit.discard();
        this.attention = true;
        this.faults++;
        this.#events.pageFault(this, fault, stores);
        return false;
      }
      if (loads && filter.test(FILTER_READ, lo, size) && !this.checkAccess(FILTER_READ, highHalf(address), lo, size)) {
        return false;
      }
      if (
        stores &&
        filter.test(FILTER_WRITE, lo, size) &&
        !this.checkAccess(FILTER_WRITE, highHalf(address), lo, size)
      ) {
        return false;
      }
    }
    return true;
  }

  #perform(accesses: readonly Access[]): Loaded {
    const loaded: bigint[] = [];
    for (const { address, size, kind, value, space } of accesses) {
      if (space === 'port') continue;
      const memory = this.#events.memoryAt(this.current, address);
      if (kind !== 'write') loaded.push(memory.readInteger(address, size));
      if (kind !== 'read' && value !== undefined) memory.writeInteger(address, size, value);
    }
    return loaded;
  }
}
