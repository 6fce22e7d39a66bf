import { DR6_BS, DR6_TRAP_BITS, X86_BREAKPOINT_EXECUTE, type X86Driver, X86Port } from '@hwbp/arch-x86';
import { type ArchHost, type Deliver, type DieRecord, NOTIFY_DONE, NOTIFY_STOP, type Verdict } from '@hwbp/core';
import { backendMutant, type Mutant } from './mutant.js';

/** What can be wrong with the breakpoint notifier. */
interface Defects {
  readonly breaksAtAnEmptyRegister?: boolean;
  readonly deliversToNewcomers?: boolean;
  readonly clearsAllBits?: boolean;
  readonly alwaysStops?: boolean;
  readonly leavesOwnBits?: boolean;
  readonly neverResumes?: boolean;
  readonly firstRegisterOnly?: boolean;
  readonly forgetsTheRestWhenSuspended?: boolean;
}

/** x86's port, with a notifier that is faithful but for the defects it is made with. */
class DefectivePort extends X86Port {
  readonly #defects: Defects;

  constructor(host: ArchHost, defects: Defects) {
    super(host);
    this.#defects = defects;
  }

  override notify(record: DieRecord, deliver: Deliver): Verdict {
    const seen = record.status;
    if (record.event !== 'debug' || (seen & DR6_TRAP_BITS) === 0) return NOTIFY_DONE;
    if (this.#defects.clearsAllBits) record.status &= ~DR6_TRAP_BITS;
    return this.#from(record, deliver, 0, seen, this.driver(record.cpu).occupants.slice());
  }

  #from(record: DieRecord, deliver: Deliver, first: number, seen: number, snapshot: X86Driver['occupants']): Verdict {
    const defects = this.#defects;
    const live = this.driver(record.cpu).occupants;
    const occupants = defects.breaksAtAnEmptyRegister || defects.deliversToNewcomers ? live : snapshot;
    for (let register = first; register < 4; register++) {
      const occupant = occupants[register];
      if ((seen & (1 << register)) === 0) continue;
      if (occupant === undefined && defects.breaksAtAnEmptyRegister) break;
      if (occupant === undefined) continue;
      const execute = occupant.info.type === X86_BREAKPOINT_EXECUTE;
      if (execute && (seen & DR6_BS) !== 0) continue;
      if (!defects.leavesOwnBits) record.status &= ~(1 << register);
      const request = deliver(occupant, record);
      if (execute && !defects.neverResumes) record.task.context.resume = true;
      if (defects.firstRegisterOnly) break;
      if (request === undefined) continue;
      const next = defects.forgetsTheRestWhenSuspended ? 4 : register + 1;
      return { ...request, resume: () => this.#from(record, deliver, next, seen, snapshot) };
    }
    if (defects.alwaysStops) return NOTIFY_STOP;
    if (defects.leavesOwnBits) return NOTIFY_DONE;
    return (seen & ~DR6_TRAP_BITS) !== 0 ? NOTIFY_DONE : NOTIFY_STOP;
  }
}

const portMutant = (name: string, kills: readonly string[], defects: Defects): Mutant =>
  backendMutant(name, kills, () => ({ connect: (host) => new DefectivePort(host, defects) }));

/** The notifier without a defect. */
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
  portMutant('port: after a suspension nobody else is told', ['together/suspends-inside-the-exception'], {
    forgetsTheRestWhenSuspended: true,
  }),
];
