import {
  type ArchBackend,
  type ArchBreakpoint,
  CONDITION_WRITE,
  type Cpu,
  coreError,
  type DebugException,
  type DebugUnit,
  type DieRecord,
  DriverBase,
  debugException,
  defineManifest,
  FILTER_WRITE,
  type FilterPart,
  type FinalVerdict,
  type HitReport,
  HW_BREAKPOINT_W,
  highHalf,
  lowHalf,
  NOTIFY_DONE,
  NOTIFY_STOP,
  PortBase,
  rangesOverlap,
  SI_CODES,
  type UnitHolder,
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

class TinyDriver extends DriverBase {
  readonly #holder: UnitHolder;

  constructor(holder: UnitHolder) {
    super(1);
    this.#holder = holder;
  }

  get unit(): TinyUnit {
    return this.#holder.unit as TinyUnit;
  }

  protected arm(_register: number, { address }: ArchBreakpoint): void {
    this.unit.watch(address);
  }

  protected disarm(): void {
    this.unit.watch(undefined);
  }
}

class TinyPort extends PortBase<TinyDriver> {
  protected debug(cpu: Cpu, exception: DebugException): void {
    const { status } = this.driver(cpu).unit;
    this.host.dieChain.notify({ event: 'debug', cpu, task: this.current(cpu), exception, status }, this);
  }

  hits(record: DieRecord): HitReport | undefined {
    const [occupant] = this.driver(record.cpu).occupants;
    if (record.event !== 'debug' || (record.status & HIT) === 0 || occupant === undefined) return undefined;
    record.status &= ~HIT;
    return { hits: [occupant] };
  }

  delivered({ status }: DieRecord): FinalVerdict {
    return status === 0 ? NOTIFY_STOP : NOTIFY_DONE;
  }

  override finish(record: DieRecord, verdict: FinalVerdict): void {
    if (record.event !== 'debug') super.finish(record, verdict);
    else if (verdict === NOTIFY_DONE) this.signal(record.task, { si_signo: 'SIGTRAP', si_code: SI_CODES.TRAP_TRACE });
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
    createDriver: (holder) => new TinyDriver(holder),
    parse({ bp_addr: address, bp_len, bp_type }): ArchBreakpoint {
      if (bp_type === HW_BREAKPOINT_W && BigInt(bp_len) === 8n && address % 8n === 0n) {
        return { address, length: 8, kernelSpace: address >= manifest.taskSize };
      }
      throw coreError('HWBP_ARCH_INVALID', 'tiny watches stores to aligned words of 8 bytes, and nothing else');
    },
    connect: (host) => new TinyPort(host),
  };
}
