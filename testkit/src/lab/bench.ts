import {
  type Access,
  type ArchBackend,
  type ArchBreakpoint,
  type CpuDriver,
  type DebugException,
  type DebugUnit,
  type ExecutionState,
  FILTER_FETCH,
  FILTER_PORT,
  FILTER_READ,
  FILTER_WRITE,
  type FilterPart,
  type HwBreakpointAttr,
  highHalf,
  lowHalf,
} from '@hwbp/core';
import { isZero } from './is-zero.js';

const USER: ExecutionState = Object.freeze({ mode: 'user', singleStep: false, resume: false });

const MEMORY = [FILTER_READ, FILTER_WRITE] as const;
const PORT = [FILTER_PORT] as const;
/** Accesses of this kind are not looked up in that part. */
const OTHER_KIND: ReadonlyMap<FilterPart, Access['kind']> = new Map([
  [FILTER_READ, 'write'],
  [FILTER_WRITE, 'read'],
]);

function halves(address: bigint, { unsigned = false }: BenchState): readonly [hi: number, lo: number] {
  const [hi, lo] = [highHalf(address), lowHalf(address)];
  return unsigned ? [hi >>> 0, lo >>> 0] : [hi, lo];
}

/** What an instruction does, as far as silicon cares. */
export interface BenchInstruction {
  readonly pc?: bigint;
  readonly accesses?: readonly Access[];
}

/** How {@link Bench.execute} drives the unit. */
export interface BenchState extends Partial<ExecutionState> {
  /** False: the unit is asked even where the filter says that nothing can match. */
  readonly filtered?: boolean;
  /** Halves of addresses as unsigned numbers. Default: as an int32 has them. */
  readonly unsigned?: boolean;
}

/** One debug unit with its driver, and no kernel: executes instructions by the protocol of `DebugUnit`. */
export class Bench {
  readonly backend: ArchBackend;
  readonly unit: DebugUnit;
  readonly driver: CpuDriver;

  constructor(backend: ArchBackend) {
    this.backend = backend;
    this.unit = backend.createUnit();
    this.driver = backend.createDriver(this);
  }

  /** Installs a request in a register. */
  arm(register: number, attr: HwBreakpointAttr): ArchBreakpoint {
    const info = this.backend.parse(attr);
    this.driver.install(register, { info, delivery: 'silicon', owner: 'bench' });
    return info;
  }

  /** Executes one instruction; returns the exceptions that it raised. One that comes `before` ends it. */
  execute(instruction: BenchInstruction, options: BenchState = {}): readonly DebugException[] {
    const state = { ...USER, ...options };
    const { pc, accesses = [] } = instruction;
    if (pc !== undefined && this.#asks(FILTER_FETCH, pc, 1, options)) {
      const fault = this.unit.fetch(...halves(pc, options), state);
      if (fault !== undefined) return [fault];
    }
    for (const access of accesses) {
      const fault = this.access(access, options);
      if (fault !== undefined) return [fault];
    }
    if (!this.unit.pending && !state.singleStep) return [];
    const trap = this.unit.retire(state);
    return trap === undefined ? [] : [trap];
  }

  /** One access, without retiring the instruction. */
  access({ kind, address, size, space }: Access, options: BenchState = {}): DebugException | undefined {
    const state = { ...USER, ...options };
    for (const part of space === 'port' ? PORT : MEMORY) {
      if (kind === OTHER_KIND.get(part) || !this.#asks(part, address, size, options)) continue;
      const fault = this.unit.access(part, ...halves(address, options), size, state);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** True if the filter has nothing armed. */
  get filterIsEmpty(): boolean {
    return isZero(this.unit.filter.table) && this.unit.filter.ranges.length === 0;
  }

  #asks(part: FilterPart, address: bigint, size: number, { filtered = true }: BenchState): boolean {
    return !filtered || this.unit.filter.test(part, lowHalf(address), size);
  }
}
