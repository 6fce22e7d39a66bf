import {
  type FacetServices,
  HW_BREAKPOINT_X,
  PairedDebugRegisters,
  SI_CODES,
  type UserDebugRegisters,
} from '@hwbp/core';
import type { Riscv64Driver } from '../driver/riscv64-driver.js';

/** Fields of a control register: enabled, then bp_type, then the length. */
const ENABLE = 1n;
const TYPE_SHIFT = 1n;
const LENGTH_SHIFT = 8n;

/**
 * The triggers of a task in pairs of address and control, as on arm. Linux has no such interface for RISC-V yet, so
 * this one is made up.
 */
export function userDebugRegisters(services: FacetServices, triggers: number): UserDebugRegisters {
  const { host } = services;
  return new PairedDebugRegisters(services, {
    name: 'debug registers of riscv64 tasks',
    pairs: triggers,
    decode: (control) => ({
      enabled: (control & ENABLE) !== 0n,
      bp_type: Number((control >> TYPE_SHIFT) & 7n),
      bp_len: control >> LENGTH_SHIFT,
    }),
    hit({ breakpoint, cpu }, task) {
      // stval is the address of the access, which has not happened yet.
      const { unit } = host.driver(cpu) as Riscv64Driver;
      const si_addr = breakpoint.attr.bp_type === HW_BREAKPOINT_X ? cpu.pc : unit.stval;
      host.machine.forceSignal(task, { si_signo: 'SIGTRAP', si_code: SI_CODES.TRAP_HWBKPT, si_addr });
    },
  });
}
