import { DR7_ENABLES, enablesOf, fieldOf, RW_EXECUTE } from '../silicon/dr7.js';
import { X86_DEBUG_REGISTERS } from '../silicon/x86-silicon.js';

/**
 * B0-B3 of the execute breakpoints at an address that DR7 enables: what software finds that emulates an instruction.
 */
export function executeBreakpoints(pc: bigint, control: number, addresses: readonly bigint[]): number {
  if ((control & DR7_ENABLES) === 0) return 0;
  let bits = 0;
  for (let register = 0; register < X86_DEBUG_REGISTERS; register++) {
    if (enablesOf(control, register) === 0 || fieldOf(control, register) !== RW_EXECUTE) continue;
    if (addresses[register] === pc) bits |= 1 << register;
  }
  return bits;
}
