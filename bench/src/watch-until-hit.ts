import { X86DebugUnit, X86Driver, x86Backend } from '@hwbp/arch-x86';
import { type FILTER_MASK, FILTER_WRITE, HW_BREAKPOINT_W } from '@hwbp/core';
import { alternate, nanoseconds, sink } from './measure.js';
import type { Row } from './row.js';

/** Stores before the one that is watched for. */
const COUNT = 10_000_000;
const BASE = 0x1000_0000;
/** A page: the watched word is its last, and every other store goes to the same page. */
const PAGE = 0x1000;
const WATCHED = BASE + PAGE - 8;
/** Literals, as an emulator writes them; see `access-path.ts`. */
const PART: typeof FILTER_WRITE = 0x1000;
const MASK: typeof FILTER_MASK = 0xfff;
const USER = { mode: 'user', singleStep: false, resume: false } as const;

/** An emulator that stores to a page until its debug unit reports a hit; returns the stores that it made. */
function untilHit(unit: X86DebugUnit, memory: DataView): number {
  const { table } = unit.filter;
  for (let made = 1; ; made++) {
    const lo = made > COUNT ? WATCHED : BASE + ((made << 2) & 0x7fc);
    if (table[PART | ((lo >>> 3) & MASK)] !== 0) {
      unit.access(FILTER_WRITE, 0, lo, 4);
      if (unit.retire(USER) !== undefined) return made;
    }
    memory.setInt32(lo - BASE, made, true);
  }
}

/** The time of one store on the way to a hit on the same page, x86's debug unit included. */
export function watchUntilHit(): readonly Row[] {
  const unit = new X86DebugUnit();
  const info = x86Backend().parse({ bp_type: HW_BREAKPOINT_W, bp_addr: BigInt(WATCHED), bp_len: 8 });
  new X86Driver({ unit }).install(0, { info, delivery: 'after', owner: 'bench' });
  const memory = new DataView(new ArrayBuffer(PAGE));
  const run = (): void => {
    const made = untilHit(unit, memory);
    if (made !== COUNT + 1) throw new Error(`the hit came after ${made} stores, not ${COUNT + 1}`);
    sink.value ^= made;
  };
  const { run: samples } = alternate(COUNT, { run }, 20);
  return [
    {
      what: 'watch until hit, the same page',
      figure: nanoseconds(samples),
      unit: 'ns',
      bound: 'most',
      target: 2.4,
      digits: 2,
    },
  ];
}
