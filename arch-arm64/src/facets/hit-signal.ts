import { type FacetServices, type Hit, SI_CODES, type Task } from '@hwbp/core';
import type { Arm64Driver } from '../driver/arm64-driver.js';
import type { SetKind } from './control-request.js';

/**
 * The SIGTRAP of a debugger's breakpoint (Linux: ptrace_hbptriggered): si_addr is the instruction, or what FAR says; in
 * a 32-bit task si_errno tells which register, from 1 in steps of 2, negative for watchpoints.
 */
export function signalHit({ host }: FacetServices, { cpu }: Hit, task: Task, kind: SetKind, index: number): void {
  const si_addr = kind === 'break' ? cpu.pc : (host.driver(cpu) as Arm64Driver).unit.far;
  const number = 2 * index + 1;
  const si_errno = kind === 'break' ? number : -number;
  host.machine.forceSignal(task, {
    si_signo: 'SIGTRAP',
    si_code: SI_CODES.TRAP_HWBKPT,
    si_addr,
    ...(task.compat ? { si_errno } : {}),
  });
}
