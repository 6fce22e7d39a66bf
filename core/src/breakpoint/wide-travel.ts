import type { IpiCall, Machine } from '../kernel/index.js';

/** How what concerns every CPU gets to them. */
export type WideTravel = (what: string, cpus: readonly number[], action: (cpu: number) => void) => IpiCall | undefined;

/** All of them at once, whoever they are. */
export const atOnce: WideTravel = (_what, cpus, action) => {
  for (const cpu of cpus) action(cpu);
  return undefined;
};

/**
 * As on a computer: on the CPU that asks at once, on others when they take the interrupt by which it calls them. Where
 * nobody executes the first of them is taken for the one that asks. What throws there goes to the error channel.
 */
export function byIpi(machine: Machine): WideTravel {
  return (what, cpus, action) => {
    const asks = machine.onlineCpus.find(({ busy }) => busy)?.index ?? cpus[0];
    if (asks !== undefined && cpus.includes(asks)) action(asks);
    const others = cpus.filter((cpu) => cpu !== asks && machine.cpu(cpu).online);
    // What was to be done on a CPU that is offline is done: nothing of it is armed.
    for (const cpu of cpus) if (cpu !== asks && !machine.cpu(cpu).online) action(cpu);
    if (others.length === 0) return undefined;
    return machine.interrupts.call(others, { name: what, action: ({ cpu }) => action(cpu.index) });
  };
}
