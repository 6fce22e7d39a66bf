import { type ByteOrder, TASK_COUNTER, type UserArea, type UserAreaField } from '@hwbp/core';
import { MSR_LE, MSR_SE, MSR_USER } from '../silicon/msr.js';

const WORD = 8;
/** struct pt_regs as ptrace shows it (arch/powerpc/include/uapi/asm/ptrace.h), words from 0. */
const PT_REGS: readonly string[] = [
  ...Array.from({ length: 32 }, (_, i) => `r${i}`),
  ...'nip msr orig_gpr3 ctr link xer ccr softe trap dar dsisr result'.split(' '),
];
/** PT_FPR0: f0 to f31, then fpscr. */
const PT_FPR0 = 48;
const FLOATING: readonly string[] = [...Array.from({ length: 32 }, (_, i) => `f${i}`), 'fpscr'];
/** What instructions write: general and floating-point registers, all but the program counter. */
export const WRITABLE_REGISTERS: readonly string[] = Object.freeze(
  [...PT_REGS, ...FLOATING].filter((name) => name !== 'nip'),
);

/** Words behind this one (PT_CCR) of pt_regs cannot be written, but for `trap`. */
const LAST_WRITABLE = PT_REGS.indexOf('ccr');

const UNUSED: UserAreaField = Object.freeze({ kind: 'unused' });
const GENERAL = new Map<number, UserAreaField>([
  ...PT_REGS.map((name, word): [number, UserAreaField] => [word, Object.freeze({ kind: 'general', name })]),
  ...FLOATING.map((name, i): [number, UserAreaField] => [PT_FPR0 + i, Object.freeze({ kind: 'general', name })]),
]);

function isWritable(name: string): boolean {
  const word = PT_REGS.indexOf(name);
  return word <= LAST_WRITABLE || name === 'trap';
}

/** The user area of a 64-bit kernel. It has no debug registers: those have requests of their own. */
export function ppc64UserArea(byteOrder: ByteOrder): UserArea {
  const size = (PT_FPR0 + FLOATING.length) * WORD;
  const msr = MSR_USER | (byteOrder === 'little' ? MSR_LE : 0n);
  return {
    wordSize: WORD,
    size,
    generalRegisters: Object.freeze([...PT_REGS]),
    field(offset) {
      if (!Number.isInteger(offset) || offset < 0 || offset >= size || offset % WORD !== 0) return undefined;
      return GENERAL.get(offset / WORD) ?? UNUSED;
    },
    debugOffset: () => undefined,
    getRegister(task, name) {
      const { context, resumePoint } = task;
      if (name === 'nip') return TASK_COUNTER.read(task);
      if (name === 'msr') return msr | (resumePoint.singleStep ? MSR_SE : 0n);
      return name === 'softe' ? 1n : context.get(name);
    },
    setRegister(task, name, value) {
      if (name === 'nip') TASK_COUNTER.write(task, BigInt.asUintN(64, value));
      else if (name === 'msr') task.resumePoint.singleStep = (value & MSR_SE) !== 0n;
      else if (name === 'trap') task.context.set(name, value & 0xfff0n);
      else if (isWritable(name)) task.context.set(name, value);
    },
  };
}
