import { highHalf, joinHalves, lowHalf, type Task, type UserArea, type UserAreaField } from '@hwbp/core';
import { readFlags, writeFlags } from '../silicon/eflags.js';

/** Where Linux puts things in `struct user` (arch/x86/include/asm/user_64.h, user_32.h). */
interface Layout {
  readonly wordSize: 4 | 8;
  /** sizeof(struct user). */
  readonly size: number;
  /** user_regs_struct, from offset 0, one word each. */
  readonly registers: readonly string[];
  /** Offset of u_debugreg[0]. */
  readonly debug: number;
}

const LAYOUT_64: Layout = {
  wordSize: 8,
  size: 928,
  registers:
    'r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs'.split(
      ' ',
    ),
  debug: 848,
};

const LAYOUT_32: Layout = {
  wordSize: 4,
  size: 284,
  registers: 'ebx ecx edx esi edi ebp eax ds es fs gs orig_eax eip cs eflags esp ss'.split(' '),
  debug: 252,
};

const DEBUG_REGISTERS = 8;
const UNUSED: UserAreaField = Object.freeze({ kind: 'unused' });

function readCounter({ resumePoint }: Task): bigint {
  return joinHalves(resumePoint.pcHi, resumePoint.pcLo);
}

function writeCounter({ resumePoint }: Task, value: bigint): void {
  resumePoint.pcHi = highHalf(value);
  resumePoint.pcLo = lowHalf(value);
}

/** `struct user` of a kernel of this width. */
export function x86UserArea(bits: 64 | 32): UserArea {
  const layout = bits === 64 ? LAYOUT_64 : LAYOUT_32;
  const counter = bits === 64 ? 'rip' : 'eip';
  const general = layout.registers.map((name): UserAreaField => Object.freeze({ kind: 'general', name }));
  const debug = Array.from(
    { length: DEBUG_REGISTERS },
    (_, register): UserAreaField => Object.freeze({ kind: 'debug', register }),
  );
  return {
    wordSize: layout.wordSize,
    size: layout.size,
    generalRegisters: Object.freeze([...layout.registers]),
    field(offset) {
      if (!Number.isInteger(offset) || offset < 0 || offset >= layout.size || offset % layout.wordSize !== 0)
        return undefined;
      return general[offset / layout.wordSize] ?? debug[(offset - layout.debug) / layout.wordSize] ?? UNUSED;
    },
    debugOffset: (register) => layout.debug + layout.wordSize * register,
    getRegister(task: Task, name) {
      if (name === counter) return readCounter(task);
      const stored = task.context.get(name);
      return name === 'eflags' ? readFlags(stored, task.resumePoint) : stored;
    },
    setRegister(task: Task, name, value) {
      if (name === counter) writeCounter(task, BigInt.asUintN(bits, value));
      else if (name === 'eflags') task.context.set(name, writeFlags(task.resumePoint, BigInt.asUintN(bits, value)));
      else task.context.set(name, BigInt.asUintN(bits, value));
    },
  };
}
