import type { Kernel } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { isZero } from './is-zero.js';
import { Probe } from './probe.js';

/** Everything about registers and slots that an operation could change, as plain data. */
export interface RegisterState {
  readonly isUsed: boolean;
  /** What each registered breakpoint watches, and how it stands. */
  readonly registered: readonly unknown[];
  /**
   * For each CPU: occupants by register (-1: free, else a number for each breakpoint), whether active, what is armed.
   */
  readonly cpus: readonly unknown[];
}

/** What is in the registers now. Two equal states are the same register by register. */
export function registerState(kernel: Kernel): RegisterState {
  const probe = kernel.get(Probe);
  const seen = new Map<unknown, number>();
  const number = (occupant: unknown): number => {
    if (occupant === undefined) return -1;
    if (!seen.has(occupant)) seen.set(occupant, seen.size);
    return seen.get(occupant) as number;
  };
  return {
    isUsed: kernel.breakpoints.isUsed,
    registered: kernel.breakpoints.registered.map(({ attr, state, slotClass, hits }) => ({
      attr,
      state,
      slotClass,
      hits,
    })),
    cpus: kernel.machine.cpus.map((cpu) => {
      const { occupants, active } = probe.driver(cpu.index);
      const armed = cpu.unit.filter.ranges.map(({ register, address, length }) => [register, address, length]);
      return [occupants.map(number), active, armed];
    }),
  };
}

/** The leak guard: releases what is still registered; then nothing may be left anywhere. */
export function checkNothingIsLeft(kernel: Kernel): void {
  const { breakpoints, machine } = kernel;
  for (const breakpoint of [...breakpoints.registered]) breakpoints.unregister(breakpoint);
  equal(breakpoints.registered.length, 0, 'leak: breakpoints registered after all were unregistered');
  equal(breakpoints.isUsed, false, 'leak: isUsed after everything was unregistered');
  const probe = kernel.get(Probe);
  for (const { index, unit } of machine.cpus) {
    const driver = probe.driver(index);
    ok(!driver.occupants.some((occupant) => occupant !== undefined), `leak: CPU ${index} has an occupied register`);
    equal(driver.active, false, `leak: the driver of CPU ${index} says active`);
    equal(driver.muted, false, `leak: the registers of CPU ${index} are muted still`);
    equal(unit.filter.ranges.length, 0, `leak: ranges armed in the filter of CPU ${index}`);
    ok(isZero(unit.filter.table), `leak: the filter table of CPU ${index} is not zero`);
  }
  kernel.dispose();
}
