import { hex } from '@hwbp/core';
import { LoadedObjects } from './loaded-objects.js';
import type { AddressRange, LoadedProgram } from './load-program.js';
import { instructionLines, instructionPrefix, WholeLines } from './trace-lines.js';
import { ValgrindLog } from './valgrind-log.js';

/** What makes the answers of a replay doubtful. */
export interface Doubt {
  readonly cause: string;
  readonly remedy: string;
  /** True if what was not seen may have happened all the same: the command fails. */
  readonly fatal: boolean;
}

/** Functions that begin a thread. */
const THREAD_STARTERS = /^(?:__)?(?:pthread_create|thrd_create)(?:@plt)?$|_ZNSt6thread15_M_start_thread/;
/** A line of Lackey's that is cut short. */
const CUT_LINE = /^(?:I(?: {0,2}|  [0-9a-f]+,?)| [LSM](?: ?| [0-9a-f]+,?))$/i;

/**
 * Whether a trace can be trusted to have everything: it is the program's, it was loaded where that is thought to be, it
 * was not broken off, and nobody else wrote into it. Looks at the text beside the replay.
 */
export class TraceEvidence {
  readonly log = new ValgrindLog();
  /** The libraries that it says it has loaded. */
  readonly objects = new LoadedObjects(this.log);
  readonly #name: string;
  readonly #program: LoadedProgram | undefined;
  readonly #lines = new WholeLines();
  /** What an instruction line begins with whose execution would tell something. */
  readonly #wanted = new Map<string, 'entry' | 'thread'>();
  readonly #seen = new Set<'entry' | 'thread'>();
  /** Some instruction lay in the program's text. */
  #inside = false;
  #last: bigint | undefined;
  #lastBefore: bigint | undefined;

  /** `name`: of the trace, for people. */
  constructor(name: string, program: LoadedProgram | undefined) {
    this.#name = name;
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
    const ranges = this.#program?.text ?? [];
    if (ranges.length === 0) return;
    this.#last = lastInstruction(text, ranges) ?? this.#last;
    this.#inside ||= this.#last !== undefined;
  }

  /** What is to be said of it, once all of it was seen. */
  get doubts(): readonly Doubt[] {
    return [this.#wrongProgram(), this.#broken(), this.#mixed(), this.#threads()].filter((doubt) => doubt !== undefined);
  }

  #wrongProgram(): Doubt | undefined {
    const program = this.#program;
    if (program === undefined || this.#seen.has('entry')) return undefined;
    const { command, begun } = this.log;
    const loaded = program.bias === undefined ? '' : `, loaded at ${hex(program.bias.value)}`;
    const of = command === undefined ? '' : ` It is of '${command}'.`;
    if (!this.#inside && program.text.length > 0)
      return {
        cause: `${this.#name} executes nothing of ${program.path}${loaded}: it is the trace of another program, or this one was loaded elsewhere.${of}`,
        remedy: REMEDY_PROGRAM,
        fatal: true,
      };
    // A part of a trace need not have the beginning.
    if (begun === 0 || program.entry === 0n) return undefined;
    return {
      cause: `${this.#name} never executes the entry point of ${program.path}, ${hex(program.entry)}${loaded}: it is the trace of another program, or of another build.${of}`,
      remedy: REMEDY_PROGRAM,
      fatal: true,
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
    };
  }

  #threads(): Doubt | undefined {
    if (!this.#seen.has('thread')) return undefined;
    return {
      cause: `the program has threads, which Lackey does not tell apart: ${this.#name} has what all of them did, one after the other as Valgrind let them run, as one task`,
      remedy: 'which thread made an access cannot be said',
      fatal: false,
    };
  }
}

const REMEDY_PROGRAM =
  'name the program that was traced with --elf, and where it was loaded with --load-bias if that is not found';

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
