import { LackeyError, type LackeyReplay } from '@hwbp/lackey';
import { runError } from '../errors.js';

/** How traces are recorded. */
export const RECORD_A_TRACE = 'record one with: valgrind --tool=lackey --trace-mem=yes --log-file=FILE PROGRAM';

/** Kernels that replay traces, each with a number. */
export interface TracePlayer {
  /** Takes a block of a trace, which may be reused once {@link run} has returned. */
  feed(trace: number, block: Uint8Array): void;
  /** A trace is over. */
  end(trace: number): void;
  /** Executes what was taken. */
  run(): void;
  replayOf(trace: number): LackeyReplay;
}

/** A trace that is played. */
export interface PlayedTrace {
  readonly input: {
    /** For people. */
    readonly name: string;
    /** Its text; a block is good until the next one is asked for. */
    blocks(): AsyncGenerator<Uint8Array>;
  };
  /** Who looks at the text besides. */
  readonly evidence: { see(block: Uint8Array): void };
}

/** Who waits for traces to be played. */
export interface Audience {
  /** Nothing more is wanted. */
  readonly enough: boolean;
  /** Resolves once it is so. */
  readonly happened: Promise<undefined>;
  /** A block of each trace was played; resolves to true if that is enough. */
  played(): Promise<boolean>;
}

/** Said of an answer whose trace was not played to its end. */
export const INTERRUPTED = 'what happened later in the trace was not looked at';

/**
 * Plays traces to their ends, a block of each at a time, or until that is enough: then false is returned. Throws a run
 * error for a trace that is none, or that is refused.
 */
export async function playTraces(
  player: TracePlayer,
  traces: readonly PlayedTrace[],
  audience: Audience,
): Promise<boolean> {
  const blocks = traces.map(({ input }) => input.blocks());
  const playing = new Set(blocks.keys());
  try {
    while (playing.size > 0) {
      for (const trace of [...playing]) {
        const next = await Promise.race([blocks[trace]?.next(), audience.happened]);
        if (audience.enough) return false;
        if (next === undefined || next.done === true) {
          player.end(trace);
          playing.delete(trace);
        } else {
          traces[trace]?.evidence.see(next.value);
          player.feed(trace, next.value);
        }
      }
      player.run();
      if (await audience.played()) return false;
    }
  } catch (error) {
    throw error instanceof LackeyError ? explain(error, player, traces) : error;
  }
  for (const [trace, { input }] of traces.entries()) checkTrace(player.replayOf(trace), input.name);
  return true;
}

function checkTrace({ steps, lines, firstSkipped }: LackeyReplay, name: string): void {
  if (steps > 0) return;
  const what =
    lines === 0 ? 'it is empty' : `none of its ${lines} lines is an instruction; the first is '${firstSkipped?.text}'`;
  throw runError(`there is no Lackey trace in ${name}: ${what}`, RECORD_A_TRACE);
}

function explain({ line, text, message }: LackeyError, player: TracePlayer, traces: readonly PlayedTrace[]): Error {
  const refused = (trace: number): boolean => {
    const { firstSkipped, lines } = player.replayOf(trace);
    return (firstSkipped?.line === line && firstSkipped.text === text) || lines === line;
  };
  const refusing = traces.find((_, trace) => refused(trace)) ?? traces[0];
  return runError(
    `${refusing?.input.name}:${line}: ${message.replace(/^line \d+: /, '')}`,
    text.startsWith('==')
      ? "that is Valgrind's own message, which --strict refuses too: filter it out (grep -v '^=='), or leave --strict out to have such lines counted and skipped"
      : 'leave --strict out to have such lines counted and skipped',
  );
}
