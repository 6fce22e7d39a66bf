import { KernelError } from '@hwbp/core';
import type { PerfEventAttr, PerfFile } from '@hwbp/perf';
import type { Value } from '../format/script.js';
import type { Results } from '../player/results.js';
import type { Stage } from '../player/stage.js';

/** How many events a probe opens at most. */
const MOST_PROBES = 16;

/** How many more events a target takes; where it takes none, but not for want of slots, minus the errno. */
function probe({ perf, self }: Stage, attr: PerfEventAttr, pid: number, cpu: number): number {
  const files: PerfFile[] = [];
  let refused: KernelError | undefined;
  while (files.length < MOST_PROBES && refused === undefined) {
    try {
      files.push(perf.open(attr, { pid, cpu, as: self.task }));
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      refused = error;
    }
  }
  for (const file of files) file.close();
  return files.length === 0 && refused !== undefined && refused.errno !== 'ENOSPC' ? -refused.errnum : files.length;
}

/** How many more events like this one each target takes: tasks anywhere and on each of two CPUs, and the two CPUs. */
export function readFree(stage: Stage, attr: PerfEventAttr): Value {
  const ofTask = (pid: number): Value => [-1, 0, 1].map((cpu) => probe(stage, attr, pid, cpu));
  const free: Results = { self: ofTask(stage.self.task.pid) };
  for (const [name, { pid }] of stage.tasks.live()) free[name] = ofTask(pid);
  free.all = [0, 1].map((cpu) => probe(stage, attr, -1, cpu));
  return free;
}
