import type { Kernel } from '@hwbp/core';

class Refused extends Error {}

/** The line that wakes. */
const LINE = 7;

/** True for what a kernel refuses because there is no room, or no such CPU. */
export function isRefusal(error: unknown): boolean {
  const { errno } = error as { readonly errno?: string };
  return errno === 'ENOSPC' || errno === 'ENODEV';
}

/** Does something that somebody refuses, or an interrupt calls off; false if so. */
export function refusing(kernel: Kernel, where: string | undefined, act: () => void): boolean {
  const { hotplug, power } = kernel.machine;
  const { interrupts } = kernel.hardware.cpu(0);
  const fail = (): never => {
    throw new Refused('no');
  };
  const ends: (() => void)[] = [];
  if (where === 'prepare' || where === 'online') {
    const callbacks = { startup: fail, ...(where === 'online' ? { teardown: fail } : {}) };
    ends.push(hotplug.register(where, 'no', callbacks));
  } else if (where === 'devices' || where === 'core') {
    ends.push(power.register(where, 'no', { suspend: fail }));
  } else if (where === 'wake-up') {
    ends.push(power.wakesAt(LINE), power.register('core', 'wakes', { suspend: () => interrupts.raise(LINE) }));
  }
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof Refused || (error as { readonly code?: string }).code === 'POWER_WAKEUP') return false;
    throw error;
  } finally {
    for (const end of ends) end();
    interrupts.lower(LINE);
  }
}
