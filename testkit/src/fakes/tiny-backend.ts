import {
  type ArchBackend,
  type ArchBreakpoint,
  CONDITION_WRITE,
  type CpuDriver,
  coreError,
  type DebugException,
  type DebugUnit,
  defineManifest,
  FILTER_WRITE,
  type FilterPart,
  HW_BREAKPOINT_W,
  highHalf,
  lowHalf,
  NOTIFY_DONE,
  NOTIFY_STOP,
  type Occupant,
  rangesOverlap,
  SI_CODES,
  type SuspendRequest,
  type Verdict,
  WatchFilter,
} from '@hwbp/core';

const TRAP: DebugException = Object.freeze({ vector: 'tiny', timing: 'after' });
const HIT = 1;
const STEP = 2;

/** One register, which watches stores to one aligned word of 8 bytes. */
class TinyUnit implements DebugUnit {
  readonly filter = new WatchFilter();
  pending = false;
  status = 0;
  #word: bigint | undefined;

  watch(word: bigint | undefined): void {
    this.#word = word;
    if (word === undefined) this.filter.disarm(0);
    else this.filter.arm(0, CONDITION_WRITE, highHalf(word), lowHalf(word), 8);
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

  discard(): void {
    this.pending = false;
  }

  reset(): void {
    this.watch(undefined);
    this.discard();
  }
}

class TinyDriver implements CpuDriver {
  readonly occupants: [Occupant | undefined] = [undefined];
  readonly unit: TinyUnit;

  constructor(unit: TinyUnit) {
    this.unit = unit;
  }

  install(_register: number, occupant: Occupant): void {
    this.occupants[0] = occupant;
    this.restore();
  }

  uninstall(): void {
    this.disable();
    this.occupants[0] = undefined;
  }

  hold(): void {}

  release(): void {}

  get active(): boolean {
    return this.occupants[0] !== undefined;
  }

  disable(): void {
    this.unit.watch(undefined);
  }

  restore(): void {
    this.unit.watch(this.occupants[0]?.info.address);
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
    createDriver: (unit) => new TinyDriver(unit as TinyUnit),
    parse({ bp_addr: address, bp_len, bp_type }): ArchBreakpoint {
      if (bp_type === HW_BREAKPOINT_W && BigInt(bp_len) === 8n && address % 8n === 0n) {
        return { address, length: 8, kernelSpace: address >= manifest.taskSize };
      }
      throw coreError('HWBP_ARCH_INVALID', 'tiny watches stores to aligned words of 8 bytes, and nothing else');
    },
    connect: ({ machine, dieChain, driver }) => ({
      debug(cpu, exception) {
        const task = cpu.current;
        if (task === undefined) return;
        const { unit } = driver(cpu) as TinyDriver;
        dieChain.notify({ event: 'debug', cpu, task, exception, status: unit.status }, (verdict) => {
          if (verdict === NOTIFY_DONE) machine.sendSignal(task, { si_signo: 'SIGTRAP', si_code: SI_CODES.TRAP_TRACE });
        });
      },
      trap({ current }) {
        if (current !== undefined) machine.sendSignal(current, { si_signo: 'SIGTRAP', si_code: SI_CODES.TRAP_BRKPT });
      },
      pageFault({ current }, address) {
        if (current !== undefined) machine.signalPageFault(current, address);
      },
      minorFault() {},
      systemCallExit() {},
      notify(record, deliver): Verdict {
        const [occupant] = driver(record.cpu).occupants;
        if (record.event !== 'debug' || (record.status & HIT) === 0 || occupant === undefined) return NOTIFY_DONE;
        record.status &= ~HIT;
        const rest = (): Verdict => (record.status === 0 ? NOTIFY_STOP : NOTIFY_DONE);
        const request: SuspendRequest | undefined = deliver(occupant, record);
        return request === undefined ? rest() : { ...request, resume: rest };
      },
    }),
  };
}
