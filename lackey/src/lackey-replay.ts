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
import { LackeyInstruction, MOST_ACCESSES } from './lackey-instruction.js';
import {
  findLineFeed,
  LackeyLine,
  LINE_INSTRUCTION,
  LINE_LOAD,
  LINE_OTHER,
  LINE_STORE,
  type LineKind,
} from './lackey-line.js';
import { LackeyCursor, scan } from './lackey-scan.js';

/** How a trace is replayed. */
export interface LackeyOptions {
  /** True: a line that is none of Lackey's four, Valgrind's own `==PID==` lines too, ends the replay. Default false. */
  readonly strict?: boolean;
}

/**
 * Replays the memory accesses that Valgrind's Lackey recorded (`--tool=lackey --trace-mem=yes`).
 *
 * An `I` line and the accesses that follow it are one instruction. It executes once it is complete, which only the next
 * `I` line (or the end) shows; that line's address is where execution goes on: branches, calls and repeat iterations
 * included. After the last instruction of the trace it goes on behind that one. An ` M` line reads and writes. Any
 * other line is counted and skipped; so are accesses before the first `I` line, and behind one that is damaged: they
 * belong to no instruction that is known.
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
  readonly #input = new LackeyInput();
  readonly #cursor = new LackeyCursor();
  readonly #line = new LackeyLine();
  readonly #instruction = new LackeyInstruction();
  /**
   * `none`: the next line begins an instruction. `open`: its lines are being read. `stuck`: it is complete and must be
   * executed again.
   */
  #phase: 'none' | 'open' | 'stuck' = 'none';
  #nextHi = 0;
  #nextLo = 0;
  #done = false;
  /** Instructions of this run. */
  #retired = 0;

  constructor(options: LackeyOptions = {}) {
    this.#strict = options.strict ?? false;
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
    return steps + loads + stores + modifies + this.skipped;
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
    if (kind === LINE_INSTRUCTION) {
      // The line is read again, and begins the next instruction, once the one that ends here has executed.
      if (this.#phase === 'open') return this.#complete(cpu, this.#line.hi, this.#line.lo);
      this.#open(cpu);
    } else if (kind === LINE_OTHER && this.#phase === 'open' && bytes[at] === LETTER_I) {
      // A damaged I line: what follows belongs to an instruction that nobody knows, not to the one before.
      return this.#complete(cpu);
    } else if (kind === LINE_OTHER || this.#phase === 'none') {
      this.#skip(cpu, at, lineFeed);
    } else {
      this.#access(cpu, kind);
    }
    this.#cursor.at = lineFeed + 1;
    return true;
  }

  #open(cpu: Cpu): void {
    const cursor = this.#cursor;
    const fetch = cpu.unit.filter.table[FILTER_FETCH | ((this.#line.lo >>> 3) & FILTER_MASK)] as number;
    cursor.hit = cpu.careful ? 1 : fetch;
    cursor.start = cursor.at;
    cursor.steps++;
    this.#phase = 'open';
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
   * The open instruction's last line was read. Execution goes on at this address; without one, behind the instruction.
   */
  #complete(cpu: Cpu, hi?: number, lo?: number): boolean {
    const cursor = this.#cursor;
    let nextHi = hi ?? 0;
    let nextLo = lo ?? 0;
    if (lo === undefined) {
      this.#take(cpu, cursor.start, cursor.at);
      cursor.start = cursor.at;
      const { pcHi, pcLo, length } = this.#instruction;
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
    this.#take(cpu, cursor.start, cursor.at);
    this.#nextHi = nextHi;
    this.#nextLo = nextLo;
    this.#phase = 'stuck';
    return this.#execute(cpu);
  }

  #execute(cpu: Cpu): boolean {
    if (!this.#instruction.execute(cpu, this.#retired, this.#nextHi, this.#nextLo)) return false;
    this.#retired++;
    this.#phase = 'none';
    return true;
  }

  /** Goes on to the next bytes; the open instruction's lines in these are taken out first. */
  #refill(cpu: Cpu): boolean {
    const cursor = this.#cursor;
    const { bytes, at } = cursor;
    if (this.#phase === 'open') this.#take(cpu, cursor.start, at);
    this.#input.cut(bytes, at, bytes.length);
    const next = this.#input.next();
    cursor.enter(next ?? NOTHING);
    if (next !== undefined) return true;
    const { pcHi, pcLo } = this.#instruction;
    if (this.#phase === 'open') {
      cpu.context.pcHi = pcHi;
      cpu.context.pcLo = pcLo;
    }
    if (!this.#input.ended) return false;
    if (this.#phase === 'none') {
      this.#done = true;
      return false;
    }
    return this.#complete(cpu);
  }

  /** Takes the open instruction's lines in `[from, to)` out of the text. */
  #take(cpu: Cpu, from: number, to: number): void {
    const { bytes } = this.#cursor;
    const line = this.#line;
    for (let at = from; at < to; ) {
      const lineFeed = findLineFeed(bytes, at, to);
      const kind = line.parse(bytes, at, lineFeed);
      if (kind === LINE_INSTRUCTION) {
        this.#instruction.begin(line.hi, line.lo, line.size);
      } else if (kind !== LINE_OTHER && !this.#instruction.add(kind, line.hi, line.lo, line.size)) {
        cpu.account(this.#retired);
        throw new LackeyError(
          'LACKEY_TOO_MANY_ACCESSES',
          `more than ${MOST_ACCESSES} accesses in one instruction`,
          this.lines,
          printable(bytes, at, lineFeed),
        );
      }
      at = lineFeed + 1;
    }
  }
}

const NOTHING = new Uint8Array(0);
const LETTER_I = 0x49;

/** The beginning of a line, for people. */
function printable(bytes: Uint8Array, from: number, to: number): string {
  const text = String.fromCharCode(...bytes.subarray(from, Math.min(to, from + 80)));
  return text.replace(/[^ -~]+$/, '').replaceAll(/[^ -~]/g, '?');
}
