import { access, nops, store } from './access-actions.js';
import {
  close,
  cpuTarget,
  disable,
  enable,
  modify,
  open,
  refresh,
  reset,
  selfTarget,
  type Target,
  taskTarget,
} from './event-actions.js';
import { harmlessFlags, watched } from './event-attr.js';
import { type Request, spoil } from './flaws.js';
import type { Profile } from './play.js';
import { pokeAddress, pokeControl, watch } from './poke-actions.js';
import type { Weighted } from './random.js';
import type { Action, Scene } from './scene.js';
import { affinity, attach, detach, exec, exit, first, fork, kill, spawn, thread } from './task-actions.js';

const FREE: Weighted<string> = [[1, 'free']];
const BOTH: Weighted<string> = [[1, 'free,dr']];

const twoTasks = (scene: Scene) => [first(scene), first(scene, scene.random.chance(25), 1)];
const rootAndNobody = (scene: Scene) => [first(scene), first(scene, true)];
const oneTask = (scene: Scene) => [first(scene)];

function anyTarget(scene: Scene): Target {
  return scene.random.weighted<(scene: Scene) => Target>([
    [6, taskTarget],
    [3, cpuTarget],
    [2, selfTarget],
    [1, ({ random, dead }) => ({ target: random.oneOf(dead) ?? 'none', cpu: random.pick([-1, 0]) })],
  ])(scene);
}

/** A request that has nothing wrong but may find no register. */
function request(scene: Scene, target = anyTarget(scene)): Request {
  const attr = watched(scene);
  const { random } = scene;
  if (random.chance(25)) attr.sample_period = random.pick([1, 2, 1000]);
  harmlessFlags(random, attr, {
    disabled: 45,
    pinned: 12,
    exclusive: 8,
    exclude_kernel: 10,
    exclude_hv: 4,
    exclude_idle: 4,
  });
  return { target, attr };
}

const asked = (scene: Scene, { target, attr, ...more }: Request) => [open(scene, target, attr, more)];

const openAny: Action = (scene) => asked(scene, request(scene));
const openTask: Action = (scene) => asked(scene, request(scene, taskTarget(scene)));
const openCpu: Action = (scene) => asked(scene, request(scene, cpuTarget(scene)));

const openInherited: Action = (scene) => {
  const one = request(scene, scene.random.chance(80) ? taskTarget(scene) : selfTarget(scene));
  one.attr.flags.push('inherit');
  if (scene.random.chance(15)) one.attr.flags.push('inherit_thread');
  return asked(scene, one);
};

const openRemoved: Action = (scene) => {
  const one = request(scene, taskTarget(scene));
  one.attr.flags.push(...scene.random.pick([['remove_on_exec'], ['remove_on_exec', 'inherit'], ['enable_on_exec']]));
  return asked(scene, one);
};

/** Into a group, mostly of a leader that fits. */
const openMember: Action = (scene) => {
  const leader = scene.leader();
  if (leader === undefined) return openTask(scene);
  const { random } = scene;
  const fits = random.chance(70);
  const one = request(scene, fits ? leader : anyTarget(scene));
  const refused = fits ? ['pinned', 'exclusive', 'inherit'] : [];
  one.attr.flags = one.attr.flags.filter((flag) => !refused.includes(flag));
  if (fits ? leader.inherits : random.chance(15)) one.attr.flags.push('inherit');
  return asked(scene, { ...one, group: leader.name });
};

const openLeader: Action = (scene) =>
  asked(scene, request(scene, scene.random.chance(70) ? { target: 't0', cpu: -1 } : anyTarget(scene)));

const openSpoilt: Action = (scene) => {
  const one = request(scene);
  spoil(one, scene);
  return asked(scene, one);
};

const openNobody: Action = (scene) => {
  const one = request(scene);
  if (scene.random.chance(70)) one.attr.flags = [...new Set([...one.attr.flags, 'exclude_kernel'])];
  if (scene.random.chance(35)) spoil(one, scene);
  return asked(scene, { ...one, as: 'nobody' });
};

/** Suite C: who gets registers, and what is refused. */
export const CONSTRAINT_PROFILES: Weighted<Profile> = [
  [
    6,
    {
      name: 'slots',
      after: FREE,
      opening: twoTasks,
      actions: [
        [10, openAny],
        [4, openTask],
        [3, openCpu],
        [5, close],
        [1, affinity],
        [1, spawn],
        [1, kill],
        [1, enable],
      ],
    },
  ],
  [
    5,
    {
      name: 'checks',
      after: FREE,
      opening: twoTasks,
      actions: [
        [12, openSpoilt],
        [2, openAny],
        [1, close],
        [1, kill],
      ],
    },
  ],
  [
    4,
    {
      name: 'groups',
      after: FREE,
      opening: oneTask,
      actions: [
        [4, openLeader],
        [8, openMember],
        [3, close],
        [1, openSpoilt],
        [1, exec],
        [1, exit],
        [1, kill],
        [1, spawn],
      ],
    },
  ],
  [
    4,
    {
      name: 'nobody',
      after: FREE,
      opening: rootAndNobody,
      actions: [
        [10, openNobody],
        [2, openAny],
        [2, modify],
        [2, close],
        [1, enable],
      ],
    },
  ],
  [
    4,
    {
      name: 'modify',
      after: FREE,
      opening: twoTasks,
      actions: [
        [4, openAny],
        [2, openInherited],
        [10, modify],
        [1, close],
        [1, enable],
        [1, disable],
        [1, fork],
        [1, kill],
      ],
    },
  ],
  [
    7,
    {
      name: 'family',
      after: FREE,
      opening: oneTask,
      actions: [
        [6, openInherited],
        [3, openRemoved],
        [2, openTask],
        [1, openCpu],
        [5, fork],
        [3, thread],
        [4, exec],
        [3, exit],
        [2, kill],
        [4, close],
        [1, spawn],
        [1, affinity],
        [1, modify],
      ],
    },
  ],
  [
    5,
    {
      name: 'ptrace',
      after: BOTH,
      opening: twoTasks,
      actions: [
        [4, openTask],
        [2, openCpu],
        [1, openInherited],
        [3, close],
        [5, watch],
        [5, pokeAddress],
        [4, pokeControl],
        [2, access],
        [1, exec],
        [1, fork],
        [1, exit],
        [1, kill],
        [1, detach],
        [2, attach],
      ],
    },
  ],
  [
    4,
    {
      name: 'mixed',
      after: [
        [2, 'free'],
        [1, 'free,dr'],
        [1, 'free,count'],
      ],
      opening: twoTasks,
      actions: [
        [5, openAny],
        [3, openInherited],
        [3, openRemoved],
        [3, openMember],
        [3, openSpoilt],
        [2, openNobody],
        [5, close],
        [3, modify],
        [2, enable],
        [2, disable],
        [1, refresh],
        [1, reset],
        [2, watch],
        [2, pokeAddress],
        [2, pokeControl],
        [2, fork],
        [1, thread],
        [2, exec],
        [1, exit],
        [1, kill],
        [1, detach],
        [2, attach],
        [1, affinity],
        [1, store],
        [1, nops],
      ],
    },
  ],
];
