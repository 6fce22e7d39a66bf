import {
  type ArchBackend,
  type ArchBreakpoint,
  type ArchHost,
  type Architecture,
  architecture,
  CONDITION_READ,
  CONDITION_WRITE,
  type CpuDriver,
  type DebugException,
  type DebugUnit,
  defineManifest,
  FILTER_READ,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_W,
  highHalf,
  joinHalves,
  lowHalf,
  NOTIFY_DONE,
  NOTIFY_STOP,
  type Occupant,
  WatchFilter,
} from '@hwbp/core';

interface ReadingBreakpoint extends ArchBreakpoint {
  readonly type: number;
}

const WATCH: DebugException = Object.freeze({ vector: 'WATCH', timing: 'after' });

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

  discard(): void {
    this.status = 0;
  }

  reset(): void {
    this.discard();
    this.watched.fill(undefined);
    for (const register of this.watched.keys()) this.filter.disarm(register);
  }
}

class ReadingDriver implements CpuDriver<ReadingBreakpoint> {
  readonly occupants: (Occupant<ReadingBreakpoint> | undefined)[] = [undefined, undefined];
  readonly unit: ReadingUnit;

  constructor(unit: ReadingUnit) {
    this.unit = unit;
  }

  hold(): void {}

  release(): void {}

  get active(): boolean {
    return this.occupants.some((occupant) => occupant !== undefined);
  }

  install(register: number, occupant: Occupant<ReadingBreakpoint>): void {
    const { type, address, length } = occupant.info;
    this.occupants[register] = occupant;
    this.unit.watched[register] = occupant.info;
    const conditions = (type & HW_BREAKPOINT_R ? CONDITION_READ : 0) | (type & HW_BREAKPOINT_W ? CONDITION_WRITE : 0);
    this.unit.filter.arm(register, conditions, highHalf(address), lowHalf(address), length);
  }

  uninstall(register: number): void {
    this.occupants[register] = undefined;
    this.unit.watched[register] = undefined;
    this.unit.filter.disarm(register);
  }

  disable(): void {}
  restore(): void {}
}

/**
 * An architecture that is not x86: two registers, any alignment, and reads alone can be watched. `deafTo`: the bp_type bits
 * that its silicon fails to see.
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
    createDriver: (unit) => new ReadingDriver(unit as ReadingUnit),
    parse: ({ bp_addr, bp_len, bp_type }) => ({
      address: bp_addr,
      length: Number(bp_len),
      kernelSpace: bp_addr >= 0x1000_0000_0000n,
      type: bp_type,
    }),
    connect: (host: ArchHost) => ({
      debug(cpu, exception) {
        const unit = cpu.unit as ReadingUnit;
        const { status } = unit;
        unit.discard();
        if (cpu.current === undefined) return;
        host.dieChain.notify({ event: 'debug', cpu, task: cpu.current, exception, status }, () => {});
      },
      trap() {},
      pageFault() {},
      minorFault() {},
      systemCallExit() {},
      notify(record, deliver) {
        if (record.event !== 'debug') return NOTIFY_DONE;
        for (const [register, occupant] of host.driver(record.cpu).occupants.entries()) {
          if (occupant !== undefined && (record.status & (1 << register)) !== 0) deliver(occupant, record);
        }
        return NOTIFY_STOP;
      },
    }),
  };
  return architecture(backend);
}
