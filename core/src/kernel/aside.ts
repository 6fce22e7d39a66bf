import { coreError } from '../errors/index.js';
import type { Cpu } from '../hardware/index.js';
import type { CpuState } from './cpu-state.js';

/** See `machine.aside`. */
export function aside<T>(cpu: Cpu, state: CpuState, action: (cpu: Cpu) => T): T {
  if (cpu.shadowed && cpu.faults === 0) {
    const message = `CPU ${cpu.index} is in the debug shadow of an instruction; run the machine first`;
    throw coreError('CPU_SUSPENDED', message, { cpu: cpu.index });
  }
  const [{ current }, { translation }] = [state, cpu.mmu];
  state.current = undefined;
  cpu.mmu.enter(undefined);
  try {
    return cpu.aside(cpu.idle, () => action(cpu));
  } finally {
    // What its last instruction was to be completed for has come too late.
    cpu.idle.completion = undefined;
    state.current = current;
    cpu.mmu.load(translation);
  }
}
