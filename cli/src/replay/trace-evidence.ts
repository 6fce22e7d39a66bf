import { hex } from '@hwbp/core';
import { LoadedObjects, type OpenLibrary } from './loaded-objects.js';
import type { AddressRange, LoadedProgram } from './place-program.js';
import { ThreadEvidence } from './thread-evidence.js';
import { accessAt, type InstructionLine, instructionLines, instructionPrefix, WholeLines } from './trace-lines.js';
import { ValgrindLog } from './valgrind-log.js';

/** What makes the answers of a replay doubtful. */
export interface Doubt {
  readonly cause: string;
  readonly remedy: string;
  /** True if what was not seen may have happened all the same: the command fails. */
  readonly fatal: boolean;
}

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
  readonly #threads: ThreadEvidence;
  /** The line of the program's first instruction begins with it; empty if that is not known, or was executed. */
  #entry = '';
  #entered = false;
  /** Some instruction lay in the program's text. */
  #inside = false;
  /** Instructions that were compared with the program's bytes, and the first that is not what they say. */
  #compared = 0;
  #differs: { readonly pc: bigint; readonly length: number; readonly actual: number } | undefined;
  #last: bigint | undefined;
  #lastBefore: bigint | undefined;

  /** `name`: of the trace, for people. */
  constructor(name: string, program: LoadedProgram | undefined, open: OpenLibrary) {
    this.#name = name;
    this.objects = new LoadedObjects(this.log, program, open);
    this.#named = program;
    this.#program = program?.unplaced === undefined ? program : undefined;
    this.#threads = new ThreadEvidence(this.#program, this.objects);
    const { entry = 0n } = this.#program ?? {};
    if (entry !== 0n) this.#entry = instructionPrefix(entry);
  }

  /** The last instruction of the program in all blocks but the newest one. */
  get lastBefore(): bigint | undefined {
    return this.#lastBefore;
  }

  /** Looks at the next block of the trace, which may be reused afterwards. */
  see(block: Uint8Array): void {
    const text = this.#lines.add(block);
    this.log.read(text);
    this.#threads.see(text);
    if (!this.#entered && this.#entry !== '') this.#entered = text.includes(this.#entry, 0, 'latin1');
    this.#lastBefore = this.#last;
    const program = this.#program;
    if (program === undefined || program.text.length === 0) return;
    this.#last = lastInstruction(text, program.code) ?? this.#last;
    this.#sample(text, program);
  }

  /** Compares instructions with the program's own bytes, and looks at the stacks that they use. */
  #sample(text: Buffer, program: LoadedProgram): void {
    const many = this.#compared < MOST_COMPARED;
    for (const { pc, length, end } of sampleOf(text, program.text, many ? WINDOWS : FEWER_WINDOWS)) {
      this.#inside = true;
      this.#compared++;
      const actual = many ? program.instructionLength(pc) : undefined;
      if (actual !== undefined && actual !== length) this.#differs ??= { pc, length, actual };
      const stack = program.usesStack(pc) ? accessAt(text, end) : undefined;
      if (stack !== undefined) this.#threads.use(stack);
    }
  }

  /** What is to be said of what was seen. `whole`: that was all of it; what would have come is no doubt otherwise. */
  doubts(whole: boolean): readonly Doubt[] {
    const absent = whole ? [this.#absentProgram(), this.#broken()] : [];
    return [this.#otherProgram() ?? absent[0], absent[1], this.#mixed(), this.#manyThreads()].filter(
      (doubt) => doubt !== undefined,
    );
  }

  /** What was executed is not what the program has there. */
  #otherProgram(): Doubt | undefined {
    if (this.#differs === undefined) return undefined;
    const { pc, length, actual } = this.#differs;
    return this.#notOf(
      (program) =>
        `is not of ${program}: the instruction at ${hex(pc)} has ${length} bytes in the trace, and ${actual} in the program. It is the trace of another program, or of another build.`,
    );
  }

  /** What every trace of the program has is missing. */
  #absentProgram(): Doubt | undefined {
    const { begun } = this.log;
    const program = this.#program;
    if (program === undefined) return begun === 0 ? undefined : this.#unplaced();
    if (!this.#inside && program.text.length > 0)
      return this.#notOf(
        (where) =>
          `executes nothing of ${where}: it is the trace of another program, or this one was loaded elsewhere.`,
      );
    // A part of a trace need not have the beginning.
    if (this.#entered || begun === 0 || program.entry === 0n) return undefined;
    const entry = hex(program.entry);
    return this.#notOf(
      (where) =>
        `never executes the entry point of ${where}, ${entry}: it is the trace of another program, or of another build.`,
    );
  }

  #notOf(why: (program: string) => string): Doubt | undefined {
    const program = this.#program;
    if (program === undefined) return undefined;
    const loaded = program.bias === undefined ? '' : `, loaded at ${hex(program.bias.value)}`;
    const of = this.log.command === undefined ? '' : ` It is of '${this.log.command}'.`;
    return { cause: `${this.#name} ${why(`${program.path}${loaded}`)}${of}`, remedy: REMEDY_PROGRAM, fatal: true };
  }

  /** Nothing of the program was found in the whole of the trace. */
  #unplaced(): Doubt | undefined {
    if (this.#named?.unplaced === undefined) return undefined;
    const { path, unplaced } = this.#named;
    return {
      cause: `${this.#name} seems to be the trace of another program than ${path}, which is position-independent: ${unplaced}`,
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

  #manyThreads(): Doubt | undefined {
    const cause = this.#threads.describe(this.#name);
    return cause === undefined
      ? undefined
      : { cause, remedy: 'which thread made an access cannot be said', fatal: false };
  }
}

const REMEDY_PROGRAM =
  'name the program that was traced with --elf, and where it was loaded with --load-bias if that is not found';

/** Instructions that are compared with the program's bytes: the same ones come again. */
const MOST_COMPARED = 20_000;

/** Where instructions are looked at in a block: at so many places, so many of each. */
interface Windows {
  readonly count: number;
  readonly each: number;
}

const WINDOWS: Windows = { count: 20, each: 50 };
const FEWER_WINDOWS: Windows = { count: 5, each: 10 };

/** An instruction line, and where the next line begins. */
interface PlacedLine extends InstructionLine {
  readonly end: number;
}

/** Some of the instructions of a text that lie in some ranges, from all of its length. */
function* sampleOf(text: Buffer, ranges: readonly AddressRange[], { count, each }: Windows): Generator<PlacedLine> {
  const prefixes = ranges.map((range) => ({ range, prefix: commonPrefix(range) }));
  for (const { range, prefix } of prefixes) {
    let at = -1;
    for (let window = 0; window < count; window++) {
      const from = Math.max(at + 1, Math.floor((text.length * window) / count));
      let taken = 0;
      for (at = text.indexOf(prefix, from); at >= 0 && taken < each; at = text.indexOf(prefix, at + 1)) {
        const end = text.indexOf(LINE_FEED, at) + 1;
        const [line] = instructionLines(text.subarray(at, end));
        if (line === undefined || line.pc < range.first || line.pc >= range.end) continue;
        taken++;
        yield { ...line, end };
      }
      if (at < 0) break;
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
