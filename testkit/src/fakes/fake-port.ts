import {
  type Access,
  CONDITION_FETCH,
  CONDITION_READ,
  CONDITION_WRITE,
  type Completed,
  type CompletionForm,
  type Cpu,
  type DebugException,
  type DieRecord,
  type FinalVerdict,
  type HitReport,
  NOTIFY_DONE,
  NOTIFY_STOP,
  type Occupant,
  PortBase,
  SI_CODES,
} from '@hwbp/core';
import type { FakeBreakpoint } from './fake-breakpoint.js';
import { FAKE_STEP } from './fake-debug-unit.js';
import type { FakeDriver } from './fake-driver.js';

type Guest = Occupant<FakeBreakpoint>;

/** True if the access touches what was asked for, and not only the rest of the block that the hardware watches. */
function touches({ kind, address: at, size }: Access, { address, length, conditions }: FakeBreakpoint): boolean {
  const loads = kind !== 'write' && (conditions & CONDITION_READ) !== 0;
  const stores = kind !== 'read' && (conditions & CONDITION_WRITE) !== 0;
  return (loads || stores) && at < address + BigInt(length) && at + BigInt(size) > address;
}

/** An instruction that completes disarmed: who is told then. */
class Completion {
  readonly hits: readonly Guest[];

  constructor(hits: readonly Guest[]) {
    this.hits = hits;
  }
}

/**
 * The entry code of the fakes. Data hits that the silicon reports before the access are delivered at once to those who
 * want them so; for the others the instruction completes disarmed first, and a `step` exception brings their hits.
 */
export class FakePort extends PortBase<FakeDriver> {
  protected debug(cpu: Cpu, exception: DebugException): void {
    const { status } = this.driver(cpu).unit;
    this.host.dieChain.notify({ event: 'debug', cpu, task: this.current(cpu), exception, status }, this);
  }

  readonly completions: CompletionForm = {
    hits: (completion) => (completion instanceof Completion ? completion.hits : undefined),
    make: (hits) => new Completion(hits as readonly Guest[]),
  };

  protected override completed(cpu: Cpu, { completion }: Completed): void {
    if (!(completion instanceof Completion) || completion.hits.length === 0) return;
    const task = this.current(cpu);
    this.host.dieChain.notify({ event: 'step', cpu, task, exception: undefined, status: 0, data: completion }, this);
  }

  hits(record: DieRecord): HitReport | undefined {
    if (record.event === 'step') return { hits: record.data instanceof Completion ? record.data.hits : [] };
    if (record.event !== 'debug') return undefined;
    const hits = this.#consume(record);
    if (hits.length === 0) return undefined;
    const execute = hits.some(({ info }) => info.conditions === CONDITION_FETCH);
    if (execute) record.cpu.context.resume = true;
    if (execute || record.exception?.timing === 'after') return { hits };
    // The silicon stopped at the first access that matched: the others are found by decoding the instruction.
    const { accesses = [] } = record.cpu.decode();
    const real = this.driver(record.cpu).occupants.filter(
      (occupant): occupant is Guest =>
        occupant !== undefined && accesses.some((access) => touches(access, occupant.info)),
    );
    record.cpu.completeDisarmed(new Completion(real.filter(({ delivery }) => delivery === 'after')));
    return { hits: real.filter(({ delivery }) => delivery === 'silicon') };
  }

  delivered({ status, restart, cpu }: DieRecord): FinalVerdict {
    if (restart === true) cpu.context.completion = undefined;
    return status === 0 ? NOTIFY_STOP : NOTIFY_DONE;
  }

  override finish(record: DieRecord, verdict: FinalVerdict): void {
    if (record.event === 'breakpoint') super.finish(record, verdict);
    if (record.event !== 'debug' || verdict === NOTIFY_STOP || record.status === 0) return;
    if (record.cpu.context.mode !== 'user') return;
    const si_code = record.status & FAKE_STEP ? SI_CODES.TRAP_TRACE : SI_CODES.TRAP_HWBKPT;
    this.signal(record.task, { si_signo: 'SIGTRAP', si_code, si_addr: record.cpu.context.pc });
  }

  /** The occupants of the registers that the status names. Their bits are cleared, nobody else's. */
  #consume(record: DieRecord): readonly Guest[] {
    return this.driver(record.cpu).occupants.filter((occupant, register): occupant is Guest => {
      if (occupant === undefined || (record.status & (1 << register)) === 0) return false;
      record.status &= ~(1 << register);
      return true;
    });
  }
}
