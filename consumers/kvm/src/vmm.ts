import { type Instruction, type ProgramFactory, program } from '@hwbp/core';
import type { Vcpu } from './vcpu.js';
import type { VmOptions } from './vm-options.js';

/** Where the program of a virtual CPU's task executes: user space of the host's. */
const TEXT = 0x40_0000n;

/** All bits 1: what nobody answers. */
const NOBODY = -1n;

/** The program of a task that runs a virtual CPU, over and over, and answers its exits. */
export function vcpuProgram(vcpu: Vcpu, answer: VmOptions['exit']): ProgramFactory {
  return program(function* (): Generator<Instruction, void> {
    for (;;) {
      yield { pc: TEXT, length: 2, syscall: vcpu.run() };
      const { exit } = vcpu;
      if (exit === undefined) continue;
      if (exit.reason === 'shutdown' || exit.reason === 'internal error') return;
      // The guest's debugger has it, and lets it go on by itself.
      const value = exit.reason === 'debug' && vcpu.debugged ? undefined : answer?.(exit, vcpu);
      const loads =
        (exit.reason === 'io' && exit.direction === 'in') || (exit.reason === 'mmio' && exit.direction === 'read');
      if (loads) vcpu.answer(value ?? NOBODY);
      yield { pc: TEXT + 2n, length: 2, next: TEXT };
    }
  });
}
