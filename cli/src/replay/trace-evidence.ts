import { hex } from '@hwbp/core';
import type { AddressRange, LoadedProgram } from './load-program.js';
import { LoadedObjects } from './loaded-objects.js';
import { type InstructionLine, instructionLines, instructionPrefix, WholeLines } from './trace-lines.js';
import { ValgrindLog } from './valgrind-log.js';

/** What makes the answers of a replay doubtful. */
export interface Doubt {
  readonly cause: string;
  readonly remedy: string;
  /** True if what was not seen may have happened all the same: the command fails. */
  readonly fatal: boolean;
  /** True if the trace has not all of what happened. */
  readonly broken: boolean;
}

/** Functions that begin a thread. */
const THREAD_STARTERS = /^(?:__)?(?:pthread_create|thrd_create)(?:@plt)?$|_ZNSt6thread15_M_start_thread/;
/** A line of Lackey's that is cut short. */
const CUT_LINE = /^(?:I(?: {0,2}| {2}[0-9a-f]+,?)| [LSM](?: ?| [0-9a-f]+,?))$/i;

/**
 * Whether a trace can be trusted to have everything: it is the program's, it was loaded where that is thought to be, it
 * was not broken off, and nobody else wrote into it. Looks at the text beside the replay.
 */
export class TraceEvidence {
  readonly log = new ValgrindLog();
  /** The libraries that it says it has loaded. */
  readonly objects: LoadedObjects;
  readonly #name: string;
  readonly #named: LoadedProgram | undefined;
  /** The same, if it is known where it was loaded. */
  readonly #program: LoadedProgram | undefined;
  readonly #lines = new WholeLines();
  /** What an instruction line begins with whose execution would tell something. */
  readonly #wanted = new Map<string, 'entry' | 'thread'>();
  readonly #seen = new Set<'entry' | 'thread'>();
  /** Some instruction lay in the program's text. */
  #inside = false;
  /** Instructions that were compared with the program's bytes, and the first that is not what they say. */
  #compared = 0;
  #differs: { readonly pc: bigint; readonly length: number; readonly actual: number } | undefined;
  #last: bigint | undefined;
  #lastBefore: bigint | undefined;

  /** `name`: of the trace, for people. */
  constructor(name: string, program: LoadedProgram | undefined) {
    this.#name = name;
    this.objects = new LoadedObjects(this.log, program?.path);
    this.#named = program;
    this.#program = program?.unplaced === undefined ? program : undefined;
    const { entry = 0n, symbols } = this.#program ?? {};
    for (const { name: symbol, address } of symbols?.symbols ?? [])
      if (THREAD_STARTERS.test(symbol)) this.#wanted.set(instructionPrefix(address), 'thread');
    if (entry !== 0n) this.#wanted.set(instructionPrefix(entry), 'entry');
  }

  /** The last instruction of the program in all blocks but the newest one. */
  get lastBefore(): bigint | undefined {
    return this.#lastBefore;
  }

  /** Looks at the next block of the trace, which may be reused afterwards. */
  see(block: Uint8Array): void {
    const text = this.#lines.add(block);
    this.log.read(text);
    for (const [prefix, what] of this.#wanted) {
      if (!text.includes(prefix, 0, 'latin1')) continue;
      this.#wanted.delete(prefix);
      this.#seen.add(what);
    }
    this.#lastBefore = this.#last;
    const program = this.#program;
    if (program === undefined || program.text.length === 0) return;
    this.#last = lastInstruction(text, program.code) ?? this.#last;
    if (this.#compared < MOST_COMPARED) this.#compare(text, program);
  }

  /** Compares instructions with the program's own bytes. */
  #compare(text: Buffer, program: LoadedProgram): void {
    const most = Math.min(MOST_COMPARED, this.#compared + COMPARED_OF_A_BLOCK);
    for (const { pc, length } of instructionsIn(text, program.text)) {
      this.#inside = true;
      const actual = program.instructionLength(pc);
      if (actual !== undefined && actual !== length) this.#differs ??= { pc, length, actual };
      if (++this.#compared >= most) return;
    }
  }

  /** What is to be said of it, once all of it was seen. */
  get doubts(): readonly Doubt[] {
    return [this.#wrongProgram(), this.#broken(), this.#mixed(), this.#threads()].filter(
      (doubt) => doubt !== undefined,
    );
  }

  #wrongProgram(): Doubt | undefined {
    const { command, begun } = this.log;
    const program = this.#program;
    if (program === undefined) return begun === 0 ? undefined : this.#unplaced();
    const loaded = program.bias === undefined ? '' : `, loaded at ${hex(program.bias.value)}`;
    const of = command === undefined ? '' : ` It is of '${command}'.`;
    if (!this.#inside && program.text.length > 0)
      return {
        cause: `${this.#name} executes nothing of ${program.path}${loaded}: it is the trace of another program, or this one was loaded elsewhere.${of}`,
        remedy: REMEDY_PROGRAM,
        fatal: true,
        broken: false,
      };
    if (this.#differs !== undefined) {
      const { pc, length, actual } = this.#differs;
      return {
        cause: `${this.#name} is not of ${program.path}${loaded}: the instruction at ${hex(pc)} has ${length} bytes in the trace, and ${actual} in the program. It is the trace of another program, or of another build.${of}`,
        remedy: REMEDY_PROGRAM,
        fatal: true,
        broken: false,
      };
    }
    // A part of a trace need not have the beginning.
    if (this.#seen.has('entry') || begun === 0 || program.entry === 0n) return undefined;
    return {
      cause: `${this.#name} never executes the entry point of ${program.path}, ${hex(program.entry)}${loaded}: it is the trace of another program, or of another build.${of}`,
      remedy: REMEDY_PROGRAM,
      fatal: true,
      broken: false,
    };
  }

  /** Nothing of the program was found in the whole of the trace. */
  #unplaced(): Doubt | undefined {
    if (this.#named?.unplaced === undefined) return undefined;
    const { path, unplaced } = this.#named;
    return {
      cause: `${this.#name} seems to be the trace of another program than ${path}, which is position-independent: ${unplaced}`,
      remedy: REMEDY_PROGRAM,
      fatal: true,
      broken: false,
    };
  }

  #broken(): Doubt | undefined {
    const { begun, ended } = this.log;
    const { rest } = this.#lines;
    if ((begun === 0 || ended) && !CUT_LINE.test(rest)) return undefined;
    return {
      cause: `${this.#name} was broken off: ${rest === '' ? "Valgrind's closing lines are missing" : `it ends with '${rest.slice(0, 40)}'`}. What the program did afterwards is not known.`,
      remedy: 'let the program end under Valgrind, see that the disk is not full, and record it again',
      fatal: true,
      broken: true,
    };
  }

  #mixed(): Doubt | undefined {
    const { processes, begun } = this.log;
    if (processes.size < 2 && begun < 2) return undefined;
    const who = processes.size < 2 ? `${begun} programs` : `${processes.size} processes (${[...processes].join(', ')})`;
    return {
      cause: `${this.#name} has what ${who} did, mixed: their addresses are not told apart, and a hit may be of any`,
      remedy: 'record each into a file of its own: --log-file=prog.%p.trace',
      fatal: false,
      broken: false,
    };
  }

  #threads(): Doubt | undefined {
    if (!this.#seen.has('thread')) return undefined;
    return {
      cause: `the program has threads, which Lackey does not tell apart: ${this.#name} has what all of them did, one after the other as Valgrind let them run, as one task`,
      remedy: 'which thread made an access cannot be said',
      fatal: false,
      broken: false,
    };
  }
}

const REMEDY_PROGRAM =
  'name the program that was traced with --elf, and where it was loaded with --load-bias if that is not found';

/** Instructions that are compared with the program's bytes, in all and of one block: the same ones come again. */
const MOST_COMPARED = 20_000;
const COMPARED_OF_A_BLOCK = 1000;

/** The instructions of a text that lie in some ranges. */
function* instructionsIn(text: Buffer, ranges: readonly AddressRange[]): Generator<InstructionLine> {
  for (const range of ranges) {
    const prefix = commonPrefix(range);
    for (let at = text.indexOf(prefix); at >= 0; at = text.indexOf(prefix, at + 1)) {
      const [line] = instructionLines(text.subarray(at, text.indexOf(LINE_FEED, at) + 1));
      if (line !== undefined && line.pc >= range.first && line.pc < range.end) yield line;
    }
  }
}

/** The last instruction of a text that lies in some ranges. */
function lastInstruction(text: Buffer, ranges: readonly AddressRange[]): bigint | undefined {
  let last: bigint | undefined;
  let place = -1;
  for (const range of ranges) {
    const prefix = commonPrefix(range);
    for (let at = text.lastIndexOf(prefix); at > place; at = at === 0 ? -1 : text.lastIndexOf(prefix, at - 1)) {
      const end = text.indexOf(LINE_FEED, at);
      const [line] = instructionLines(text.subarray(at, end + 1));
      if (line === undefined || line.pc < range.first || line.pc >= range.end) continue;
      [last, place] = [line.pc, at];
    }
  }
  return last;
}

const LINE_FEED = 0x0a;

/** What the lines of all instructions in a range begin with. */
function commonPrefix({ first, end }: AddressRange): string {
  const [low, high] = [instructionPrefix(first), instructionPrefix(end - 1n)];
  let same = 3;
  while (low[same] === high[same] && low[same] !== ',' && low.length === high.length) same++;
  return low.slice(0, same);
}
