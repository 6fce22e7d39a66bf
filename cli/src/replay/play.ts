import { LackeyError, type LackeyReplay } from '@hwbp/lackey';
import { runError } from '../errors.js';
import { Interrupt } from '../interrupt.js';
import type { Output } from '../output.js';
import { Progress } from '../progress.js';
import type { OpenedTrace } from './open-traces.js';
import type { TraceInput } from './trace-input.js';

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

/**
 * Plays traces to their ends, a block of each at a time, or until Ctrl-C: then false is returned. Throws a run error
 * for a trace that is none, or that `--strict` refuses.
 */
export async function play(player: TracePlayer, traces: readonly OpenedTrace[], output: Output): Promise<boolean> {
  const inputs = traces.map(({ input }) => input);
  const progress = new Progress(sizeOf(inputs), 'the trace');
  const blocks = inputs.map((input) => input.blocks());
  const playing = new Set(blocks.keys());
  using interrupt = new Interrupt();
  try {
    while (playing.size > 0) {
      for (const trace of [...playing]) {
        const next = await Promise.race([blocks[trace]?.next(), interrupt.happened]);
        if (interrupt.wanted) return false;
        if (next === undefined || next.done === true) {
          player.end(trace);
          playing.delete(trace);
        } else {
          traces[trace]?.evidence.see(next.value);
          player.feed(trace, next.value);
        }
      }
      player.run();
      if (output.pending) progress.hide();
      await output.drain();
      progress.update(inputs.reduce((sum, { read }) => sum + read, 0));
      if (await interrupt.look()) return false;
    }
  } catch (error) {
    output.flush();
    throw error instanceof LackeyError ? explain(error, player, inputs) : error;
  } finally {
    progress.hide();
  }
  for (const [trace, input] of inputs.entries()) checkTrace(player.replayOf(trace), input, output);
  return true;
}

/** Bytes of all traces; `undefined` if one of them is a pipe. */
function sizeOf(inputs: readonly TraceInput[]): number | undefined {
  return inputs.reduce<number | undefined>(
    (sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size),
    0,
  );
}

function checkTrace({ steps, lines, firstSkipped }: LackeyReplay, input: TraceInput, output: Output): void {
  if (steps > 0) return;
  output.flush();
  const what =
    lines === 0 ? 'it is empty' : `none of its ${lines} lines is an instruction; the first is '${firstSkipped?.text}'`;
  throw runError(`there is no Lackey trace in ${input.name}: ${what}`, RECORD_A_TRACE);
}

function explain({ line, text, message }: LackeyError, player: TracePlayer, inputs: readonly TraceInput[]): Error {
  const refused = (trace: number): boolean => {
    const { firstSkipped, lines } = player.replayOf(trace);
    return (firstSkipped?.line === line && firstSkipped.text === text) || lines === line;
  };
  const input = inputs.find((_, trace) => refused(trace)) ?? inputs[0];
  return runError(
    `${input?.name}:${line}: ${message.replace(/^line \d+: /, '')}`,
    text.startsWith('==')
      ? "that is Valgrind's own message, which --strict refuses too: filter it out (grep -v '^=='), or leave --strict out to have such lines counted and skipped"
      : 'leave --strict out to have such lines counted and skipped',
  );
}
