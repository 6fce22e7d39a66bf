import type { TracePlayer } from '../replay/play-traces.js';

/** Players that replay the same traces side by side; the first one tells how far they are. */
export function playTogether(first: TracePlayer, ...others: readonly TracePlayer[]): TracePlayer {
  const players = [first, ...others];
  return {
    feed: (trace, block) => {
      for (const player of players) player.feed(trace, block);
    },
    end: (trace) => {
      for (const player of players) player.end(trace);
    },
    run: () => {
      for (const player of players) player.run();
    },
    replayOf: (trace) => first.replayOf(trace),
  };
}
