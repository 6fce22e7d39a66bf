import {
  CPU_MODELS,
  type Ppc64Breakpoint,
  Ppc64DebugUnit,
  Ppc64Driver,
  Ppc64Port,
  ppc64Backend,
} from '@hwbp/arch-ppc64';
import {
  type ArchBackend,
  type ArchHost,
  type Completed,
  type Cpu,
  type DebugException,
  type DieRecord,
  type ExecutionState,
  type FilterPart,
  type FinalVerdict,
  type HitReport,
  NOTIFY_DONE,
  type Occupant,
} from '@hwbp/core';
import { backendContract } from '@hwbp/testkit';
import type { Mutant } from './mutant.js';

type Backend = ArchBackend<Ppc64Breakpoint>;
const ISA = 3.1;

function ppc64Mutant(
  name: string,
  kills: readonly string[],
  change: (backend: Backend) => Partial<Backend>,
  cpu: 'power9' | 'power10' = 'power10',
): Mutant {
  const createBackend = (): Backend => {
    const backend = ppc64Backend({ cpu });
    return { ...backend, ...change(backend) };
  };
  return { name, kills, declare: (test) => backendContract({ test, name, createBackend }) };
}

const portMutant = (name: string, kills: readonly string[], Port: new (host: ArchHost, isa: number) => Ppc64Port) =>
  ppc64Mutant(name, kills, () => ({ connect: (host) => new Port(host, ISA) }));

class Unit extends Ppc64DebugUnit {
  constructor() {
    super({ layouts: CPU_MODELS.power10.watches });
  }
}

/** Completes the instruction and reports then. */
class ReportsAfter extends Unit {
  #raised: DebugException | undefined;

  constructor() {
    super();
    Object.defineProperty(this, 'pending', { get: () => this.#raised !== undefined });
  }

  override access(part: FilterPart, hi: number, lo: number, size: number, state: ExecutionState): undefined {
    this.#raised ??= super.access(part, hi, lo, size, state);
  }

  override retire(state: ExecutionState): DebugException | undefined {
    const raised = this.#raised ?? super.retire(state);
    this.#raised = undefined;
    return raised;
  }
}

/** Compares the first doubleword of a range only. */
class FirstDoubleword extends Unit {
  override setWatch(register: number, hi: number, lo: number, control: number): void {
    super.setWatch(register, hi, lo, control & 0x3ff);
  }
}

/** A driver that programs the second register where the first is meant. */
class OneRegister extends Ppc64Driver {
  protected override arm(register: number, info: Ppc64Breakpoint): void {
    super.arm(register, info);
    if (register !== 0) this.unit.setWatch(0, 0, 0, 0);
  }
}

const occupants = (port: Ppc64Port, { cpu }: DieRecord): readonly Occupant[] =>
  port.driver(cpu).occupants.filter((occupant) => occupant !== undefined);

/** Everybody is told when the silicon reports. */
class Early extends Ppc64Port {
  override hits(record: DieRecord): HitReport | undefined {
    if (record.event !== 'debug') return super.hits(record);
    record.cpu.completeDisarmed({});
    return { hits: occupants(this, record) };
  }
}

/** An instruction that completes disarmed: who is told then. */
class Completion {
  readonly hits: readonly Occupant[];

  constructor(hits: readonly Occupant[]) {
    this.hits = hits;
  }
}

/** Whoever is in a register is told, whatever was accessed. */
class Everybody extends Ppc64Port {
  override hits(record: DieRecord): HitReport | undefined {
    if (record.data instanceof Completion) return { hits: record.data.hits };
    if (record.event !== 'debug') return super.hits(record);
    record.cpu.completeDisarmed(new Completion(occupants(this, record)));
    return { hits: [] };
  }

  protected override completed(cpu: Cpu, { completion: data }: Completed): void {
    this.host.dieChain.notify(
      { event: 'step', cpu, task: this.current(cpu), exception: undefined, status: 0, data },
      this,
    );
  }
}

/** A hit leaves its register disarmed until the breakpoint is next installed. */
class StaysDisarmed extends Ppc64Port {
  override hits(record: DieRecord): HitReport | undefined {
    const report = super.hits(record);
    const driver = this.driver(record.cpu);
    if (record.event === 'debug') for (const register of driver.occupants.keys()) driver.drop(register);
    return report;
  }
}

/** A debugger that leaves its breakpoint armed meets it again and again. */
class Loops extends Ppc64Port {
  override delivered(record: DieRecord): FinalVerdict {
    const verdict = super.delivered(record);
    if (record.event === 'debug' && occupants(this, record).some(({ delivery }) => delivery === 'silicon')) {
      record.cpu.context.completion = undefined;
    }
    return verdict;
  }
}

/** Extraneous hits are passed on to the debuggers behind, and become signals. */
class PassesOn extends Ppc64Port {
  override delivered(record: DieRecord): FinalVerdict {
    const verdict = super.delivered(record);
    return record.event === 'debug' ? NOTIFY_DONE : verdict;
  }
}

/** Only the breakpoint in the lowest register is told. */
class LowestOnly extends Ppc64Port {
  override hits(record: DieRecord): HitReport | undefined {
    const report = super.hits(record);
    return report === undefined ? undefined : { ...report, hits: report.hits.slice(0, 1) };
  }
}

export const faithfulPpc64: Mutant = ppc64Mutant('ppc64: nothing planted', [], () => ({}));

/** Defects that only silicon can show which reports before the access, compares doublewords or watches ranges. */
export const ppc64Mutants: readonly Mutant[] = [
  ppc64Mutant(
    'ppc64 silicon: reports after the access',
    ['silicon/data-timing-is-as-listed', 'together/silicon-delivery-comes-before-the-access'],
    () => ({ createUnit: () => new ReportsAfter() }),
  ),
  ppc64Mutant('ppc64 silicon: a range is its first doubleword', ['silicon/hits-if-any-byte-is-shared'], () => ({
    createUnit: () => new FirstDoubleword(),
  })),
  ppc64Mutant(
    'ppc64 driver: the second register costs the first',
    ['driver/uninstall-leaves-neighbours-armed'],
    () => ({
      createDriver: (holder) => new OneRegister(holder),
    }),
  ),
  ppc64Mutant(
    'ppc64 manifest: claims that the silicon is exact',
    ['silicon/hits-if-any-byte-is-shared'],
    (backend) => ({
      manifest: Object.freeze({ ...backend.manifest, grain: 1 }),
    }),
  ),
  ppc64Mutant(
    'ppc64 parse: registers that are only accounted can be programmed',
    ['driver/accounted-registers-answer-no-device', 'together/accounted-registers-answer-no-device'],
    () => ({ parse: (attr) => ppc64Backend({ cpu: 'power8' }).parse(attr) }),
    'power9',
  ),
  portMutant('ppc64 port: everybody is told before the access', ['together/handler-runs-after-the-access'], Early),
  portMutant('ppc64 port: whoever has a register is told', ['together/an-extraneous-hit-is-nobodys'], Everybody),
  portMutant('ppc64 port: a hit leaves the register disarmed', ['together/every-execution-hits'], StaysDisarmed),
  portMutant(
    'ppc64 port: silicon delivery never gets past the access',
    ['together/silicon-delivery-is-once-for-each-access'],
    Loops,
  ),
  portMutant('ppc64 port: own hits become signals', ['together/own-hits-send-no-signal'], PassesOn),
  portMutant('ppc64 port: one breakpoint for each exception', ['together/two-breakpoints-on-one-access'], LowestOnly),
];
