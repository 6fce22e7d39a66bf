import type { PlannedStep } from '../plan.js';
import type { Action, Actor, Scene } from './scene.js';

const CPUS = [0, 1] as const;

/** A task that is traced; mostly the first. */
export function tracee(scene: Scene): Actor | undefined {
  return scene.random.chance(60) ? scene.traced[0] : scene.random.oneOf(scene.traced);
}

/** An action on a traced task; nothing if there is none. */
function onTracee(make: (scene: Scene, task: Actor) => readonly PlannedStep[]): Action {
  return (scene) => {
    const task = tracee(scene);
    return task === undefined ? [] : make(scene, task);
  };
}

export const spawn: Action = (scene) => {
  if (scene.full) return [];
  const nobody = scene.random.chance(15);
  const { name } = scene.enter(nobody);
  return [
    {
      op: 'spawn',
      task: name,
      cpu: scene.random.pick(CPUS as unknown as [number, number]),
      ...(nobody ? { uid: 65534 } : {}),
    },
  ];
};

/** The first task of a script: on CPU 0, of root unless said. */
export function first(scene: Scene, nobody = false, cpu = 0): PlannedStep {
  const { name } = scene.enter(nobody);
  return { op: 'spawn', task: name, cpu, ...(nobody ? { uid: 65534 } : {}) };
}

const born = (op: 'fork' | 'thread'): Action =>
  onTracee((scene, parent) => {
    if (scene.full) return [];
    const { name } = op === 'fork' ? scene.fork(parent) : scene.thread(parent);
    return [{ op, task: parent.name, new: name }];
  });
export const fork = born('fork');
export const thread = born('thread');

/** Only of a process of one task: the recorder does not follow a thread's exec. */
export const exec: Action = onTracee((scene, task) => (scene.alone(task) ? [{ op: 'exec', task: task.name }] : []));

/**
 * A whole process of one task, or a thread that is not the first of its process: the recorder waits for a first task in
 * vain.
 */
export const exit: Action = onTracee((scene, task) => {
  const alone = scene.alone(task);
  if (!alone && task.leads) return [];
  scene.leave(task);
  return [{ op: 'exit', task: task.name, how: alone && scene.random.chance(80) ? 'group' : 'thread' }];
});

export const kill: Action = (scene) => {
  const task = scene.random.oneOf(scene.living.filter((one) => scene.alone(one)));
  if (task === undefined) return [];
  scene.leave(task);
  return [{ op: 'kill', task: task.name }];
};

export const detach: Action = onTracee((_, task) => {
  task.traced = false;
  return [{ op: 'detach', task: task.name }];
});

export const attach: Action = (scene) => {
  const task = scene.random.oneOf(scene.living.filter(({ traced }) => !traced));
  if (task === undefined) return [];
  task.traced = true;
  return [{ op: 'attach', task: task.name }];
};

export const affinity: Action = (scene) => {
  const task = scene.random.oneOf(scene.living);
  return task === undefined ? [] : [{ op: 'affinity', task: task.name, cpu: scene.random.between(0, 1) }];
};
