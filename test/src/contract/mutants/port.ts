import { DR6_TRAP_BITS, type X86Driver, X86Port } from '@hwbp/arch-x86';
import {
  type ArchHost,
  type ArchPort,
  type Cpu,
  composeKernel,
  DELIVERY,
  type DebugException,
  type DieChain,
  type DieRecord,
  type FinalVerdict,
  HANDLER_ERRORS,
  type HandlerErrors,
  HitDelivery,
  type HitReport,
  MACHINE,
  type Machine,
  NOTIFY_DONE,
  NOTIFY_STOP,
  type Occupant,
  PORT,
  plugin,
  provide,
  SI_CODES,
  type SoftwareTrap,
  type Task,
  type Verdict,
} from '@hwbp/core';
import { backendMutant, type Mutant } from './mutant.js';

/** What can be wrong with the entry code. */
interface Defects {
  readonly breaksAtAnEmptyRegister?: boolean;
  readonly deliversToNewcomers?: boolean;
  readonly clearsAllBits?: boolean;
  readonly alwaysStops?: boolean;
  readonly leavesOwnBits?: boolean;
  readonly neverResumes?: boolean;
  readonly firstRegisterOnly?: boolean;
  readonly writesSavedControlBack?: boolean;
  readonly leavesNobodyMuted?: boolean;
  readonly signalsBreakpointsAtOnce?: boolean;
  readonly losesStepsOverCalls?: boolean;
}

/** Hits that are looked up when they are told: whoever is in the register then. `ends`: an empty register ends them. */
function liveHits(occupants: X86Driver['occupants'], hits: readonly Occupant[], ends: boolean): readonly Occupant[] {
  const registers = hits.map((hit) => (occupants as readonly unknown[]).indexOf(hit));
  const now = (i: number): Occupant | undefined => occupants[registers[i] ?? -1];
  let told = 0;
  const length = (): number => {
    const gap = registers.findIndex((_, i) => i >= told && now(i) === undefined);
    return ends && gap >= 0 ? gap : hits.length;
  };
  return new Proxy(hits, {
    get(_, key) {
      if (key === 'length') return length();
      const i = Number(key);
      told = i + 1;
      return ends ? hits[i] : (now(i) ?? hits[i]);
    },
  });
}

/** x86's port, faithful but for the defects that it is made with. */
class DefectivePort extends X86Port {
  readonly #defects: Defects;
  /** DR7 at the entry, by CPU. */
  readonly #saved = new Map<number, number>();

  constructor(host: ArchHost, defects: Defects) {
    super(host, { bits: 64, accumulateDr6: false });
    this.#defects = defects;
  }

  protected override debug(cpu: Cpu, exception: DebugException): void {
    this.#saved.set(cpu.index, this.driver(cpu).unit.control);
    super.debug(cpu, exception);
  }

  protected override software(cpu: Cpu, trap: SoftwareTrap): void {
    if (this.#defects.signalsBreakpointsAtOnce !== true) super.software(cpu, trap);
    else this.signal(this.current(cpu), { si_signo: 'SIGTRAP', si_code: SI_CODES.TRAP_BRKPT });
  }

  override systemCallExit(cpu: Cpu, task: Task, stepped: boolean): void {
    super.systemCallExit(cpu, task, stepped && this.#defects.losesStepsOverCalls !== true);
  }

  override hits(record: DieRecord): HitReport | undefined {
    const { status, cpu } = record;
    const { resume } = cpu.context;
    const defects = this.#defects;
    const report = super.hits(record);
    if (defects.clearsAllBits && record.event === 'debug') record.status &= ~DR6_TRAP_BITS;
    if (report === undefined) return undefined;
    if (defects.leavesOwnBits) record.status = status;
    if (defects.neverResumes) cpu.context.resume = resume;
    if (defects.firstRegisterOnly) return { hits: report.hits.slice(0, 1) };
    const { breaksAtAnEmptyRegister = false, deliversToNewcomers = false } = defects;
    if (!breaksAtAnEmptyRegister && !deliversToNewcomers) return report;
    return { hits: liveHits(this.driver(cpu).occupants, report.hits, breaksAtAnEmptyRegister) };
  }

  override delivered(record: DieRecord): FinalVerdict {
    if (this.#defects.alwaysStops) return NOTIFY_STOP;
    return this.#defects.leavesOwnBits ? NOTIFY_DONE : super.delivered(record);
  }

  override finish(record: DieRecord, verdict: FinalVerdict): void {
    super.finish(record, verdict);
    const { event, cpu } = record;
    if (event !== 'debug' || cpu.context.mode === 'user') return;
    const driver = this.driver(cpu);
    if (this.#defects.writesSavedControlBack) driver.unit.setControl(this.#saved.get(cpu.index) ?? 0);
    if (this.#defects.leavesNobodyMuted) while (driver.muted) driver.unmute();
  }
}

const portMutant = (name: string, kills: readonly string[], defects: Defects): Mutant =>
  backendMutant(name, kills, () => ({ connect: (host) => new DefectivePort(host, defects) }));

/** Core's delivery of hits, which after a suspension tells nobody else. */
class ForgetsTheRest extends HitDelivery {
  readonly #port: ArchPort;

  constructor(port: ArchPort, dieChain: DieChain, errors: HandlerErrors) {
    super(port, dieChain, errors);
    this.#port = port;
  }

  override resume(record: DieRecord): Verdict {
    return this.#port.delivered(record);
  }
}

const forgetful = plugin(
  'mutant',
  provide(
    DELIVERY,
    [PORT, MACHINE, HANDLER_ERRORS],
    (port: ArchPort, { dieChain }: Machine, errors: HandlerErrors): HitDelivery =>
      new ForgetsTheRest(port, dieChain, errors),
  ),
);

/** The entry code without a defect. */
export const faithfulPort: Mutant = portMutant('port: nothing planted', [], {});

export const portMutants: readonly Mutant[] = [
  portMutant('#18: an empty register ends the loop', ['together/handler-unregisters-its-neighbour'], {
    breaksAtAnEmptyRegister: true,
  }),
  portMutant('#17, #19: bits that nobody owns are cleared', ['together/consumes-no-status-that-is-nobodys'], {
    clearsAllBits: true,
  }),
  portMutant(
    "#19: the kernel's own hits are passed on, and the user gets a SIGTRAP",
    ['together/own-hits-send-no-signal', 'together/own-hits-end-in-the-breakpoint-layer'],
    { leavesOwnBits: true },
  ),
  portMutant(
    '#20: the DR7 of the entry is written back at the exit',
    ['together/handler-unregisters-itself', 'together/handler-registers-another'],
    { writesSavedControlBack: true },
  ),
  portMutant('#21: the resume flag is never set', ['together/execute-hit-comes-before-the-instruction'], {
    neverResumes: true,
  }),
  portMutant('port: a hit hides a single step', ['together/a-step-is-seen-behind-a-hit'], { alwaysStops: true }),
  portMutant('port: a newcomer gets the hit of its predecessor', ['together/a-newcomer-does-not-inherit-a-hit'], {
    deliversToNewcomers: true,
  }),
  portMutant('port: one breakpoint for each exception', ['together/two-breakpoints-on-one-access'], {
    firstRegisterOnly: true,
  }),
  portMutant(
    'port: the exit from an exception lets go of what a debugger has muted',
    ['together/a-debugger-that-enters-in-a-handler-stays-inside'],
    { leavesNobodyMuted: true },
  ),
  portMutant(
    'port: a software breakpoint is a signal, whoever has planted it',
    ['together/a-software-breakpoint-asks-the-chain', 'together/a-planted-breakpoint-asks-the-chain'],
    { signalsBreakpointsAtOnce: true },
  ),
  portMutant('port: a step is lost in a system call', ['together/a-step-over-a-system-call-is-a-sigtrap'], {
    losesStepsOverCalls: true,
  }),
  backendMutant(
    'delivery: after a suspension nobody else is told',
    ['together/suspends-inside-the-exception'],
    () => ({}),
    { compose: (options) => composeKernel({ ...options, plugins: [...(options.plugins ?? []), forgetful] }) },
  ),
];
