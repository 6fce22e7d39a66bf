import { access, nops, remoteWrite, selfStore, steppedAccess, steppedNops, sys } from './access-actions.js';
import { begins, oneTask, twoTasks } from './begin.js';
import { close, disable, enable, modify, period, read, refresh, reset } from './event-actions.js';
import {
  alias,
  inherited,
  member,
  ofSelf,
  ofSelfInherited,
  onCpu,
  overExec,
  plain,
  sampled,
  trapping,
} from './hit-events.js';
import type { Profile } from './play.js';
import { pokeAddress, pokeControl, watch } from './poke-actions.js';
import type { Weighted } from './random.js';
import { affinity, attach, detach, exec, exit, fork, kill, spawn, thread } from './task-actions.js';

const COUNT: Weighted<string> = [[1, 'count']];

/** Suite H, the rest: the recorder itself, kernel addresses, ptrace beside perf, and everything together. */
export const MIXED_HIT_PROFILES: Weighted<Profile> = [
  [
    4,
    {
      name: 'self',
      after: COUNT,
      opening: begins(ofSelf),
      actions: [
        [4, ofSelf],
        [1, ofSelfInherited],
        [9, selfStore],
        [2, period],
        [2, refresh],
        [2, enable],
        [2, disable],
        [1, modify],
        [1, read],
        [1, reset],
        [1, spawn],
        [1, access],
        [1, close],
      ],
    },
  ],
  [
    3,
    {
      name: 'kernel address',
      after: COUNT,
      opening: begins(alias),
      actions: [
        [4, alias],
        [8, remoteWrite],
        [2, access],
        [1, sys],
        [1, period],
        [1, refresh],
        [1, disable],
        [1, enable],
        [1, read],
      ],
    },
  ],
  [
    4,
    {
      name: 'ptrace',
      after: [[1, 'count,dr']],
      opening: oneTask,
      actions: [
        [4, plain],
        [1, sampled],
        [5, watch],
        [2, pokeAddress],
        [2, pokeControl],
        [8, access],
        [2, nops],
        [2, sys],
        [2, steppedAccess],
        [1, steppedNops],
        [1, disable],
        [1, modify],
        [1, detach],
        [2, attach],
      ],
    },
  ],
  [
    6,
    {
      name: 'mixed',
      after: [
        [5, 'count'],
        [1, 'count,dr'],
        [1, 'count,free'],
      ],
      opening: (scene) => (scene.random.chance(40) ? twoTasks(scene) : oneTask(scene)),
      actions: [
        [4, plain],
        [2, sampled],
        [2, inherited],
        [2, onCpu],
        [2, member],
        [1, overExec],
        [1, ofSelf],
        [1, trapping],
        [10, access],
        [3, nops],
        [3, sys],
        [1, remoteWrite],
        [1, selfStore],
        [1, enable],
        [1, disable],
        [1, reset],
        [1, refresh],
        [1, period],
        [2, modify],
        [1, read],
        [1, close],
        [1, fork],
        [1, thread],
        [1, exec],
        [1, exit],
        [1, kill],
        [1, affinity],
        [1, watch],
        [1, detach],
        [1, attach],
      ],
    },
  ],
];
