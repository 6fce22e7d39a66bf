import type { Kernel } from '@hwbp/core';

/** Everything of a kernel that is taken and given back. */
export function resources({ machine, breakpoints }: Kernel): Readonly<Record<string, unknown>> {
  return {
    frames: machine.physical.used,
    tasks: machine.tasks.size,
    hooks: Object.entries(machine.hooks).map(([name, { size }]: [string, { size: number }]) => `${name} ${size}`),
    alarms: machine.cpus.map(({ alarms }) => alarms.size),
    armed: machine.cpus.map(({ unit }) => unit.filter.ranges.length),
    breakpoints: breakpoints.registered.length,
    claims: breakpoints.debugger.claims.length,
    planted: [machine.planted.size, machine.planted.used],
    dieChain: machine.dieChain.size,
    gates: machine.gates,
    hotplug: machine.hotplug.entries.length,
  };
}
