import {
  type ArchBreakpoint,
  type Architecture,
  architecture,
  CONDITION_FETCH,
  CONDITION_READ,
  CONDITION_WRITE,
  type Cpu,
  coreError,
  type DebugException,
  type DebugUnit,
  type DieRecord,
  DriverBase,
  debugException,
  defineManifest,
  FILTER_READ,
  FILTER_WRITE,
  type FilterPart,
  type FinalVerdict,
  type HitReport,
  highHalf,
  lowHalf,
  NOTIFY_STOP,
  type Occupant,
  PortBase,
  rangesOverlap,
  type UnitHolder,
  WatchFilter,
} from '@hwbp/core';

const TRAP = debugException('fake trap', 'after');
const FAULT = debugException('fake fault', 'before');

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
  /** The filter's number of register 0. */
  readonly #first: number;
  #matched = 0;

  constructor(registers: number) {
    this.#first = this.filter.allot(registers);
    this.armed = new Array(registers).fill(undefined);
  }

  get pending(): boolean {
    return this.#matched !== 0;
  }

  program(register: number, what: FakeBreakpoint | undefined): void {
    this.armed[register] = what;
    if (what === undefined) this.filter.disarm(this.#first + register);
    else {
      const { address, length, conditions } = what;
      this.filter.arm(this.#first + register, conditions, highHalf(address), lowHalf(address), length);
    }
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

  move(): undefined {}

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

class FakeDriver extends DriverBase<FakeBreakpoint> {
  readonly #holder: UnitHolder;

  constructor(holder: UnitHolder, registers: number) {
    super(registers);
    this.#holder = holder;
  }

  protected arm(register: number, info: FakeBreakpoint): void {
    this.#unit.program(register, info);
  }

  protected disarm(register: number): void {
    this.#unit.program(register, undefined);
  }

  get #unit(): FakeUnit {
    return this.#holder.unit as FakeUnit;
  }
}

/** Execute hits are faults: they set the resume flag once everybody has been asked. */
class FakePort extends PortBase {
  protected debug(cpu: Cpu, exception: DebugException): void {
    if (!(cpu.unit instanceof FakeUnit)) return;
    const { status } = cpu.unit;
    this.host.dieChain.notify({ event: 'debug', cpu, task: this.current(cpu), exception, status }, this);
  }

  hits({ event, cpu, status }: DieRecord): HitReport | undefined {
    if (event !== 'debug') return undefined;
    const { occupants } = this.driver(cpu);
    return {
      hits: occupants.filter((occupant, n) => occupant !== undefined && (status & (1 << n)) !== 0) as Occupant[],
    };
  }

  delivered(): FinalVerdict {
    return NOTIFY_STOP;
  }

  override finish(record: DieRecord, verdict: FinalVerdict): void {
    super.finish(record, verdict);
    if (record.exception?.timing !== 'before') return;
    const context = record.task?.context ?? record.cpu.context;
    context.resume = true;
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
    createDriver: (holder) => {
      if (!(holder.unit instanceof FakeUnit)) throw new TypeError('not a fake unit');
      return new FakeDriver(holder, registers);
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
    connect: (host) => new FakePort(host),
  });
}
