/*
 * The cases of Linux's selftest breakpoints/breakpoint_test (spec 5.6): one tracee, 110 of them one after the other.
 * Each sets an address and a field of DR7, continues, expects one SIGTRAP, and clears the field.
 */
import test from './schedulers.js';
import {
  A,
  type Code,
  type Debuggee,
  debuggee,
  execHit,
  hit,
  icebp,
  load,
  nop,
  type Stop,
  stop,
  store,
  TEXT,
} from './support.js';

const SLOTS = [0, 1, 2, 3];
const LENGTHS = [1, 2, 4, 8] as const;
/** L, G, both; local sets LE with it, global GE. */
const ENABLES = [
  { name: 'local', bits: 1, exact: 0x100n },
  { name: 'global', bits: 2, exact: 0x200n },
  { name: 'local and global', bits: 3, exact: 0x300n },
] as const;
const LEN_FIELD = { 1: 0n, 2: 1n, 4: 3n, 8: 2n } as const;

interface Case {
  readonly name: string;
  /** What the tracee does: the one instruction that hits is in the middle. */
  readonly code: readonly Code[];
  readonly arm: (d: Debuggee) => void;
  readonly disarm: (d: Debuggee) => void;
  readonly expected: readonly Stop[];
}

function breakpointCase(
  name: string,
  code: readonly Code[],
  slot: number,
  enable: (typeof ENABLES)[number],
  field: bigint,
  address: bigint,
  expected: Stop,
): Case {
  const bits = (field << BigInt(16 + 4 * slot)) | (BigInt(enable.bits) << BigInt(2 * slot)) | enable.exact;
  return {
    name: `${name}, slot ${slot}, ${enable.name}`,
    code,
    arm(d) {
      d.poke(slot, address);
      d.poke(7, d.peek(7) | bits);
    },
    disarm: (d) => d.poke(7, d.peek(7) & ~bits),
    expected: [expected],
  };
}

const executeCases = SLOTS.flatMap((slot) =>
  ENABLES.map((enable) =>
    breakpointCase('execute', [nop, nop, nop], slot, enable, 0n, TEXT + 4n, execHit(4, 1 << slot)),
  ),
);

function watchCases(name: string, rw: bigint, touch: (address: bigint, size: number) => Code): Case[] {
  return LENGTHS.flatMap((length) =>
    SLOTS.flatMap((slot) => {
      const address = A + BigInt(8 * slot);
      // The selftest's tracee touches every variable in each length; the others are not watched.
      const others = SLOTS.filter((other) => other !== slot).map((other) => touch(A + BigInt(8 * other), length));
      const at = 4 * (others.length + 1);
      return ENABLES.map((enable) =>
        breakpointCase(
          `${name}, ${length} bytes`,
          [...others, touch(address, length), nop],
          slot,
          enable,
          (LEN_FIELD[length] << 2n) | rw,
          address,
          hit(at, 1 << slot),
        ),
      );
    }),
  );
}

const nothing = (): void => {};
const writeCases = watchCases('write watch', 1n, store);
const readCases = watchCases('read watch (RW)', 3n, load);
const icebpCase: Case = {
  name: 'icebp',
  code: [nop, icebp],
  arm: nothing,
  disarm: nothing,
  expected: [stop('TRAP_BRKPT', 5, 0)],
};
/** The tracee's INT3, with which each run ends. */
const int3Case: Case = { name: 'int3', code: [nop], arm: nothing, disarm: nothing, expected: [] };

function play(d: Debuggee, { code, arm, disarm }: Case): Stop[] {
  arm(d);
  const stops = d.run(...code);
  disarm(d);
  return stops;
}

for (const [title, count, cases] of [
  ['12 execute breakpoints: 4 slots, local, global and both', 12, executeCases],
  ['48 write watches: 4 lengths, 4 slots, local, global and both', 48, writeCases],
  ['48 read watches through RW: 4 lengths, 4 slots, local, global and both', 48, readCases],
  ['icebp', 1, [icebpCase]],
  ['int3', 1, [int3Case]],
] as const) {
  test(`breakpoint_test, ${title}: each on a fresh tracee`, (t) => {
    t.is(cases.length, count);
    for (const one of cases) {
      const d = debuggee();
      t.deepEqual(play(d, one), one.expected as Stop[], one.name);
      t.deepEqual(
        d.run(...one.code.filter(({ trap }) => trap === undefined)),
        [],
        `${one.name}: cleared, it is silent`,
      );
    }
  });
}

test('breakpoint_test: the 110 cases on one tracee, as the selftest runs them; DR7 ends as it began', (t) => {
  const d = debuggee();
  const all = [...executeCases, ...writeCases, ...readCases, icebpCase, int3Case];
  t.is(all.length, 110);
  t.deepEqual(
    all.map((one) => play(d, one)),
    all.map(({ expected }) => [...expected]),
  );
  t.is(d.peek(7), 0n);
  t.is(d.slots, 4);
});

test('breakpoint_test, int3: SIGTRAP behind the instruction, once it is waited for', (t) => {
  const d = debuggee();
  d.queue(nop);
  d.tracer.cont(d.task);
  t.deepEqual(d.wait(), { code: 'SI_KERNEL', at: 5, dr6: 0, rf: false });
});
