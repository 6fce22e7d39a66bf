import type { BreakpointPlaces } from '@hwbp/core';

/**
 * Opcodes of XL and X forms by primary and extended opcode, without the bit that tells the doubleword form from that of
 * a word (Power ISA book III: mtmsr 31/146 and mtmsrd 31/178; rfi 19/50 and rfid 19/18).
 */
const MASK = 0xfc0007be;
const MTMSR = 0x7c000124;
const RFI = 0x4c000024;

/**
 * Linux's debugger puts no breakpoint on an instruction that may turn translation off or change the endianness: it is
 * stepped over out of line, and would not come back (arch/powerpc/xmon/xmon.c: check_bp_loc).
 *
 * `byteOrder`: of instructions.
 */
export function ppc64BreakpointPlaces(byteOrder: 'little' | 'big'): BreakpointPlaces {
  return Object.freeze({
    length: 4,
    refusal(bytes: Uint8Array): string | undefined {
      if (bytes.length < 4) return undefined;
      const word = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, byteOrder === 'little');
      const opcode = (word & MASK) >>> 0;
      if (opcode !== MTMSR && opcode !== RFI) return undefined;
      return 'Breakpoints may not be placed on mtmsrd or rfid instructions';
    },
  });
}
