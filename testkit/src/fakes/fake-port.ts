import {
  type Access,
  type ArchHost,
  type ArchPort,
  CONDITION_FETCH,
  CONDITION_READ,
  CONDITION_WRITE,
  type Cpu,
  type DebugException,
  type Deliver,
  type DieRecord,
  NOTIFY_DONE,
  NOTIFY_STOP,
  type Occupant,
  SI_CODES,
  type Task,
  type Verdict,
} from '@hwbp/core';
import type { FakeBreakpoint } from './fake-breakpoint.js';
import { FAKE_STEP } from './fake-debug-unit.js';
import type { FakeDriver } from './fake-driver.js';

/** True if the access touches what was asked for, and not only the rest of the block that the hardware watches. */
function touches({ kind, address: at, size }: Access, { address, length, conditions }: FakeBreakpoint): boolean {
  const loads = kind !== 'write' && (conditions & CONDITION_READ) !== 0;
  const stores = kind !== 'read' && (conditions & CONDITION_WRITE) !== 0;
  return (loads || stores) && at < address + BigInt(length) && at + BigInt(size) > address;
}

/**
 * The entry code of the fakes. Data hits that the silicon reports before the access are delivered at once to those who want
 * them so; for the others the instruction completes disarmed first, and a `step` exception brings their hits.
 */
export class FakePort implements ArchPort {
  readonly #host: ArchHost;
  readonly #deferred = new WeakMap<DieRecord, readonly Occupant[]>();

  constructor(host: ArchHost) {
    this.#host = host;
  }

  debug(cpu: Cpu, exception: DebugException): void {
    const task = cpu.current;
    if (task === undefined) return;
    const { status } = this.#driver(cpu).unit;
    const record: DieRecord = { event: 'debug', cpu, task, exception, status };
    this.#host.dieChain.notify(record, (verdict) => {
      if (verdict === NOTIFY_STOP || record.status === 0 || task.context.mode !== 'user') return;
      this.#sigtrap(task, record.status & FAKE_STEP ? SI_CODES.TRAP_TRACE : SI_CODES.TRAP_HWBKPT);
    });
  }

  trap(cpu: Cpu): void {
    const task = cpu.current;
    if (task === undefined) return;
    const record: DieRecord = { event: 'breakpoint', cpu, task, exception: undefined, status: 0 };
    this.#host.dieChain.notify(record, (verdict) => {
      if (verdict === NOTIFY_DONE) this.#sigtrap(task, SI_CODES.TRAP_BRKPT);
    });
  }

  pageFault(cpu: Cpu, address: bigint): void {
    if (cpu.current !== undefined) this.#host.machine.signalPageFault(cpu.current, address);
  }

  minorFault(): void {}

  systemCallExit(): void {}

  notify(record: DieRecord, deliver: Deliver): Verdict {
    if (record.event === 'step') return this.#deliverAll(this.#deferred.get(record) ?? [], record, deliver, 0);
    if (record.event !== 'debug') return NOTIFY_DONE;
    const hit = this.#consume(record);
    if (hit.length === 0) return NOTIFY_DONE;
    const execute = hit.some(({ info }) => info.conditions === CONDITION_FETCH);
    if (execute) record.task.context.resume = true;
    if (execute || record.exception?.timing === 'after') return this.#deliverAll(hit, record, deliver, 0);
    // The silicon stopped at the first access that matched: the others are found by decoding the instruction.
    const { accesses = [] } = record.cpu.decode();
    const real = this.#driver(record.cpu).occupants.filter(
      (occupant): occupant is Occupant<FakeBreakpoint> =>
        occupant !== undefined && accesses.some((access) => touches(access, occupant.info)),
    );
    this.#completeThen(
      record,
      real.filter(({ delivery }) => delivery === 'after'),
    );
    const atOnce = real.filter(({ delivery }) => delivery === 'silicon');
    return this.#deliverAll(atOnce, record, deliver, 0);
  }

  #driver(cpu: Cpu): FakeDriver {
    return this.#host.driver(cpu) as FakeDriver;
  }

  /** The occupants of the registers that the status names. Their bits are cleared, nobody else's. */
  #consume(record: DieRecord): readonly Occupant<FakeBreakpoint>[] {
    return this.#driver(record.cpu).occupants.filter((occupant, register): occupant is Occupant<FakeBreakpoint> => {
      if (occupant === undefined || (record.status & (1 << register)) === 0) return false;
      record.status &= ~(1 << register);
      return true;
    });
  }

  /** The instruction executes again, disarmed; then those that it hit are told. */
  #completeThen({ cpu: faulted, task }: DieRecord, hit: readonly Occupant[]): void {
    faulted.completeDisarmed((cpu) => {
      if (hit.length === 0) return;
      const record: DieRecord = { event: 'step', cpu, task, exception: undefined, status: 0 };
      this.#deferred.set(record, hit);
      this.#host.dieChain.notify(record, () => {});
    });
  }

  #deliverAll(hit: readonly Occupant[], record: DieRecord, deliver: Deliver, first: number): Verdict {
    for (let i = first; i < hit.length; i++) {
      const request = deliver(hit[i] as Occupant, record);
      if (request !== undefined) return { ...request, resume: () => this.#deliverAll(hit, record, deliver, i + 1) };
    }
    return record.status === 0 ? NOTIFY_STOP : NOTIFY_DONE;
  }

  #sigtrap(task: Task, si_code: number): void {
    this.#host.machine.sendSignal(task, { si_signo: 'SIGTRAP', si_code, si_addr: task.context.pc });
  }
}
