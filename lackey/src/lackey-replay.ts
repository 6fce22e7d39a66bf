import {
  type Cpu,
  FILTER_FETCH,
  FILTER_MASK,
  FILTER_READ,
  FILTER_WRITE,
  type Program,
  type ProgramState,
} from '@hwbp/core';
import { LackeyError } from './lackey-error.js';
import { LackeyInput } from './lackey-input.js';
import {
  findLineFeed,
  LackeyLine,
  LINE_INSTRUCTION,
  LINE_LOAD,
  LINE_OTHER,
  LINE_STORE,
  type LineKind,
} from './lackey-line.js';
import { LackeyCursor, LOST, scan } from './lackey-scan.js';
import { type CodeRange, LackeySearch } from './lackey-search.js';
import { LackeyTaken } from './lackey-taken.js';
import { printable } from './printable.js';

/** How a trace is replayed. */
export interface LackeyOptions {
  /** True: a line that is none of Lackey's four, Valgrind's own `==PID==` lines too, ends the replay. Default false. */
  readonly strict?: boolean;
  /**
   * Whether the instruction at an address repeats itself, as x86's string instructions with a REP prefix do;
   * `undefined` if its bytes are not known. Then, and without this, the trace's own accesses tell.
   */
  readonly repeats?: (address: bigint) => boolean | undefined;
}

/**
 * Where a replay stands. `none`: the next line begins an instruction. `open`: its lines are being read. `between`: it
 * is complete, and the `I` line behind it, which was read and not counted yet, is another iteration of it or says that
 * there is none. `stuck`: it is complete and must be executed again. `tail`: such a last line is to be counted.
 */
type Phase = 'none' | 'open' | 'between' | 'stuck' | 'tail';

/**
 * Replays the memory accesses that Valgrind's Lackey recorded (`--tool=lackey --trace-mem=yes`).
 *
 * An `I` line and the accesses that follow it are one instruction. It executes once it is complete, which only the next
 * `I` line (or the end) shows; that line's address is where execution goes on: branches and calls included. After the
 * last instruction of the trace it goes on behind that one. An ` M` line reads and writes. Any other line is counted
 * and skipped; so are accesses before the first `I` line, and behind one that is damaged: they belong to no instruction
 * that is known.
 *
 * Of an instruction that repeats itself (x86's REP) Lackey writes an `I` line for each iteration, and mostly one more
 * without accesses when its count has run out. To the CPU it is one instruction: fetched once, interrupted between its
 * iterations, and behind the last one execution goes on at the next instruction.
 *
 * Feed it chunks of any size while it is `starved`, waking its task (`machine.wake`) each time; how the text is cut
 * makes no difference. It keeps the chunk that it is in, and no other.
 */
export class LackeyReplay implements Program {
  /** First line that was skipped: its 1-based number and its first 80 characters. */
  firstSkipped: { readonly line: number; readonly text: string } | undefined;
  /** Lines that are none of Lackey's four. */
  skipped = 0;
  readonly #strict: boolean;
  readonly #repeats: NonNullable<LackeyOptions['repeats']>;
  readonly #input = new LackeyInput();
  readonly #cursor = new LackeyCursor();
  readonly #line = new LackeyLine();
  readonly #taken = new LackeyTaken();
  readonly #search = new LackeySearch();
  #phase: Phase = 'none';
  #nextHi = 0;
  #nextLo = 0;
  /**
   * What the `I` line is that was read behind the stuck instruction: `none` was, it comes `again`, or that is its
   * `tail`.
   */
  #then: 'none' | 'again' | 'tail' = 'none';
  /** If it comes again: as another iteration. */
  #iterates = false;
  /** The iteration that comes is fetched again: an exception was taken behind the one before. */
  #refetch = false;
  #done = false;
  /** Instructions of this run. */
  #retired = 0;

  constructor(options: LackeyOptions = {}) {
    this.#strict = options.strict ?? false;
    this.#repeats = options.repeats ?? (() => undefined);
  }

  get state(): ProgramState {
    if (this.#done) return 'done';
    const { at, bytes } = this.#cursor;
    const ready = this.#phase === 'stuck' || at < bytes.length || this.#input.available || this.#input.ended;
    return ready ? 'ready' : 'starved';
  }

  /** `I` lines so far: the 1-based number of the instruction that is executing, or that executed last. */
  get steps(): number {
    return this.#cursor.steps;
  }

  /** ` L` lines so far. */
  get loads(): number {
    return this.#cursor.loads;
  }

  /** ` S` lines so far. */
  get stores(): number {
    return this.#cursor.stores;
  }

  /** ` M` lines so far. */
  get modifies(): number {
    return this.#cursor.modifies;
  }

  /** Lines so far, of any kind. */
  get lines(): number {
    const { steps, loads, stores, modifies } = this.#cursor;
    const uncounted = this.#phase === 'between' || this.#phase === 'tail' || this.#then !== 'none' ? 1 : 0;
    return steps + loads + stores + modifies + this.skipped + uncounted;
  }

  /**
   * The last instruction up to the one that is executing that lies in a range, in the text that the replay still has
   * (the chunk that it is in): who called, when a library is executing. Pass the same list each time: what was searched
   * is not searched again.
   */
  lastIn(ranges: readonly CodeRange[]): bigint | undefined {
    return this.#search.last(this.#cursor.bytes, this.#cursor.at, ranges);
  }

  /** Adds text. It must not change until the program is starved. Throws TypeError after {@link end}. */
  feed(chunk: Uint8Array): void {
    if (this.#input.ended) throw new TypeError('the trace has ended; nothing can be fed after end()');
    this.#input.feed(chunk);
  }

  /** No more text comes: a last line without a line feed counts, and the last instruction executes. */
  end(): void {
    this.#input.ended = true;
  }

  /** Throws `LackeyError` for a line that `strict` refuses, and for an instruction of more than 65,536 accesses. */
  run(cpu: Cpu, budget: number): number {
    this.#retired = 0;
    if (this.#phase === 'stuck' && !this.#execute(cpu)) return 0;
    // While its text was not complete, something may have been armed that what was read of it was not looked up in.
    if (this.#phase === 'open') this.#cursor.hit = 1;
    while (this.#retired < budget && !cpu.attention) {
      if (this.#phase === 'open') this.#retired += scan(this.#cursor, cpu.unit.filter.table, budget - this.#retired);
      else if (this.#phase === 'tail') {
        this.#countTail();
        continue;
      }
      if (!this.#readLine(cpu)) break;
    }
    return this.#retired;
  }

  /** Does what {@link scan} leaves over, one line at a time. False: the run is over. */
  #readLine(cpu: Cpu): boolean {
    const { bytes, at } = this.#cursor;
    const lineFeed = findLineFeed(bytes, at, bytes.length);
    if (lineFeed < 0) return this.#refill(cpu);
    const kind = this.#line.parse(bytes, at, lineFeed);
    // A damaged I line: what follows belongs to an instruction that nobody knows, not to the one before.
    const damaged = kind === LINE_OTHER && bytes[at] === LETTER_I;
    if (this.#phase === 'between' && (damaged || kind !== LINE_OTHER)) {
      const { hi, lo, size } = this.#line;
      // The line is read again once the iteration that ends here has executed.
      if (damaged) return this.#complete(cpu, 'tail');
      if (kind === LINE_INSTRUCTION) return this.#complete(cpu, 'tail', hi, lo);
      const { current } = this.#taken;
      this.#iterates = this.#repeats(current.pc) ?? current.stepsTo(kind, hi, lo, size);
      return this.#complete(cpu, 'again', current.pcHi, current.pcLo);
    }
    if (kind === LINE_INSTRUCTION) {
      if (this.#phase !== 'open') this.#open(cpu);
      else if (!this.#reachesItself(cpu)) return this.#complete(cpu, 'none', this.#line.hi, this.#line.lo);
    } else if (damaged && this.#phase === 'open') {
      return this.#complete(cpu, 'none');
    } else if (kind === LINE_OTHER || this.#phase === 'none') {
      this.#skip(cpu, at, lineFeed);
      if (damaged) this.#cursor.start = LOST;
    } else {
      this.#access(cpu, kind);
    }
    this.#cursor.at = lineFeed + 1;
    return true;
  }

  #open(cpu: Cpu): void {
    const cursor = this.#cursor;
    cursor.hit = this.#fetchHit(cpu, this.#line.lo);
    cursor.before = cursor.start;
    cursor.start = cursor.at;
    cursor.steps++;
    this.#phase = 'open';
  }

  /** Not 0 if the fetch of an instruction must be looked at. */
  #fetchHit(cpu: Cpu, lo: number): number {
    return cpu.careful ? 1 : (cpu.unit.filter.table[FILTER_FETCH | ((lo >>> 3) & FILTER_MASK)] as number);
  }

  #access(cpu: Cpu, kind: LineKind): void {
    const cursor = this.#cursor;
    const { lo, size } = this.#line;
    const { filter } = cpu.unit;
    if (kind === LINE_LOAD) cursor.loads++;
    else if (kind === LINE_STORE) cursor.stores++;
    else cursor.modifies++;
    if (kind !== LINE_STORE && filter.test(FILTER_READ, lo, size)) cursor.hit = 1;
    if (kind !== LINE_LOAD && filter.test(FILTER_WRITE, lo, size)) cursor.hit = 1;
  }

  #skip(cpu: Cpu, from: number, to: number): void {
    if (this.#strict || this.skipped === 0) {
      const line = this.lines + 1;
      const text = printable(this.#cursor.bytes, from, to);
      this.firstSkipped ??= Object.freeze({ line, text });
      if (this.#strict) {
        cpu.account(this.#retired);
        throw new LackeyError('LACKEY_NOT_A_LINE', `'${text}' is no line of a Lackey trace (I, L, S, M)`, line, text);
      }
    }
    this.skipped++;
  }

  /**
   * An `I` line was read: true if the open instruction needs care and may be the same, so that only the next line tells
   * what it is.
   */
  #reachesItself(cpu: Cpu): boolean {
    if (this.#cursor.hit === 0) return false;
    this.#take(cpu);
    const { current } = this.#taken;
    const { hi, lo, size } = this.#line;
    if (!current.touches || !current.is(hi, lo, size) || this.#repeats(current.pc) === false) return false;
    this.#phase = 'between';
    return true;
  }

  /**
   * The open instruction's last line was read. Execution goes on at this address; without one, behind the instruction.
   */
  #complete(cpu: Cpu, then: 'none' | 'again' | 'tail', hi?: number, lo?: number): boolean {
    const cursor = this.#cursor;
    let nextHi = hi ?? 0;
    let nextLo = lo ?? 0;
    if (lo === undefined || cursor.hit !== 0) this.#take(cpu);
    if (lo === undefined) {
      const { pcHi, pcLo, length } = this.#taken.current;
      nextLo = (pcLo + length) | 0;
      nextHi = (pcHi + (nextLo >>> 0 < pcLo >>> 0 ? 1 : 0)) | 0;
    }
    if (cursor.hit === 0) {
      cpu.context.pcHi = nextHi;
      cpu.context.pcLo = nextLo;
      this.#retired++;
      this.#phase = 'none';
      return true;
    }
    this.#nextHi = nextHi;
    this.#nextLo = nextLo;
    this.#then = then;
    this.#phase = 'stuck';
    return this.#execute(cpu);
  }

  #execute(cpu: Cpu): boolean {
    const { current, previous } = this.#taken;
    const again = this.#then === 'again';
    const continues = this.#repeats(current.pc) !== false && current.continues(previous);
    const how = { fetched: continues && !this.#refetch, repeats: again && this.#iterates };
    if (!current.execute(cpu, this.#retired, this.#nextHi, this.#nextLo, how)) return false;
    this.#retired++;
    this.#refetch = cpu.attention;
    this.#phase = this.#then === 'tail' ? 'tail' : 'none';
    this.#then = 'none';
    if (again) {
      this.#begin();
      this.#cursor.hit = this.#fetchHit(cpu, current.pcLo);
      this.#phase = 'open';
    }
    return true;
  }

  /** The `I` line that was read behind the instruction counts now. */
  #begin(): void {
    this.#taken.iterate();
    this.#cursor.steps++;
    this.#cursor.start = this.#cursor.at;
  }

  #countTail(): void {
    this.#begin();
    this.#retired++;
    this.#phase = 'none';
  }

  /** Goes on to the next bytes; the open instruction's lines in these are taken out first. */
  #refill(cpu: Cpu): boolean {
    const cursor = this.#cursor;
    const { bytes, at } = cursor;
    this.#take(cpu);
    this.#input.cut(bytes, at, bytes.length);
    const next = this.#input.next();
    cursor.enter(next ?? NOTHING);
    if (this.#phase === 'none') cursor.start = LOST;
    if (next !== undefined) return true;
    const { pcHi, pcLo } = this.#taken.current;
    if (this.#phase !== 'none') {
      cpu.context.pcHi = pcHi;
      cpu.context.pcLo = pcLo;
    }
    if (!this.#input.ended) return false;
    if (this.#phase === 'none') {
      this.#done = true;
      return false;
    }
    return this.#complete(cpu, this.#phase === 'between' ? 'tail' : 'none');
  }

  /** Takes the open instruction, and the one before it, out of the text. */
  #take(cpu: Cpu): void {
    if (this.#phase !== 'open') return;
    cpu.account(this.#retired);
    this.#taken.take(this.#cursor, this.lines);
  }
}

const NOTHING = new Uint8Array(0);
const LETTER_I = 0x49;
