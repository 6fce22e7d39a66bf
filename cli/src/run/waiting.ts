import { blockedTasks, type Kernel, NoProgress, type RunResult, type Task, waitCycles } from '@hwbp/core';
import { LockReport } from '@hwbp/locks';
import { nameOf } from './run-watch.js';
import type { Trouble } from './trouble.js';

function whereOf(kernel: Kernel, task: Task): Pick<Trouble, 'task' | 'cpu' | 'pc'> {
  return { task: String(task), cpu: task.cpu, pc: nameOf(kernel, task.context.pc) };
}

/** The lock report of a kernel that has one. */
function lockReportOf(kernel: Kernel): LockReport | undefined {
  const { name } = LockReport.plugin;
  return kernel.describe().plugins.some((plugin) => plugin.name === name) ? kernel.get(LockReport) : undefined;
}

/** What the lock report has found, and who waits for whom in a circle. */
export function deadlocksOf(kernel: Kernel): readonly Trouble[] {
  const locks = lockReportOf(kernel);
  if (locks !== undefined) {
    const found = locks.problems.map((problem): Trouble => ({ kind: 'lock', message: locks.describe(problem) }));
    return [...found, ...locks.deadlocks.map(({ message }): Trouble => ({ kind: 'deadlock', message }))];
  }
  return waitCycles(blockedTasks(kernel.machine.tasks.values())).map((cycle): Trouble => {
    const waits = cycle.map(({ who, what, owners }) => `${who} waits for ${what}, which ${owners.join(' and ')} has`);
    return { kind: 'deadlock', message: waits.join('; ') };
  });
}

/** An instruction because of which nobody has got on. */
export function stuckOf(kernel: Kernel, { message = 'nobody gets on', detail }: RunResult): readonly Trouble[] {
  if (!(detail instanceof NoProgress)) return [];
  const { cpu, pc, task } = detail;
  // A guest's: its CPU and its names are not this kernel's.
  if (task === undefined) return [{ kind: 'stuck', message }];
  const stuck = 'takes one exception after the other, and gets nowhere';
  return [{ kind: 'stuck', message: stuck, task, cpu, pc: nameOf(kernel, pc) }];
}

/** Tasks that are left where nothing can run any more: nobody will wake them. */
export function strandedOf(kernel: Kernel, { reason }: RunResult): readonly Trouble[] {
  if (reason !== 'idle') return [];
  const { tasks } = kernel.machine;
  const blocked = new Map(blockedTasks(tasks.values()).map((wait) => [wait.who, wait]));
  const troubles: Trouble[] = [];
  for (const task of tasks.values()) {
    const wait = blocked.get(task);
    if (task.state === 'stopped') {
      const why = task.stoppedBy === undefined ? 'stopped' : `stopped by ${task.stoppedBy}`;
      troubles.push({ kind: 'stopped', message: `${why}, and nobody lets it go on`, ...whereOf(kernel, task) });
    } else if (task.state === 'waiting') {
      const owners = wait === undefined || wait.owners.length === 0 ? '' : `, which ${wait.owners.join(' and ')} has`;
      const message = `waits for ever for ${wait?.what ?? 'what nobody brings'}${owners}`;
      troubles.push({ kind: 'waits', message, ...whereOf(kernel, task) });
    }
  }
  return troubles;
}
