import { access, nops, remoteWrite, selfStore, steppedAccess, steppedNops, store, sys } from './access-actions.js';
import {
  close,
  cpuTarget,
  disable,
  enable,
  mmap,
  modify,
  open,
  period,
  read,
  refresh,
  reset,
  selfTarget,
  signal,
  type Target,
  taskTarget,
} from './event-actions.js';
import { type Attr, harmlessFlags, readFormat, sampling, watched } from './event-attr.js';
import type { Profile } from './play.js';
import { pokeAddress, pokeControl, watch } from './poke-actions.js';
import type { Weighted } from './random.js';
import { type Action, hex, type Scene } from './scene.js';
import { affinity, attach, detach, exec, exit, first, fork, kill, spawn, thread } from './task-actions.js';

const COUNT: Weighted<string> = [[1, 'count']];
const oneTask = (scene: Scene) => [first(scene)];
const twoTasks = (scene: Scene) => [first(scene), first(scene, false, 1)];

/** How a kind of event is asked for. */
interface Kind {
  readonly target?: (scene: Scene) => Target;
  /** Percent of events that overflow. */
  readonly samples?: number;
  readonly flags?: Partial<Record<string, number>>;
  readonly group?: number;
  readonly self?: boolean;
  readonly spoil?: (attr: Attr, scene: Scene) => void;
}

/** Opens an event; one that overflows mostly gets a ring, and a signal half of the time. */
function opening({ target = taskTarget, samples = 35, flags = {}, group = 0, self = false, spoil }: Kind): Action {
  return (scene) => {
    const { random } = scene;
    const attr = watched(scene, { self });
    const overflows = random.chance(samples);
    if (overflows) sampling(random, attr);
    readFormat(random, attr);
    harmlessFlags(random, attr, flags);
    spoil?.(attr, scene);
    const leader = random.chance(group) ? scene.leader() : undefined;
    // Another target, or inheritance that differs, is refused: rarely.
    const joins = leader !== undefined && random.chance(90);
    if (joins)
      attr.flags = [...attr.flags.filter((flag) => flag !== 'inherit'), ...(leader.inherits ? ['inherit'] : [])];
    const grouped = leader === undefined ? {} : { group: leader.name };
    const steps = [open(scene, joins ? leader : target(scene), attr, grouped)];
    if (overflows && random.chance(75))
      steps.push({
        op: 'mmap',
        ev: 'last',
        pages: random.weighted([
          [5, 2],
          [2, 1],
        ]),
      });
    if (overflows && random.chance(40)) steps.push({ op: 'signal', ev: 'last', sig: random.between(1, 4) });
    return steps;
  };
}

const plain = opening({ flags: { disabled: 15, pinned: 5, exclusive: 4 } });
const counting = opening({ samples: 0, flags: { disabled: 20 } });
const sampled = opening({ samples: 100, flags: { disabled: 15, exclude_kernel: 10, exclude_user: 4 } });
const excluding = opening({
  flags: {
    exclude_user: 35,
    exclude_kernel: 35,
    exclude_hv: 15,
    exclude_idle: 15,
    exclude_host: 10,
    exclude_guest: 10,
  },
});
const onCpu = opening({ target: cpuTarget, flags: { disabled: 10, pinned: 10, exclusive: 8, exclude_kernel: 15 } });
const inherited = opening({ samples: 25, flags: { inherit: 85, inherit_thread: 12, disabled: 10, inherit_stat: 5 } });
const inheritedSampling = opening({
  target: (scene) => ({ ...taskTarget(scene), cpu: scene.random.between(0, 1) }),
  samples: 100,
  flags: { inherit: 100 },
});
const overExec = opening({
  flags: { remove_on_exec: 35, enable_on_exec: 35, disabled: 50, inherit: 25 },
});
const leading = opening({
  target: () => ({ target: 't0', cpu: -1 }),
  flags: { disabled: 35, pinned: 15, exclusive: 8, inherit: 8 },
});
const member = opening({ target: () => ({ target: 't0', cpu: -1 }), flags: { disabled: 30, inherit: 8 }, group: 90 });
const cpuMember = opening({
  target: () => ({ target: 'all', cpu: 0 }),
  flags: { disabled: 20, pinned: 10 },
  group: 60,
});
const trapping = opening({
  samples: 100,
  flags: { sigtrap: 92, remove_on_exec: 96, disabled: 12, exclude_kernel: 20, inherit: 12 },
  spoil: (attr, { random }) => {
    attr.sig_data = hex(random.pick([1, 2, 0x1234, 0x1001]));
  },
});
const ofSelf = opening({ target: selfTarget, self: true, flags: { disabled: 20, exclude_kernel: 15, pinned: 5 } });
const ofSelfInherited = opening({ target: () => ({ target: 'self', cpu: -1 }), samples: 15, flags: { inherit: 100 } });
/** On the kernel's own view of the first task's memory: writes from outside hit it. */
const alias = opening({
  target: (scene) =>
    scene.random.pick([
      { target: 'all', cpu: 1 },
      { target: 'self', cpu: -1 },
      { target: 'self', cpu: 1 },
    ]),
  flags: { disabled: 10, exclude_user: 10 },
  spoil: (attr, scene) => {
    const address = scene.place() & ~7;
    attr.bp_type = scene.random.pick([2, 3]);
    attr.bp_addr = `alias:t0:${hex(address)}`;
    attr.bp_len = '0x8';
  },
});

/** A few more overflows, and hits that use them up. */
const rearm: Action = (scene) => [...refresh(scene), ...store(scene), ...store(scene)];

/** A task, and one or two events to begin with. */
const begins =
  (event: Action, tasks = oneTask) =>
  (scene: Scene) => [...tasks(scene), ...event(scene), ...(scene.random.chance(40) ? event(scene) : [])];

/** Suite H: what events count and sample. */
export const HIT_PROFILES: Weighted<Profile> = [
  [
    5,
    {
      name: 'counting',
      after: COUNT,
      opening: begins(counting),
      actions: [
        [4, counting],
        [2, plain],
        [14, access],
        [3, nops],
        [4, sys],
        [2, read],
        [1, reset],
        [1, disable],
        [2, enable],
        [1, remoteWrite],
      ],
    },
  ],
  [
    7,
    {
      name: 'sampling',
      after: COUNT,
      opening: begins(sampled),
      actions: [
        [4, sampled],
        [12, access],
        [2, nops],
        [3, sys],
        [2, period],
        [2, refresh],
        [1, mmap],
        [1, signal],
        [1, reset],
        [1, read],
        [1, disable],
        [1, enable],
      ],
    },
  ],
  [
    5,
    {
      name: 'toggles',
      after: COUNT,
      opening: begins(plain),
      actions: [
        [3, plain],
        [1, sampled],
        [8, access],
        [2, sys],
        [3, enable],
        [3, disable],
        [2, reset],
        [2, refresh],
        [2, rearm],
        [3, period],
        [4, modify],
        [1, close],
        [2, read],
        [1, affinity],
      ],
    },
  ],
  [
    5,
    {
      name: 'refresh and period',
      after: COUNT,
      opening: begins(sampled),
      actions: [
        [2, sampled],
        [1, onCpu],
        [1, ofSelf],
        [10, store],
        [1, selfStore],
        [3, refresh],
        [4, rearm],
        [4, period],
        [2, enable],
        [2, disable],
        [2, modify],
        [1, signal],
        [1, exec],
        [1, affinity],
        [1, sys],
      ],
    },
  ],
  [
    5,
    {
      name: 'groups',
      after: COUNT,
      opening: begins(leading),
      actions: [
        [2, leading],
        [6, member],
        [1, cpuMember],
        [9, access],
        [1, nops],
        [3, read],
        [3, enable],
        [3, disable],
        [2, reset],
        [1, refresh],
        [2, close],
        [1, modify],
        [1, exec],
        [1, fork],
        [1, affinity],
      ],
    },
  ],
  [
    6,
    {
      name: 'family',
      after: [
        [4, 'count'],
        [1, 'count,free'],
      ],
      opening: begins(inherited),
      actions: [
        [5, inherited],
        [2, inheritedSampling],
        [9, access],
        [1, nops],
        [3, fork],
        [2, thread],
        [2, exec],
        [2, exit],
        [1, kill],
        [2, read],
        [2, reset],
        [2, enable],
        [2, disable],
        [1, modify],
        [1, close],
        [1, affinity],
      ],
    },
  ],
  [
    4,
    {
      name: 'exec',
      after: COUNT,
      opening: begins(overExec),
      actions: [
        [5, overExec],
        [1, inherited],
        [6, access],
        [5, exec],
        [1, fork],
        [1, enable],
        [1, disable],
        [1, modify],
        [2, read],
        [1, refresh],
      ],
    },
  ],
  [
    5,
    {
      name: 'cpu',
      after: COUNT,
      opening: begins(onCpu, twoTasks),
      actions: [
        [5, onCpu],
        [2, plain],
        [8, access],
        [2, nops],
        [2, sys],
        [4, affinity],
        [1, remoteWrite],
        [2, period],
        [2, refresh],
        [1, enable],
        [2, disable],
        [1, modify],
        [1, read],
        [1, close],
      ],
    },
  ],
  [
    4,
    {
      name: 'exclude',
      after: COUNT,
      opening: begins(excluding),
      actions: [
        [5, excluding],
        [7, access],
        [7, sys],
        [2, remoteWrite],
        [2, nops],
        [1, read],
        [1, modify],
      ],
    },
  ],
  [
    5,
    {
      name: 'sigtrap',
      after: [
        [3, 'count'],
        [1, 'count,dr'],
      ],
      opening: begins(trapping),
      actions: [
        [5, trapping],
        [1, plain],
        [9, access],
        [3, nops],
        [4, sys],
        [1, steppedAccess],
        [1, steppedNops],
        [2, watch],
        [2, modify],
        [1, period],
        [1, refresh],
        [1, disable],
        [1, enable],
        [1, exec],
        [1, fork],
      ],
    },
  ],
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
