import { Interrupt } from '../interrupt.js';
import type { Output } from '../output.js';
import { Progress } from '../progress.js';
import type { OpenedTrace } from './open-traces.js';
import { playTraces, type TracePlayer } from './play-traces.js';
import type { TraceInput } from './trace-input.js';

/**
 * Plays traces to their ends, or until Ctrl-C: then false is returned. Throws a run error for a trace that is none, or
 * that `--strict` refuses.
 */
export async function play(player: TracePlayer, traces: readonly OpenedTrace[], output: Output): Promise<boolean> {
  const inputs = traces.map(({ input }) => input);
  const progress = new Progress(sizeOf(inputs), 'the trace');
  using interrupt = new Interrupt();
  try {
    return await playTraces(player, traces, {
      get enough() {
        return interrupt.wanted;
      },
      happened: interrupt.happened,
      played: async () => {
        if (output.pending) progress.hide();
        await output.drain();
        progress.update(inputs.reduce((sum, { read }) => sum + read, 0));
        return await interrupt.look();
      },
    });
  } catch (error) {
    output.flush();
    throw error;
  } finally {
    progress.hide();
  }
}

/** Bytes of all traces; `undefined` if one of them is a pipe. */
function sizeOf(inputs: readonly TraceInput[]): number | undefined {
  return inputs.reduce<number | undefined>(
    (sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size),
    0,
  );
}
