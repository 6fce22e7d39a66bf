import {
  type ArchBreakpoint,
  type Architecture,
  architecture,
  CONDITION_FETCH,
  CONDITION_READ,
  CONDITION_WRITE,
  type CpuDriver,
  coreError,
  type DebugException,
  type DebugUnit,
  type Deliver,
  type DieRecord,
  defineManifest,
  FILTER_READ,
  FILTER_WRITE,
  type FilterPart,
  highHalf,
  lowHalf,
  NOTIFY_DONE,
  NOTIFY_STOP,
  type Occupant,
  rangesOverlap,
  type Verdict,
  WatchFilter,
} from '@hwbp/core';

const TRAP: DebugException = Object.freeze({ vector: 'fake trap', timing: 'after' });
const FAULT: DebugException = Object.freeze({ vector: 'fake fault', timing: 'before' });

interface FakeBreakpoint extends ArchBreakpoint {
  readonly conditions: number;
}

/** As many registers as you like; data hits trap after the access, execute hits fault before the instruction. */
export class FakeUnit implements DebugUnit {
  readonly filter = new WatchFilter();
  /** What each register is programmed with. */
  readonly armed: (FakeBreakpoint | undefined)[];
  /** Registers that the exception is about. */
  status = 0;
  #matched = 0;

  constructor(registers: number) {
    this.armed = new Array(registers).fill(undefined);
  }

  get pending(): boolean {
    return this.#matched !== 0;
  }

  program(register: number, what: FakeBreakpoint | undefined): void {
    this.armed[register] = what;
    if (what === undefined) this.filter.disarm(register);
    else this.filter.arm(register, what.conditions, highHalf(what.address), lowHalf(what.address), what.length);
  }

  fetch(hi: number, lo: number, state: { readonly resume: boolean }): DebugException | undefined {
    this.status = state.resume ? 0 : this.#match(CONDITION_FETCH, hi, lo, 1);
    return this.status === 0 ? undefined : FAULT;
  }

  access(part: FilterPart, hi: number, lo: number, size: number): undefined {
    const condition = part === FILTER_READ ? CONDITION_READ : part === FILTER_WRITE ? CONDITION_WRITE : 0;
    this.#matched |= this.#match(condition, hi, lo, size);
  }

  retire(): DebugException | undefined {
    this.status = this.#matched;
    this.#matched = 0;
    return this.status === 0 ? undefined : TRAP;
  }

  discard(): void {
    this.#matched = 0;
  }

  reset(): void {
    for (let register = 0; register < this.armed.length; register++) this.program(register, undefined);
    this.#matched = 0;
  }

  #match(condition: number, hi: number, lo: number, size: number): number {
    let matched = 0;
    this.armed.forEach((what, register) => {
      if (what === undefined || (what.conditions & condition) === 0) return;
      const { address, length } = what;
      if (rangesOverlap(hi, lo, size, highHalf(address), lowHalf(address), length)) matched |= 1 << register;
    });
    return matched;
  }
}

class FakeDriver implements CpuDriver<FakeBreakpoint> {
  readonly occupants: (Occupant<FakeBreakpoint> | undefined)[];
  readonly #unit: FakeUnit;

  constructor(unit: FakeUnit) {
    this.#unit = unit;
    this.occupants = new Array(unit.armed.length).fill(undefined);
  }

  hold(): void {}

  release(): void {}

  get active(): boolean {
    return this.occupants.some((occupant) => occupant !== undefined);
  }

  install(register: number, occupant: Occupant<FakeBreakpoint>): void {
    this.occupants[register] = occupant;
    this.#unit.program(register, occupant.info);
  }

  uninstall(register: number): void {
    this.occupants[register] = undefined;
    this.#unit.program(register, undefined);
  }

  disable(): void {
    this.occupants.forEach((_, register) => {
      this.#unit.program(register, undefined);
    });
  }

  restore(): void {
    this.occupants.forEach((occupant, register) => {
      this.#unit.program(register, occupant?.info);
    });
  }
}

function conditionsOf(bp_type: number): number {
  return (
    ((bp_type & 1) !== 0 ? CONDITION_READ : 0) |
    ((bp_type & 2) !== 0 ? CONDITION_WRITE : 0) |
    ((bp_type & 4) !== 0 ? CONDITION_FETCH : 0)
  );
}

/** A third party's architecture with as many registers as a test wants, in one pool or two. */
export function fakeArch(slots: { data: number; instruction: number; shared: boolean }): Architecture {
  const registers = slots.shared ? slots.data : slots.data + slots.instruction;
  const executeLength = 8;
  return architecture({
    manifest: defineManifest({
      name: 'fake',
      slots: { ...slots },
      access: slots.instruction > 0 ? ['r', 'w', 'rw', 'x'] : ['r', 'w', 'rw'],
      dataLengths: [1, 2, 4, 8],
      executeLength: slots.instruction > 0 ? executeLength : undefined,
      alignment: 'natural',
      granule: 8,
      timing: { data: 'after', execute: 'before' },
      privilegeFilter: false,
      longestRange: 0,
      wordSize: 8,
      pageSize: 4096,
      taskSize: 0x8000_0000_0000n,
      directMap: 0xffff_8000_0000_0000n,
    }),
    createUnit: () => new FakeUnit(registers),
    createDriver: (unit) => {
      if (!(unit instanceof FakeUnit)) throw new TypeError('not a fake unit');
      return new FakeDriver(unit);
    },
    parse({ bp_type, bp_addr, bp_len }) {
      const length = Number(bp_len);
      const execute = bp_type === 4;
      const fits = execute
        ? slots.instruction > 0 && length === executeLength
        : [1, 2, 4, 8].includes(length) && Number(bp_addr) % length === 0;
      if (!fits || (!execute && (bp_type > 3 || bp_type === 0)))
        throw coreError('HWBP_ARCH_INVALID', 'the fake cannot watch that');
      const watched = execute ? 1 : length;
      const kernelSpace = bp_addr >= 0x8000_0000_0000n;
      return { address: bp_addr, length: watched, kernelSpace, conditions: conditionsOf(bp_type) };
    },
    connect: ({ dieChain, driver }) => ({
      debug(cpu, exception) {
        if (cpu.current === undefined || !(cpu.unit instanceof FakeUnit)) return;
        const { status } = cpu.unit;
        const record: DieRecord = { event: 'debug', cpu, task: cpu.current, exception, status };
        dieChain.notify(record, () => {
          if (exception.timing === 'before') record.task.context.resume = true;
        });
      },
      trap() {},
      pageFault() {},
      minorFault() {},
      systemCallExit() {},
      notify(record: DieRecord, deliver: Deliver): Verdict {
        if (record.event !== 'debug') return NOTIFY_DONE;
        const occupants = driver(record.cpu).occupants.slice();
        const from = (first: number): Verdict => {
          for (let register = first; register < occupants.length; register++) {
            const occupant = occupants[register];
            if (occupant === undefined || (record.status & (1 << register)) === 0) continue;
            const request = deliver(occupant, record);
            if (request !== undefined) return { ...request, resume: () => from(register + 1) };
          }
          return NOTIFY_STOP;
        };
        return from(0);
      },
    }),
  });
}
