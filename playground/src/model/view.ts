import type { Cpu } from '@hwbp/core';
import { type Composition, historyOf } from './compose.js';
import { cpuView } from './cpu-view.js';
import type { Scenario } from './scenario.js';
import type { RefusalView, StateView, WatchView } from './state-view.js';
import { taskView } from './task-view.js';
import type { TraceTail } from './trace-tail.js';
import { type LeftMemory, variablesOf } from './variables.js';

/** What a session knows beside its kernels. */
export interface SessionNotes {
  readonly ended: string | undefined;
  readonly trace: TraceTail;
  readonly refusals: readonly RefusalView[];
  readonly watches: readonly WatchView[];
  readonly left: LeftMemory;
  /** By physical CPU: the guest's that is on it. */
  readonly inside: ReadonlyMap<Cpu, Cpu>;
}

/** Everything that there is to see of a composition. It looks, and changes nothing. */
export function viewOf(
  composition: Composition,
  scenario: Scenario,
  { ended, trace, refusals, watches, left, inside }: SessionNotes,
): StateView {
  const { assembly, host, guest } = composition;
  const { machine } = host.kernel;
  const names = historyOf(composition).registers;
  const worlds = guest === undefined ? [host] : [host, guest];
  const virtual = new Set(inside.values());
  return {
    count: machine.count,
    ended,
    cpus: machine.cpus.map((cpu) => {
      const home = { host: host.kernel, guest: guest?.kernel, virtual: inside.get(cpu) };
      return cpuView(cpu, { ...home, names, model: scenario.model });
    }),
    tasks: worlds.flatMap((world) => {
      const home = { kernel: world.kernel, guest: world === guest, inside: (cpu: Cpu) => virtual.has(cpu) };
      return [...world.tasks.values()].map((task) => taskView(task, home, assembly, scenario));
    }),
    variables: worlds.flatMap((world) => variablesOf(world, composition, left)),
    watches,
    refusals: [...refusals],
    trace: trace.lines,
    earlier: trace.earlier,
  };
}
