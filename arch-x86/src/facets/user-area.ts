import { describeUserArea, type TaskRegisterAccess, type UserArea } from '@hwbp/core';
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

/** What instructions write in a kernel of this width: all but the program counter. */
export function writableRegisters(bits: 64 | 32): readonly string[] {
  const { registers } = bits === 64 ? LAYOUT_64 : LAYOUT_32;
  return registers.filter((name) => name !== 'rip' && name !== 'eip');
}

const DEBUG_REGISTERS = 8;

const EFLAGS: TaskRegisterAccess = {
  read: ({ context, resumePoint }) => readFlags(context.get('eflags'), resumePoint),
  write: ({ context, resumePoint }, value) => context.set('eflags', writeFlags(resumePoint, value)),
};

/** `struct user` of a kernel of this width. */
export function x86UserArea(bits: 64 | 32): UserArea {
  const { wordSize, size, registers, debug } = bits === 64 ? LAYOUT_64 : LAYOUT_32;
  return describeUserArea({
    wordSize,
    size,
    generalRegisters: registers,
    counter: bits === 64 ? 'rip' : 'eip',
    debug: { offset: debug, count: DEBUG_REGISTERS },
    special: { eflags: EFLAGS },
  });
}
