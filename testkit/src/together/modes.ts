import { type KernelOptions, type Mode, type SlotClass, slotsOf } from '@hwbp/core';
import { ContractFailure } from '../assert/index.js';
import { executes, watchesData } from '../lab/applies.js';
import type { Applies, BackendCase, BackendSubject } from '../lab/backend-subject.js';
import { classesOf } from '../lab/conditions.js';
import type { Lab } from '../lab/lab.js';
import type { Spot } from '../lab/spot.js';

/** User mode, and kernel mode (where some kernels disarm the unit while they handle an exception). */
export const MODES: readonly Extract<Mode, 'user' | 'kernel'>[] = ['user', 'kernel'];

/** One register for data and one for execution at the same time. */
export const bothClasses: Applies = (manifest) =>
  executes(manifest) && watchesData(manifest) && (!manifest.slots.shared || manifest.slots.data > 1);

/** What a case is told for. */
export interface Setting {
  readonly lab: Lab;
  readonly mode: (typeof MODES)[number];
  readonly slotClass: SlotClass;
  /** The `index`th spot of the class. */
  readonly spot: (index?: number) => Spot;
  readonly subject: BackendSubject;
}

/** Says in a failure what the case was doing. */
export function during(what: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    throw error instanceof ContractFailure ? new ContractFailure(`${what}: ${error.message}`, { cause: error }) : error;
  }
}

/** A case that is told for each class with so many registers, in user mode and in kernel mode. */
export function inEveryClassAndMode(
  id: string,
  registers: number,
  run: (setting: Setting) => void,
  options: Partial<KernelOptions> = {},
): BackendCase {
  return {
    id,
    applies: ({ manifest }) => classesOf(manifest).some((slotClass) => slotsOf(manifest, slotClass) >= registers),
    run: (subject) => {
      for (const slotClass of classesOf(subject.manifest)) {
        if (slotsOf(subject.manifest, slotClass) < registers) continue;
        for (const mode of MODES) {
          during(`${slotClass} breakpoint, ${mode} mode`, () => {
            const lab = subject.lab(options);
            run({ lab, mode, slotClass, spot: (index) => lab.spot(index, slotClass), subject });
            lab.finish();
          });
        }
      }
    },
  };
}
