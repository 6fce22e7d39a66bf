import type { DebugRegisterUse, SystemCallUse } from '@hwbp/testkit';
import type { FacetUse } from './architecture.js';

/** A debugger of x86 watches by DR1 and DR7: LEN of a word, R/W 01, L1. */
export function debugRegistersOfX86(bits: 64 | 32): DebugRegisterUse {
  const len = bits === 64 ? 0b10n : 0b11n;
  const control = (len << 22n) | (0b01n << 20n) | (1n << 2n);
  return {
    watch: (address) => [
      [1, address],
      [7, control],
    ],
    unwatch: () => [[7, 0n]],
    refused: (address) => [
      [4, 0n],
      [5, 1n],
      // I/O; 8 bytes misaligned; execution of more than a byte; a second one that cannot be beside a first that can.
      [7, (control & ~(3n << 20n)) | (0b10n << 20n)],
      [1, address + 1n],
      [7, (0b01n << 22n) | (1n << 2n)],
      [7, (control & ~(0b11n << 22n)) | (0b10n << 24n) | (1n << 4n)],
      [1, bits === 64 ? 0xffff_8880_0000_0000n : 0xe000_0000n],
    ],
  };
}

/** The last page of numbers of so many bits are errnos: what libraries of x86, arm64 and riscv look for. */
function negativeErrno(bits: number, value: bigint): number | undefined {
  const signed = BigInt.asIntN(bits, value);
  return signed < 0n && signed >= -4095n ? Number(-signed) : undefined;
}

/** A program of x86 makes calls by SYSCALL, or by INT 80h where registers have 32 bits. */
export function systemCallsOfX86(bits: 64 | 32): SystemCallUse {
  const [result, args] =
    bits === 64
      ? ['rax', ['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9']]
      : ['eax', ['ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp']];
  return {
    number: result,
    args,
    result,
    traced: `orig_${result}`,
    errno: (read) => negativeErrno(bits, read(result)),
  };
}

/** How x86 is used. Two flags are always set: bit 1, and interrupts. */
export const X86_USE: FacetUse = {
  debugRegisters: debugRegistersOfX86(64),
  systemCalls: systemCallsOfX86(64),
  writable: { target: { eflags: 0xffff_fdfdn }, userArea: { eflags: 0xffff_ffff_ffff_fdfdn } },
};

/** How ppc64 is used: a debugger watches by a value like DABR's: stores, translated; a hit is the last one. */
export const PPC64_USE: FacetUse = {
  debugRegisters: {
    watch: (address) => [[0, address | 0b110n]],
    unwatch: () => [[0, 0n]],
    refused: (address) => [
      [0, address | 0b010n],
      [0, address],
      [0, 0xc000_0000_0000_0006n],
    ],
    oneShot: true,
  },
  systemCalls: {
    number: 'r0',
    args: ['r3', 'r4', 'r5', 'r6', 'r7', 'r8'],
    result: 'r3',
    // CR0[SO].
    errno: (read) => ((read('ccr') & 0x1000_0000n) === 0n ? undefined : Number(read('r3'))),
  },
  writable: {
    target: { msr: 0x400n },
    userArea: { msr: 0x400n, softe: 0n, trap: 0xfff0n, dar: 0n, dsisr: 0n, result: 0n },
  },
};

/** The control value of a pair: enabled, HW_BREAKPOINT_W, 8 bytes. */
const STORES = (8n << 8n) | (2n << 1n) | 1n;

/** How riscv64 is used: a debugger watches by a pair of address and control; x0 is always zero. */
export const RISCV64_USE: FacetUse = {
  debugRegisters: {
    watch: (address) => [
      [2, address],
      [3, STORES],
    ],
    unwatch: () => [[3, 0n]],
    refused: (address) => [
      // Of no kind, of a kind that cannot be, of no length; misaligned; where the kernel is; a register that is not
      // there.
      [3, (8n << 8n) | 1n],
      [3, (8n << 8n) | (7n << 1n) | 1n],
      [3, (2n << 1n) | 1n],
      [2, address + 1n],
      [2, 0xffff_ffd6_0000_0000n],
      [64, 0n],
    ],
  },
  systemCalls: {
    number: 'a7',
    args: ['a0', 'a1', 'a2', 'a3', 'a4', 'a5'],
    result: 'a0',
    errno: (read) => negativeErrno(64, read('a0')),
  },
  writable: { target: { zero: 0n } },
};

/** A control word of arm64: BAS of a doubleword, stores, EL0, enabled. */
const WCR_STORES = (0xffn << 5n) | (2n << 3n) | (2n << 1n) | 1n;

/** How arm64 is used: a debugger watches by DBGWVR0 and DBGWCR0 as the register set shows them. */
export const ARM64_USE: FacetUse = {
  debugRegisters: {
    watch: (address) => [
      [0, address],
      [1, WCR_STORES],
    ],
    unwatch: () => [[1, WCR_STORES & ~1n]],
    refused: () => [
      // No byte, bytes with a gap, execution; a register that is not there.
      [1, WCR_STORES & ~(0xffn << 5n)],
      [1, WCR_STORES & ~(0x08n << 5n)],
      [1, WCR_STORES & ~(3n << 3n)],
      [64, 0n],
    ],
    restarts: true,
  },
  systemCalls: {
    number: 'x8',
    args: ['x0', 'x1', 'x2', 'x3', 'x4', 'x5'],
    result: 'x0',
    errno: (read) => negativeErrno(64, read('x0')),
  },
  writable: { target: { cpsr: 0xf000_0000n }, userArea: { pstate: 0xf000_0000n } },
};
