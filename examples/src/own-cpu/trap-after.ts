import { DR6_RESET, X86DebugUnit, X86Driver, x86Backend } from '@hwbp/arch-x86';
import { firstFree, HW_BREAKPOINT_W, HW_BREAKPOINT_X, hex } from '@hwbp/core';
import { COUNTER_ADDRESS, PROGRAM, TinyCpu } from './tiny-cpu.js';

/** x86: exceptions come after a data access (and before an execute breakpoint's instruction). */
export function trapAfter(say: (line: string) => void): void {
  // The silicon, and what Linux puts in front of it. No machine, no kernel.
  const backend = x86Backend();
  const unit = new X86DebugUnit();
  const driver = new X86Driver({ unit });
  const cpu = new TinyCpu(unit, PROGRAM);

  // For an emulator that keeps flags of its own, in its TLB for instance: told after each change what is armed.
  unit.filter.listen((ranges) => {
    say(`  armed: ${ranges.map(({ address, length }) => `${hex(address)}/${length}`).join(', ') || 'nothing'}`);
  });

  const watch = (bp_type: number, bp_addr: bigint, bp_len: number): number => {
    const register = firstFree(driver.occupants);
    // `parse` refuses what an x86 cannot watch, and says why.
    const info = backend.parse({ bp_type, bp_addr, bp_len });
    driver.install(register, { info, delivery: 'after', owner: 'emulator' });
    return register;
  };

  cpu.onException = () => {
    // DR6 says which registers matched; software acknowledges it, as on the chip.
    const status = unit.status ^ DR6_RESET;
    unit.setStatus(DR6_RESET);
    driver.occupants.forEach((occupant, register) => {
      if (occupant === undefined || (status & (1 << register)) === 0) return;
      const counter = cpu.memory.getInt32(Number(COUNTER_ADDRESS), true);
      say(`  DR${register} ${hex(occupant.info.address)}: pc is ${hex(BigInt(cpu.pc))}, the counter is ${counter}`);
    });
    // An execute breakpoint faults before its instruction: let that pass once.
    cpu.resume = true;
  };

  const data = watch(HW_BREAKPOINT_W, COUNTER_ADDRESS, 4);
  const text = watch(HW_BREAKPOINT_X, 0x14n, 8);
  cpu.run();
  driver.uninstall(data);
  driver.uninstall(text);
}
