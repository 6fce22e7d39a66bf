import {
  AfterPort,
  type ArchBackend,
  type Cpu,
  defineManifest,
  parseRange,
  type RangeBreakpoint,
  RegisterDriver,
} from '@hwbp/core';
import { CAUSE_STEP, HeronUnit, REGISTERS, WATCHES } from './heron-unit.js';

const LONGEST = 16;

/** What the Heron can do, and where things lie. */
const MANIFEST = defineManifest({
  name: 'heron',
  slots: { data: WATCHES, instruction: REGISTERS - WATCHES, shared: false },
  access: ['r', 'w', 'rw', 'x'],
  dataLengths: Array.from({ length: LONGEST }, (_, i) => i + 1),
  executeLength: 4,
  alignment: 'any',
  granule: 1,
  timing: { data: 'after', execute: 'before' },
  longestRange: 0,
  wordSize: 4,
  pageSize: 4096,
  taskSize: 0x8000_0000n,
  directMap: 0xc000_0000n,
  byteOrder: 'big',
});

/** The kernel's side of a CPU's registers: who is in each, and how each is written. */
type HeronDriver = RegisterDriver<HeronUnit, RangeBreakpoint>;

/** The entry code of debug exceptions in one kernel. */
class HeronPort extends AfterPort<HeronDriver> {
  protected readonly step = CAUSE_STEP;

  protected status(cpu: Cpu): number {
    return this.driver(cpu).unit.cause;
  }
}

/** The Heron, whole: `composeKernel({ arch: architecture(heron()) })`. */
export function heron(): ArchBackend<RangeBreakpoint> {
  return {
    manifest: MANIFEST,
    createUnit: () => new HeronUnit(),
    createDriver: (holder) =>
      new RegisterDriver(holder, {
        registers: REGISTERS,
        drives: (unit) => unit instanceof HeronUnit,
        write: (unit, register, info) => unit.set(register, info),
      }),
    parse: (attr) => parseRange(attr, MANIFEST),
    connect: (host) => new HeronPort(host),
  };
}
