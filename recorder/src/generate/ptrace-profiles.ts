import { access, nops, remoteWrite, steppedAccess, steppedNops, store, sys } from './access-actions.js';
import { close, cpuTarget, open, taskTarget } from './event-actions.js';
import { watched } from './event-attr.js';
import type { Profile } from './play.js';
import {
  peek,
  pokeAddress,
  pokeControl,
  pokeData,
  pokeFuzz,
  pokeKernel,
  pokeStatus,
  pokeText,
  watch,
} from './poke-actions.js';
import type { Weighted } from './random.js';
import type { Action, Scene } from './scene.js';
import { affinity, attach, detach, exec, exit, first, fork, kill, thread } from './task-actions.js';

const DR: Weighted<string> = [[1, 'dr']];
const oneTask = (scene: Scene) => [first(scene, scene.random.chance(8))];

/** A perf event that takes one of the registers. */
const openSlot: Action = (scene) => {
  const target = scene.random.chance(75) ? taskTarget(scene) : cpuTarget(scene);
  const attr = watched(scene);
  if (scene.random.chance(50)) attr.flags.push('disabled');
  return [open(scene, target, attr)];
};

/** Suite P: debug registers as ptrace(2) gives them. */
export const PTRACE_PROFILES: Weighted<Profile> = [
  [
    8,
    {
      name: 'watch',
      after: DR,
      opening: oneTask,
      actions: [
        [6, watch],
        [2, pokeData],
        [3, pokeControl],
        [12, access],
        [5, store],
        [2, sys],
        [1, pokeStatus],
      ],
    },
  ],
  [
    4,
    {
      name: 'execute',
      after: DR,
      opening: oneTask,
      actions: [
        [2, pokeText],
        [6, watch],
        [2, pokeControl],
        [9, nops],
        [3, access],
        [1, sys],
        [1, pokeStatus],
      ],
    },
  ],
  [
    4,
    {
      name: 'step',
      after: DR,
      opening: oneTask,
      actions: [
        [6, watch],
        [2, pokeAddress],
        [2, pokeControl],
        [7, steppedAccess],
        [5, steppedNops],
        [2, sys],
        [1, pokeStatus],
      ],
    },
  ],
  [
    4,
    {
      name: 'kernel',
      after: DR,
      opening: oneTask,
      actions: [
        [5, watch],
        [1, pokeData],
        [2, pokeKernel],
        [2, pokeControl],
        [6, sys],
        [4, remoteWrite],
        [3, access],
      ],
    },
  ],
  [
    5,
    {
      name: 'tasks',
      after: DR,
      opening: oneTask,
      actions: [
        [6, watch],
        [1, pokeAddress],
        [2, pokeControl],
        [9, access],
        [3, fork],
        [2, thread],
        [3, exec],
        [2, exit],
        [1, kill],
        [2, detach],
        [3, attach],
        [2, affinity],
        [1, nops],
      ],
    },
  ],
  [
    4,
    {
      name: 'fuzz',
      after: DR,
      opening: oneTask,
      actions: [
        [12, pokeFuzz],
        [5, access],
        [2, nops],
        [2, peek],
        [1, sys],
      ],
    },
  ],
  [
    3,
    {
      name: 'full slots',
      after: [[1, 'dr,free']],
      opening: oneTask,
      actions: [
        [5, openSlot],
        [2, close],
        [4, watch],
        [4, pokeAddress],
        [4, pokeControl],
        [3, access],
        [1, exec],
        [1, fork],
        [1, exit],
        [1, detach],
        [2, attach],
      ],
    },
  ],
  [
    4,
    {
      name: 'mixed',
      after: DR,
      opening: oneTask,
      actions: [
        [6, watch],
        [2, pokeAddress],
        [2, pokeControl],
        [2, pokeFuzz],
        [1, pokeKernel],
        [1, pokeStatus],
        [1, peek],
        [9, access],
        [2, nops],
        [1, steppedAccess],
        [1, steppedNops],
        [2, sys],
        [1, remoteWrite],
        [1, fork],
        [1, thread],
        [1, exec],
        [1, detach],
        [2, attach],
        [1, affinity],
      ],
    },
  ],
];
