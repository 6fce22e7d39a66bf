import type { Task } from '@hwbp/core';
import { countArgument } from '../format/arguments.js';
import type { Script, Step } from '../format/script.js';
import type { Stage } from '../player/stage.js';

const MOST_TASKS = 1000;
/** Most tasks that a script begins with. */
const MOST_INITIAL = 3;

/** The name of a task by its number: where it is the target of an event, scripts use it. */
export const nameOfTask = (index: number): string => `t${index}`;

/** The task that a step is about, by its number. */
export function taskOf({ tasks }: Stage, step: Step): Task {
  return tasks.named(step, nameOfTask(countArgument(step, 't', MOST_TASKS)));
}

/** How many tasks a script begins with: it names them, but for those that it forks. */
function countInitial({ steps }: Script): number {
  const born = steps.find(({ op }) => op === 'fork')?.child;
  if (typeof born === 'number') return Math.min(born, MOST_INITIAL);
  const named = steps.flatMap(({ t, who }) => [
    typeof t === 'number' ? t : -1,
    typeof who === 'string' ? Number(/^t(\d+)$/.exec(who)?.[1] ?? -1) : -1,
  ]);
  return Math.min(Math.max(2, ...named.map((index) => index + 1)), MOST_INITIAL);
}

/** Makes the tasks that a script begins with: even ones on the first CPU, odd ones on the second if there is one. */
export function beginWithTasks({ tasks, workers, self, machine }: Stage, script: Script): void {
  for (let index = 0; index < countInitial(script); index++) {
    tasks.adopt(nameOfTask(index), workers.spawn(self.task, { cpu: index % machine.cpus.length }));
  }
}
