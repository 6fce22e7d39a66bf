import type { ExecutionContext } from 'ava';
import { parseJson } from './run-cli.js';
import { touches } from './touches.js';

/** A watch, which kinds of access it is about, its first byte and how many. */
export type WatchedBytes = readonly [watch: string, kinds: string, first: number, length: number];

/** What a run of the command has left. */
interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A replay with each of these watches has every hit that the text of the trace has, and no other. */
export async function everyHit(
  t: ExecutionContext,
  text: string,
  watches: readonly WatchedBytes[],
  replay: (watch: string) => Promise<Ran>,
): Promise<void> {
  for (const [watch, kinds, first, length] of watches) {
    const { code, stdout, stderr } = await replay(watch);
    t.is(stderr, '');
    t.is(code, 0);
    const { hits } = parseJson(stdout);
    const expected = touches(text, kinds, first, length);
    t.true(expected.length > 5, watch);
    t.deepEqual(
      hits.map(({ step, pc }) => ({ step, pc: Number(pc) })),
      expected,
      watch,
    );
  }
}
