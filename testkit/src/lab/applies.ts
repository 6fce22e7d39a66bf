import { type ArchManifest, slotsOf } from '@hwbp/core';
import type { Applies } from './backend-subject.js';
import { classesOf, dataKinds, mainClass } from './conditions.js';

/** Manifest conditions under which cases apply: the only way in which anything is skipped. */
export const always: Applies = () => true;

/** There is a register of any class. */
export const hasRegisters: Applies = (manifest) => classesOf(manifest).length > 0;

/** There are registers, and the CPU can step. */
export const steps: Applies = (manifest) => hasRegisters(manifest) && manifest.singleStep;

/** There is none at all. */
export const hasNone: Applies = ({ slots }) => slots.data === 0 && slots.instruction === 0;

export const watchesData: Applies = (manifest) => dataKinds(manifest).length > 0;

/** There are data registers that no request can use. */
export const accountsOnly: Applies = (manifest) => manifest.slots.data > 0 && !watchesData(manifest);

/** A hit on bytes that nobody asked for is possible: the silicon compares blocks. */
export const comparesBlocks: Applies = (manifest) => watchesData(manifest) && manifest.grain > 1;

/** When the silicon reports what the suites watch: stores, if they can be watched. */
export function spotTiming({ access, timing }: ArchManifest): 'before' | 'after' {
  return access.includes('w') ? (timing.stores ?? timing.data) : timing.data;
}

/** The silicon reports data hits before the access. */
export const reportsBefore: Applies = (manifest) => watchesData(manifest) && spotTiming(manifest) === 'before';

export const watchesStores: Applies = (manifest) => watchesData(manifest) && dataKinds(manifest).includes('w');

export const executes: Applies = (manifest) => manifest.executeLength !== undefined;

/** At least so many registers of the class that the suites use. */
export function atLeast(registers: number): Applies {
  return (manifest) => hasRegisters(manifest) && slotsOf(manifest, mainClass(manifest)) >= registers;
}

export function dataAtLeast(registers: number): Applies {
  return (manifest) => watchesData(manifest) && manifest.slots.data >= registers;
}

export function all(...conditions: readonly Applies[]): Applies {
  return (manifest: ArchManifest) => conditions.every((applies) => applies(manifest));
}
