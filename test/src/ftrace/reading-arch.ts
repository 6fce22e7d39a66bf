import {
  type ArchBackend,
  type ArchBreakpoint,
  type Architecture,
  architecture,
  CONDITION_READ,
  CONDITION_WRITE,
  type Cpu,
  type DebugException,
  type DebugUnit,
  type DieRecord,
  DriverBase,
  debugException,
  defineManifest,
  FILTER_READ,
  type FinalVerdict,
  type HitReport,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_W,
  highHalf,
  joinHalves,
  lowHalf,
  NOTIFY_STOP,
  PortBase,
  type UnitHolder,
  WatchFilter,
} from '@hwbp/core';

interface ReadingBreakpoint extends ArchBreakpoint {
  readonly type: number;
}

const WATCH = debugException('WATCH', 'after');

class ReadingUnit implements DebugUnit {
  readonly filter = new WatchFilter();
  readonly watched: (ReadingBreakpoint | undefined)[] = [undefined, undefined];
  status = 0;
  readonly #deafTo: number;

  constructor(deafTo: number) {
    this.#deafTo = deafTo;
  }

  get pending(): boolean {
    return this.status !== 0;
  }

  fetch(): undefined {}

  access(part: number, hi: number, lo: number, size: number): undefined {
    const address = joinHalves(hi, lo);
    const kind = part === FILTER_READ ? HW_BREAKPOINT_R : HW_BREAKPOINT_W;
    for (const [register, info] of this.watched.entries()) {
      if (info === undefined || (info.type & kind & ~this.#deafTo) === 0) continue;
      if (address < info.address + BigInt(info.length) && info.address < address + BigInt(size))
        this.status |= 1 << register;
    }
  }

  retire(): DebugException | undefined {
    return this.pending ? WATCH : undefined;
  }

  move(): undefined {}

  discard(): void {
    this.status = 0;
  }

  reset(): void {
    this.discard();
    this.watched.fill(undefined);
    for (const register of this.watched.keys()) this.filter.disarm(register);
  }
}

class ReadingDriver extends DriverBase<ReadingBreakpoint> {
  readonly #holder: UnitHolder;

  constructor(holder: UnitHolder) {
    super(2);
    this.#holder = holder;
  }

  get #unit(): ReadingUnit {
    return this.#holder.unit as ReadingUnit;
  }

  protected arm(register: number, info: ReadingBreakpoint): void {
    const { type, address, length } = info;
    const { watched, filter } = this.#unit;
    watched[register] = info;
    const conditions = (type & HW_BREAKPOINT_R ? CONDITION_READ : 0) | (type & HW_BREAKPOINT_W ? CONDITION_WRITE : 0);
    filter.arm(register, conditions, highHalf(address), lowHalf(address), length);
  }

  protected disarm(register: number): void {
    const { watched, filter } = this.#unit;
    watched[register] = undefined;
    filter.disarm(register);
  }
}

class ReadingPort extends PortBase {
  protected debug(cpu: Cpu, exception: DebugException): void {
    const unit = cpu.unit as ReadingUnit;
    const { status } = unit;
    unit.discard();
    this.host.dieChain.notify({ event: 'debug', cpu, task: this.current(cpu), exception, status }, this);
  }

  hits({ event, cpu, status }: DieRecord): HitReport | undefined {
    if (event !== 'debug') return undefined;
    const hits = this.driver(cpu).occupants.filter((_, register) => (status & (1 << register)) !== 0);
    return { hits: hits.filter((occupant) => occupant !== undefined) };
  }

  delivered(): FinalVerdict {
    return NOTIFY_STOP;
  }
}

/**
 * An architecture that is not x86: two registers, any alignment, and reads alone can be watched. `deafTo`: the bp_type
 * bits that its silicon fails to see.
 */
export function readingArch({ deafTo = 0 } = {}): Architecture {
  const backend: ArchBackend<ReadingBreakpoint> = {
    manifest: defineManifest({
      name: 'reading',
      slots: { data: 2, instruction: 0, shared: false },
      access: ['r', 'w', 'rw'],
      dataLengths: [4],
      executeLength: undefined,
      alignment: 'any',
      granule: 1,
      timing: { data: 'after', execute: 'before' },
      privilegeFilter: false,
      longestRange: 0,
      wordSize: 8,
      pageSize: 4096,
      taskSize: 0x1000_0000_0000n,
      directMap: 0xc000_0000_0000_0000n,
    }),
    createUnit: () => new ReadingUnit(deafTo),
    createDriver: (holder) => new ReadingDriver(holder),
    parse: ({ bp_addr, bp_len, bp_type }) => ({
      address: bp_addr,
      length: Number(bp_len),
      kernelSpace: bp_addr >= 0x1000_0000_0000n,
      type: bp_type,
    }),
    connect: (host) => new ReadingPort(host),
  };
  return architecture(backend);
}
