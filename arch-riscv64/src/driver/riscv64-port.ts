import {
  BeforePort,
  type Cpu,
  type Mode,
  type RangeBreakpoint,
  SI_CODES,
  type SoftwareTrap,
  type Task,
} from '@hwbp/core';
import { CSR, HIT_SHIFT, HIT0_SHIFT, HIT1_SHIFT, ICOUNT_HIT_SHIFT } from '../silicon/csr.js';
import type { Riscv64Driver, Riscv64Silicon } from './riscv64-driver.js';
import type { TriggerBreakpoint } from './trigger-breakpoint.js';

/** Status bit of a single step; those below are the triggers'. */
const STEP = 1 << 30;
/** The hit bits: of icount, mcontrol (type 2) and mcontrol6. */
const STEP_HIT = 1n << ICOUNT_HIT_SHIFT;
const HITS: Readonly<Record<number, bigint>> = { 2: 1n << HIT_SHIFT, 6: (1n << HIT0_SHIFT) | (1n << HIT1_SHIFT) };

/** Reads a trigger's hit bits and clears them. */
function takeHit(unit: Riscv64Silicon, register: number): boolean {
  unit.writeCsr(CSR.TSELECT, BigInt(register));
  const tdata1 = unit.readCsr(CSR.TDATA1) ?? 0n;
  const hit = register === unit.triggers ? STEP_HIT : (HITS[Number(tdata1 >> 60n)] ?? 0n);
  if ((tdata1 & hit) === 0n) return false;
  unit.writeCsr(CSR.TDATA1, tdata1 & ~hit);
  return true;
}

/**
 * The breakpoint exception (cause 3) in one kernel: triggers, single steps and ebreak. Triggers need not say which of
 * them fired, so the instruction is decoded; what the hit bits of a trigger say that is nobody's is for others.
 */
export class Riscv64Port extends BeforePort<Riscv64Driver> {
  protected readonly step = STEP;

  protected status(cpu: Cpu): number {
    const { unit } = this.driver(cpu);
    let status = takeHit(unit, unit.triggers) ? STEP : 0;
    for (let register = 0; register < unit.triggers; register++) if (takeHit(unit, register)) status |= 1 << register;
    return status;
  }

  protected override wants(info: RangeBreakpoint, { context: { mode } }: Cpu): boolean {
    const { user, kernel } = info as TriggerBreakpoint;
    const asked: Readonly<Record<Mode, boolean>> = { user, kernel, hypervisor: false };
    return asked[mode];
  }

  /** An ebreak does not retire: sepc is its own address, and a debugger goes past it by itself. */
  protected override software(cpu: Cpu, trap: SoftwareTrap): void {
    cpu.context.pc = cpu.pc;
    super.software(cpu, trap);
  }

  /** What the result takes the place of (do_trap_ecall_u). */
  systemCallEntry(_cpu: Cpu, { context }: Task): void {
    context.set('orig_a0', context.get('a0'));
  }

  /**
   * An ecall is a trap, for which icount matches as well: what it counts is reported once user mode is reached again.
   */
  override systemCallExit(_cpu: Cpu, task: Task, stepped: boolean): void {
    if (stepped) this.signal(task, { si_signo: 'SIGTRAP', si_code: SI_CODES.TRAP_TRACE, si_addr: task.context.pc });
  }
}
