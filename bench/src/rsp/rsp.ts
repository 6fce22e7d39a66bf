import { type Sampled, summarize } from '../measure.js';
import type { Missing, Row } from '../row.js';
import { BARE, GDBSERVER, KERNEL, QEMU, type RunningStub, type StubKind } from './stubs.js';

/** Packets of a sample, and samples; the first fifth warms up and does not count. */
const COUNT = 400;
const ROUNDS = 25;

/** What is asked, of the kernel and of the bare stub. */
const OPERATIONS = [
  { name: 'g', packets: ['g'] },
  { name: 'm 4 KiB', packets: ['m601000,1000'] },
  { name: 'Z2/z2', packets: ['Z2,601000,4', 'z2,601000,4'] },
  { name: 'step', packets: ['s'] },
] as const;

/** Packets a second of each stub by turns, so that a change of the machine's speed hits all of them. */
async function measure(stubs: readonly RunningStub[], packets: readonly string[]): Promise<readonly number[][]> {
  const samples: number[][] = stubs.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { client }] of stubs.entries()) {
      const started = performance.now();
      await client.rounds(packets, COUNT);
      const rate = (1000 * COUNT) / (performance.now() - started);
      if (round >= ROUNDS / 5) samples[i]?.push(rate);
    }
  }
  return samples;
}

function ratio(of: readonly number[], to: readonly number[]): Sampled {
  return summarize(of.map((rate, i) => rate / (to[i] ?? Number.NaN)));
}

const thousands = (rates: readonly number[]): string => `${(summarize(rates).median / 1000).toFixed(1)}k/s`;

async function against(
  other: StubKind,
  operations: readonly { readonly name: string; readonly packets: readonly string[]; readonly target: number }[],
): Promise<readonly (Row | Missing)[]> {
  const titles = operations.map(({ name }) => `RSP ${name}, a second / ${other.name}`);
  const missing = other.missing();
  if (missing !== undefined) return titles.map((what) => ({ what, missing }));
  const [ours, theirs] = await Promise.all([KERNEL.start(), other.start()]);
  try {
    const rows: Row[] = [];
    for (const [i, { packets, target }] of operations.entries()) {
      const [mine = [], others = []] = await measure([ours, theirs], packets);
      rows.push({
        what: titles[i] ?? '',
        figure: ratio(mine, others),
        unit: 'x',
        bound: 'least',
        target,
        note: `${thousands(mine)}, ${other.name} ${thousands(others)}`,
      });
    }
    return rows;
  } finally {
    ours.stop();
    theirs.stop();
  }
}

/** Round trips of a debugger over TCP, the same client for every stub. */
export async function debuggerRoundTrips(): Promise<readonly (Row | Missing)[]> {
  const step = OPERATIONS.filter(({ name }) => name === 'step');
  return [
    ...(await against(
      BARE,
      OPERATIONS.map((operation) => ({ ...operation, target: 0.85 })),
    )),
    ...(await against(
      GDBSERVER,
      step.map((operation) => ({ ...operation, target: 3 })),
    )),
    ...(await against(
      QEMU,
      step.map((operation) => ({ ...operation, target: 6 })),
    )),
  ];
}
