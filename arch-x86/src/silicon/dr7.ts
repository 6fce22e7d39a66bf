/*
 * DR7, the debug control register (Intel SDM vol. 3, 18.2.4; AMD APM vol. 2, 13.1.1.4).
 *
 * | bits         | name   | meaning                                                                            |
 * | ------------ | ------ | ---------------------------------------------------------------------------------- |
 * | 0, 2, 4, 6   | L0-L3  | local enable; Linux treats it like the global one and never sets it itself          |
 * | 1, 3, 5, 7   | G0-G3  | global enable                                                                      |
 * | 8, 9         | LE, GE | "exact"; ignored since P6. Linux sets GE whenever it programs a breakpoint          |
 * | 10           | -      | 1                                                                                  |
 * | 11           | RTM    | kept, without effect                                                               |
 * | 12, 14, 15   | -      | 0                                                                                  |
 * | 13           | GD     | any MOV to or from a debug register faults; cleared when an exception is delivered |
 * | 16+4n, 17+4n | R/Wn   | {@link RW_EXECUTE} and so on                                                       |
 * | 18+4n, 19+4n | LENn   | {@link LENGTHS}                                                                    |
 * | 32-63        | -      | 0; writing 1 raises #GP                                                            |
 */

export const DR7_LE = 0x100;
export const DR7_GE = 0x200;
export const DR7_FIXED_1 = 0x400;
export const DR7_GD = 0x2000;
/** L0, G0, ... G3. */
export const DR7_ENABLES = 0xff;
/** G0-G3. */
export const DR7_GLOBAL_ENABLES = 0xaa;

/** R/W field: instruction fetch (LEN must be 0). */
export const RW_EXECUTE = 0;
/** R/W field: stores. */
export const RW_WRITE = 1;
/** R/W field: I/O ports, if CR4.DE is set; undefined otherwise. */
export const RW_IO = 2;
/** R/W field: loads and stores, no fetches. */
export const RW_READ_WRITE = 3;

/** Bytes that each LEN field watches. 8 needs a 64-bit CPU. */
export const LENGTHS = [1, 2, 8, 4] as const;

/** Bits that software can change, on most CPUs. */
export const DR7_WRITABLE = 0xffff2bff;

/** What DR7 holds after a write of a 32-bit value; `writable`: the bits that this CPU keeps. */
export function writeDr7(value: number, writable = DR7_WRITABLE): number {
  return ((value & writable) | DR7_FIXED_1) >>> 0;
}

/** LENn and R/Wn of a register as one nibble: LEN in bits 2-3, R/W in bits 0-1. */
export function fieldOf(dr7: number, register: number): number {
  return (dr7 >>> (16 + 4 * register)) & 0xf;
}

/** Ln and Gn of a register: 0 off, 1 local only, 2 global only, 3 both. */
export function enablesOf(dr7: number, register: number): number {
  return (dr7 >>> (2 * register)) & 3;
}

// --- Linux's encoding (arch/x86/include/asm/hw_breakpoint.h) ---

/** Linux's length codes: LEN in bits 2-3, 0x40 marks them as lengths. */
export const X86_BREAKPOINT_LEN_1 = 0x40;
export const X86_BREAKPOINT_LEN_2 = 0x44;
export const X86_BREAKPOINT_LEN_4 = 0x4c;
export const X86_BREAKPOINT_LEN_8 = 0x48;
/** Linux's type codes: R/W in bits 0-1, 0x80 marks them as types. */
export const X86_BREAKPOINT_EXECUTE = 0x80;
export const X86_BREAKPOINT_WRITE = 0x81;
export const X86_BREAKPOINT_RW = 0x83;

/** The bits of DR7 that arm one register and no other: its field and its G bit. */
export function registerBits(register: number, len: number, type: number): number {
  return ((((len | type) & 0xf) << (16 + 4 * register)) | (2 << (2 * register))) >>> 0;
}

/** Every bit of DR7 that belongs to one register. */
export function registerMask(register: number): number {
  return ((0xf << (16 + 4 * register)) | (3 << (2 * register))) >>> 0;
}

/** DR7 with one breakpoint armed, as Linux writes it: global enable and GE. */
export function encodeDr7(register: number, len: number, type: number): number {
  return (registerBits(register, len, type) | DR7_GE) >>> 0;
}

/** What DR7 says of one register: Linux's codes, and its enables (0 off, 1 L, 2 G, 3 both). */
export function decodeDr7(
  dr7: number,
  register: number,
): { readonly len: number; readonly type: number; readonly enabled: number } {
  const field = fieldOf(dr7, register);
  return { len: (field & 0xc) | 0x40, type: (field & 3) | 0x80, enabled: enablesOf(dr7, register) };
}
