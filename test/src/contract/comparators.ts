import {
  AfterPort,
  type ArchBackend,
  CONDITION_READ,
  CONDITION_WRITE,
  type Cpu,
  type DebugException,
  type DebugUnit,
  debugException,
  defineManifest,
  type ExecutionState,
  FILTER_READ,
  FILTER_WRITE,
  type FilterPart,
  joinHalves,
  parseRange,
  type RangeBreakpoint,
  RegisterDriver,
  WatchFilter,
} from '@hwbp/core';

const PAIRS = 2;
const STEP = 1 << PAIRS;
const TRAP = debugException('comparator', 'after');

/** Two comparators, and what the pair watches. */
interface Pair {
  readonly first: bigint;
  readonly last: bigint;
  readonly conditions: number;
}

/**
 * Silicon that spends two registers on each breakpoint, as the data address comparators of some embedded PowerPCs do:
 * one has the first address of a range, the other the last.
 */
class ComparatorUnit implements DebugUnit {
  readonly filter = new WatchFilter();
  readonly #first = this.filter.allot(PAIRS);
  readonly #addresses = new BigUint64Array(2 * PAIRS);
  readonly #conditions = new Int32Array(PAIRS);
  status = 0;
  #matched = 0;

  get pending(): boolean {
    return this.#matched !== 0;
  }

  /** Writes both comparators of a pair. */
  compare(pair: number, { first, last, conditions }: Pair): void {
    this.#addresses[2 * pair] = first;
    this.#addresses[2 * pair + 1] = last;
    this.#conditions[pair] = conditions;
    if (conditions === 0) this.filter.disarm(this.#first + pair);
    else {
      const [hi, lo] = [Number(BigInt.asIntN(32, first >> 32n)), Number(BigInt.asIntN(32, first))];
      this.filter.arm(this.#first + pair, conditions, hi, lo, Number(last - first) + 1);
    }
  }

  fetch(): undefined {}

  access(part: FilterPart, hi: number, lo: number, size: number): undefined {
    const condition = part === FILTER_READ ? CONDITION_READ : part === FILTER_WRITE ? CONDITION_WRITE : 0;
    const at = joinHalves(hi, lo);
    const end = at + BigInt(size);
    for (let pair = 0; pair < PAIRS; pair++) {
      const [first, last] = this.#addresses.subarray(2 * pair, 2 * pair + 2);
      if (first === undefined || last === undefined || ((this.#conditions[pair] ?? 0) & condition) === 0) continue;
      if (at <= last && end > first) this.#matched |= 1 << pair;
    }
  }

  retire({ singleStep }: ExecutionState): DebugException | undefined {
    this.status = this.#matched | (singleStep ? STEP : 0);
    this.#matched = 0;
    return this.status === 0 ? undefined : TRAP;
  }

  move(): undefined {}

  discard(): void {
    this.#matched = 0;
  }

  reset(): void {
    for (let pair = 0; pair < PAIRS; pair++) this.compare(pair, { first: 0n, last: 0n, conditions: 0 });
    this.#matched = 0;
    this.status = 0;
  }
}

class ComparatorPort extends AfterPort<RegisterDriver<ComparatorUnit, RangeBreakpoint>> {
  protected readonly step = STEP;

  protected status(cpu: Cpu): number {
    return this.driver(cpu).unit.status;
  }
}

/** A chip on which a breakpoint takes two registers: a slot of its manifest is a pair. */
export function comparators(): ArchBackend<RangeBreakpoint> {
  const manifest = defineManifest({
    name: 'comparators',
    slots: { data: PAIRS, instruction: 0, shared: false },
    access: ['r', 'w', 'rw'],
    dataLengths: Array.from({ length: 24 }, (_, i) => i + 1),
    executeLength: undefined,
    alignment: 'any',
    granule: 1,
    timing: { data: 'after', execute: 'before' },
    longestRange: 0,
    wordSize: 8,
    pageSize: 4096,
    taskSize: 0x8000_0000_0000n,
    directMap: 0xffff_8000_0000_0000n,
  });
  return {
    manifest,
    createUnit: () => new ComparatorUnit(),
    createDriver: (holder) =>
      new RegisterDriver(holder, {
        registers: PAIRS,
        drives: (unit) => unit instanceof ComparatorUnit,
        write(unit, pair, info) {
          const { address = 0n, length = 1, conditions = 0 } = info ?? {};
          unit.compare(pair, { first: address, last: address + BigInt(length) - 1n, conditions });
        },
      }),
    parse: (attr) => parseRange(attr, manifest),
    connect: (host) => new ComparatorPort(host),
  };
}
