import { type ArchManifest, slotsOf } from '@hwbp/core';
import type { Applies } from './backend-subject.js';
import { classesOf, dataKinds, mainClass } from './conditions.js';

/** Manifest conditions under which cases apply: the only way in which anything is skipped. */
export const always: Applies = () => true;

/** There is a register of any class. */
export const hasRegisters: Applies = (manifest) => classesOf(manifest).length > 0;

/** There is none at all. */
export const hasNone: Applies = (manifest) => !hasRegisters(manifest);

export const watchesData: Applies = (manifest) => manifest.slots.data > 0;

export const watchesStores: Applies = (manifest) => watchesData(manifest) && dataKinds(manifest).includes('w');

export const executes: Applies = (manifest) => manifest.executeLength !== undefined;

/** At least so many registers of the class that the suites use. */
export function atLeast(registers: number): Applies {
  return (manifest) => hasRegisters(manifest) && slotsOf(manifest, mainClass(manifest)) >= registers;
}

export function dataAtLeast(registers: number): Applies {
  return ({ slots }) => slots.data >= registers;
}

export function all(...conditions: readonly Applies[]): Applies {
  return (manifest: ArchManifest) => conditions.every((applies) => applies(manifest));
}
