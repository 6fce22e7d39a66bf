import { CONDITION_READ, CONDITION_WRITE, type FILTER_MASK, type FILTER_READ, WatchFilter } from '@hwbp/core';
import { alternate, nanoseconds, ratio, sink } from './measure.js';
import type { Row } from './row.js';

/** Literals, as an emulator writes them: an imported binding is loaded anew in every round of a loop that may call. */
const PART: typeof FILTER_READ = 0x0000;
const MASK: typeof FILTER_MASK = 0xfff;
/** Accesses of one timed loop. */
const COUNT = 1 << 16;
/** Bytes of the memory that the loops walk over. */
const SIZE = 1 << 15;
/** Nothing in this program has an address with this high half. */
const HIGH = 0x7fff;
/** The memory stands at this low half; what is armed for "far" lies elsewhere. */
const BASE = 0x1000_0000;
const FAR = 0x2001_0000;

const memory = new DataView(new ArrayBuffer(SIZE + 16));
/**
 * Seeded, so that every run measures the same; random, because the sizes of a program's accesses are not to be guessed.
 */
let seed = 1;
function random(): number {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return seed >>> 16;
}
const sizes = Uint8Array.from({ length: COUNT }, () => [1, 2, 4, 8][random() & 3] as number);
/** Addresses of 4-byte loads, low halves: as an emulator computes them, not as a compiler could foresee. */
const words = Int32Array.from({ length: COUNT }, () => BASE + ((random() << 2) & (SIZE - 4)));
const highs = new Int32Array(COUNT).fill(HIGH);
const bytes = Int32Array.from({ length: COUNT }, () => BASE + (random() & (SIZE - 8)));
/** The words 2 to 15 of one line, in random order. */
const inLine = Int32Array.from({ length: COUNT }, () => BASE + 0x400 + 8 + ((random() % 14) << 2));
const bigints = Array.from({ length: 1024 }, (_, i) => (BigInt(HIGH) << 32n) | BigInt(BASE + i * 4));

/** What a CPU does on a hit of the filter: kept out of line, and never reached by the loops that miss. */
function slow(hi: number, lo: number): void {
  sink.value += hi ^ lo;
}

function armed(addresses: readonly number[]): WatchFilter {
  const filter = new WatchFilter();
  for (const [register, lo] of addresses.entries()) filter.arm(register, CONDITION_READ | CONDITION_WRITE, HIGH, lo, 4);
  return filter;
}

/*
 * Pairs of loops: the same memory, the same addresses, only the check removed. Written out, because a check that came
 * in as a function would be measured as a call.
 */

/** What an emulator does with an address outside its memory; never reached. */
function fault(): never {
  throw new Error('outside the memory');
}

function loads(): number {
  let sum = 0;
  for (let i = 0; i < COUNT; i++) {
    const offset = ((words[i] as number) - BASE) | 0;
    if (highs[i] !== HIGH || offset >>> 0 >= SIZE) fault();
    sum = (sum + memory.getInt32(offset, true)) | 0;
  }
  return sum;
}

function checkedHalves(table: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < COUNT; i++) {
    const lo = words[i] as number;
    const hi = highs[i] as number;
    if (table[PART | ((lo >>> 3) & MASK)] !== 0) slow(hi, lo);
    const offset = (lo - BASE) | 0;
    if (hi !== HIGH || offset >>> 0 >= SIZE) fault();
    sum = (sum + memory.getInt32(offset, true)) | 0;
  }
  return sum;
}

/**
 * U, what everything else is measured in: such a load. Run it beside others, and have {@link inLoads} read the times.
 */
export function unit(): void {
  sink.value ^= loads();
}

/** Times of {@link unit} among loops of `count` items each, as the time of one load. */
export function inLoads(samples: readonly number[], count: number): readonly number[] {
  return samples.map((value) => (value * count) / COUNT);
}

/** An emulator of 32 bits: one number is the address. */
function loadsNumber(): number {
  let sum = 0;
  for (let i = 0; i < COUNT; i++) {
    const offset = ((words[i] as number) - BASE) | 0;
    if (offset >>> 0 >= SIZE) fault();
    sum = (sum + memory.getInt32(offset, true)) | 0;
  }
  return sum;
}

function checkedNumber(table: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < COUNT; i++) {
    const address = words[i] as number;
    if (table[PART | ((address >>> 3) & MASK)] !== 0) slow(0, address);
    const offset = (address - BASE) | 0;
    if (offset >>> 0 >= SIZE) fault();
    sum = (sum + memory.getInt32(offset, true)) | 0;
  }
  return sum;
}

function load(offset: number, size: number): number {
  if (size === 4) return memory.getInt32(offset, true);
  if (size === 8) return memory.getInt32(offset, true) ^ memory.getInt32(offset + 4, true);
  return size === 2 ? memory.getInt16(offset, true) : memory.getInt8(offset);
}

function mixed(): number {
  let sum = 0;
  for (let i = 0; i < COUNT; i++) {
    const lo = bytes[i] as number;
    sum = (sum + load(lo & (SIZE - 1), sizes[i] as number)) | 0;
  }
  return sum;
}

function checkedMixed(table: Uint8Array, hi: number): number {
  let sum = 0;
  for (let i = 0; i < COUNT; i++) {
    const lo = bytes[i] as number;
    if (table[PART | ((lo >>> 3) & MASK)] !== 0) slow(hi, lo);
    sum = (sum + load(lo & (SIZE - 1), sizes[i] as number)) | 0;
  }
  return sum;
}

function checkedBigint(filter: WatchFilter): number {
  let sum = 0;
  for (let i = 0; i < COUNT; i++) {
    const lo = words[i] as number;
    const address = bigints[i & 1023] as bigint;
    if (filter.testAddress(PART, address, 4)) slow(HIGH, lo);
    sum = (sum + memory.getInt32(lo & (SIZE - 1), true)) | 0;
  }
  return sum;
}

function rawBigint(): number {
  let sum = 0;
  for (let i = 0; i < COUNT; i++) {
    const lo = words[i] as number;
    const address = bigints[i & 1023] as bigint;
    if (address === undefined) slow(HIGH, lo);
    sum = (sum + memory.getInt32(lo & (SIZE - 1), true)) | 0;
  }
  return sum;
}

/** The neighbours of a watched doubleword in its 64-byte line, over and over. */
function checkedLine(table: Uint8Array, hi: number): number {
  let sum = 0;
  for (let i = 0; i < COUNT; i++) {
    const lo = inLine[i] as number;
    if (table[PART | ((lo >>> 3) & MASK)] !== 0) slow(hi, lo);
    sum = (sum + memory.getInt32(lo & (SIZE - 1), true)) | 0;
  }
  return sum;
}

function note(label: string, samples: readonly number[], base: readonly number[]): string {
  return `${label} ${nanoseconds(samples).median.toFixed(2)} ns, unchecked ${nanoseconds(base).median.toFixed(2)} ns`;
}

/** The cost of checking one access. */
export function accessPath(): readonly Row[] {
  const four = armed([FAR, FAR + 64, FAR + 128, FAR + 256]).table;
  const one = armed([FAR]).table;
  const sixteen = armed(Array.from({ length: 16 }, (_, i) => FAR + 64 * i)).table;
  const line = BASE + 0x400;
  const near = armed([line]).table;
  const bigintFilter = armed([FAR, FAR + 64, FAR + 128, FAR + 256]);
  const keep = (loop: () => number) => (): void => {
    sink.value ^= loop();
  };
  const times = alternate(COUNT, {
    raw: keep(loads),
    halves: keep(() => checkedHalves(four)),
    numberRaw: keep(loadsNumber),
    number: keep(() => checkedNumber(four)),
    one: keep(() => checkedHalves(one)),
    sixteen: keep(() => checkedHalves(sixteen)),
    far: keep(() => checkedLine(one, HIGH)),
    near: keep(() => checkedLine(near, HIGH)),
    mixedRaw: keep(mixed),
    mixed: keep(() => checkedMixed(four, HIGH)),
    bigintRaw: keep(rawBigint),
    bigint: keep(() => checkedBigint(bigintFilter)),
  });
  const base = { unit: 'x', bound: 'most' } as const;
  return [
    {
      ...base,
      what: 'access, 4-byte loads, 4 armed, (hi, lo) / unchecked',
      figure: ratio(times.halves, times.raw),
      target: 2.1,
      note: note('checked', times.halves, times.raw),
    },
    {
      ...base,
      what: 'access, 4-byte loads, 4 armed, address a Number / unchecked',
      figure: ratio(times.number, times.numberRaw),
      target: 1.75,
      note: note('checked', times.number, times.numberRaw),
    },
    {
      ...base,
      what: 'access, mixed sizes, 4 armed / unchecked',
      figure: ratio(times.mixed, times.mixedRaw),
      target: 1.2,
      note: note('checked', times.mixed, times.mixedRaw),
    },
    { ...base, what: '16 armed / 1 armed', figure: ratio(times.sixteen, times.one), target: 1.1 },
    { ...base, what: "same line's neighbours / far addresses", figure: ratio(times.near, times.far), target: 1.1 },
    {
      ...base,
      what: 'public bigint entry / unchecked',
      figure: ratio(times.bigint, times.bigintRaw),
      target: 2.4,
      note: note('checked', times.bigint, times.bigintRaw),
    },
  ];
}
