import { EM_AARCH64, EM_PPC64, EM_RISCV, EM_X86_64, fileKind } from '@hwbp/cli/portable';
import type { TRACED } from './traced.js';

/** What programs are made for, and the CPU whose registers they would have. */
const MACHINES: ReadonlyMap<number, { readonly name: string; readonly traced: keyof typeof TRACED }> = new Map([
  [EM_X86_64, { name: 'x86-64', traced: 'x86' }],
  [EM_AARCH64, { name: 'arm64', traced: 'arm64 cortex-a57' }],
  [EM_PPC64, { name: 'ppc64', traced: 'ppc64 power8' }],
  [EM_RISCV, { name: 'riscv64', traced: 'riscv64' }],
]);

/** Offsets in the ELF header, of either word size (System V gABI). */
const EI_DATA = 5;
const E_MACHINE = 18;
const ELFDATA2LSB = 1;

/** The machine that a program is for, by its first bytes; `undefined` for another one, and for what is no program. */
export function machineOf(
  head: Uint8Array,
): { readonly name: string; readonly traced: keyof typeof TRACED } | undefined {
  if (fileKind(head, '') !== 'program' || head.length < E_MACHINE + 2) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return MACHINES.get(view.getUint16(E_MACHINE, head[EI_DATA] === ELFDATA2LSB));
}
