import { type Sampled, summarize } from '../measure.js';
import type { Missing, Row } from '../row.js';
import type { RspClient } from './client.js';
import { BARE, GDBSERVER, KERNEL, QEMU, type RunningStub, type StubKind } from './stubs.js';

/** Packets of a sample, and samples; the first fifth warms up and does not count. */
const COUNT = 400;
const ROUNDS = 25;

/** What is asked. `bytes`: of memory, as many as the other stub's packets hold. */
const operations = (m = 'm 4 KiB', bytes = 0x1000) => [
  { name: 'g', packets: ['g'] },
  { name: m, packets: [`m601000,${bytes.toString(16)}`] },
  { name: 'Z2/z2', packets: ['Z2,601000,4', 'z2,601000,4'] },
  { name: 'step', packets: ['s'] },
];

/** Somebody else's stub: only a step has a target. */
const compared = (list: ReturnType<typeof operations>, step: number): readonly Operation[] =>
  list.map((operation) => (operation.name === 'step' ? { ...operation, target: step } : operation));

interface Operation {
  readonly name: string;
  readonly packets: readonly string[];
  readonly target?: number;
}

const ERROR = /^E[0-9a-f]{2}$/i;

/** Packets that a stub answers with something: memory is read where it has some. */
async function accepted(client: RspClient, packets: readonly string[]): Promise<readonly string[]> {
  const asked: string[] = [];
  for (const packet of packets) {
    let answer = await client.ask(packet);
    let used = packet;
    if (ERROR.test(answer) && packet.startsWith('m')) {
      // A process that has just begun has memory below its stack pointer, wherever that is.
      used = packet.replace(/^m[^,]*/, `m${(await stackPointer(client)).toString(16)}`);
      answer = await client.ask(used);
    }
    if (answer === '' || ERROR.test(answer)) throw new Error(`${used} is answered '${answer}'`);
    asked.push(used);
  }
  return asked;
}

/** The page below the one that rsp, the eighth of x86-64's registers, points into. */
async function stackPointer(client: RspClient): Promise<bigint> {
  const bytes = Buffer.from((await client.ask('g')).slice(7 * 16, 8 * 16), 'hex');
  return (bytes.readBigUInt64LE() & ~0xfffn) - 0x1000n;
}

/** Packets a second of each stub by turns, so that a change of the machine's speed hits all of them. */
async function measure(stubs: readonly RunningStub[], packets: readonly string[]): Promise<readonly number[][]> {
  const samples: number[][] = stubs.map(() => []);
  const asked = await Promise.all(stubs.map(({ client }) => accepted(client, packets)));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { client }] of stubs.entries()) {
      const started = performance.now();
      await client.rounds(asked[i] ?? [], COUNT);
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

async function against(other: StubKind, operations: readonly Operation[]): Promise<readonly (Row | Missing)[]> {
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
        ...(target === undefined ? {} : { target }),
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
  return [
    ...(await against(
      BARE,
      operations().map((operation) => ({ ...operation, target: 0.85 })),
    )),
    ...(await against(GDBSERVER, compared(operations(), 3))),
    // QEMU's packets hold less than 2 KiB of memory.
    ...(await against(QEMU, compared(operations('m 2000 bytes', 2000), 6))),
  ];
}
