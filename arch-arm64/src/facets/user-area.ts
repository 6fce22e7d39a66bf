import { describeUserArea, type Task, type UserArea } from '@hwbp/core';
import { PSTATE_SS, PSTATE_USER, X_REGISTERS } from './registers.js';

/** pstate as SPSR_EL1 was saved: SS says whether a step is under way that has not executed yet. */
function readPstate({ context, resumePoint: { singleStep, stepDue } }: Task): bigint {
  const ss = singleStep && stepDue !== true ? PSTATE_SS : 0n;
  return (context.get('pstate') & PSTATE_USER) | ss;
}

/**
 * struct user_pt_regs (arch/arm64/include/uapi/asm/ptrace.h). Writing any of it has PSTATE.SS follow TIF_SINGLESTEP: a
 * debugger can neither set nor keep it (user_regs_reset_single_step).
 */
export function arm64UserArea(): UserArea {
  const area = describeUserArea({
    wordSize: 8,
    generalRegisters: [...X_REGISTERS, 'sp', 'pc', 'pstate'],
    counter: 'pc',
    special: {
      pstate: { read: readPstate, write: ({ context }, value) => context.set('pstate', value & PSTATE_USER) },
    },
  });
  return {
    ...area,
    setRegister(task, name, value) {
      area.setRegister(task, name, value);
      task.resumePoint.stepDue = false;
    },
  };
}
