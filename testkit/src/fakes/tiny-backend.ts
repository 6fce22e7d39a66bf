import {
  AfterPort,
  type ArchBackend,
  CONDITION_WRITE,
  type Cpu,
  type DebugException,
  type DebugUnit,
  debugException,
  defineManifest,
  FILTER_WRITE,
  type FilterPart,
  highHalf,
  lowHalf,
  parseRange,
  type RangeBreakpoint,
  RegisterDriver,
  rangesOverlap,
  WatchFilter,
} from '@hwbp/core';

const TRAP = debugException('tiny', 'after');
const HIT = 1;
const STEP = 2;

/** One register, which watches stores to one aligned word of 8 bytes. */
class TinyUnit implements DebugUnit {
  readonly filter = new WatchFilter();
  readonly #number = this.filter.allot();
  pending = false;
  status = 0;
  #word: bigint | undefined;

  watch(word: bigint | undefined): void {
    this.#word = word;
    if (word === undefined) this.filter.disarm(this.#number);
    else this.filter.arm(this.#number, CONDITION_WRITE, highHalf(word), lowHalf(word), 8);
  }

  fetch(): undefined {}

  access(part: FilterPart, hi: number, lo: number, size: number): undefined {
    if (part !== FILTER_WRITE || this.#word === undefined) return;
    if (rangesOverlap(hi, lo, size, highHalf(this.#word), lowHalf(this.#word), 8)) this.pending = true;
  }

  retire({ singleStep }: { readonly singleStep: boolean }): DebugException | undefined {
    this.status = (this.pending ? HIT : 0) | (singleStep ? STEP : 0);
    this.pending = false;
    return this.status === 0 ? undefined : TRAP;
  }

  move(): undefined {}

  discard(): void {
    this.pending = false;
  }

  reset(): void {
    this.watch(undefined);
    this.discard();
  }
}

class TinyPort extends AfterPort<RegisterDriver<TinyUnit, RangeBreakpoint>> {
  protected readonly step = STEP;

  protected status(cpu: Cpu): number {
    return this.driver(cpu).unit.status;
  }
}

/** A whole architecture in one file, as small as the contract allows: where an author of a backend can begin. */
export function tinyBackend(): ArchBackend {
  const manifest = defineManifest({
    name: 'tiny',
    slots: { data: 1, instruction: 0, shared: false },
    access: ['w'],
    dataLengths: [8],
    executeLength: undefined,
    alignment: 'natural',
    granule: 8,
    timing: { data: 'after', execute: 'before' },
    privilegeFilter: false,
    longestRange: 0,
    wordSize: 8,
    pageSize: 4096,
    taskSize: 0x8000_0000_0000n,
    directMap: 0xffff_8000_0000_0000n,
  });
  return {
    manifest,
    createUnit: () => new TinyUnit(),
    createDriver: (holder) =>
      new RegisterDriver(holder, {
        registers: 1,
        drives: (unit) => unit instanceof TinyUnit,
        write: (unit, _register, info) => unit.watch(info?.address),
      }),
    parse: (attr) => parseRange(attr, manifest),
    connect: (host) => new TinyPort(host),
  };
}
