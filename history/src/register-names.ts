import type { ArchManifest } from '@hwbp/core';

/** Registers of one CPU. */
export function countOf({ slots }: ArchManifest): number {
  return slots.shared ? slots.data : slots.data + slots.instruction;
}

/** Their names: the manual's, where the architecture says them. */
export function namesOf(manifest: ArchManifest): readonly string[] {
  const { slots, registerNames } = manifest;
  return Array.from({ length: countOf(manifest) }, (_, register) => {
    if (registerNames?.[register] !== undefined) return registerNames[register];
    if (slots.shared) return `register ${register}`;
    return register < slots.data ? `data ${register}` : `instruction ${register - slots.data}`;
  });
}
