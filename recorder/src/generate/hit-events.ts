import { cpuTarget, open, selfTarget, type Target, taskTarget } from './event-actions.js';
import { type Attr, harmlessFlags, readFormat, sampling, watched } from './event-attr.js';
import { type Action, hex, type Scene } from './scene.js';

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

export const plain = opening({ flags: { disabled: 15, pinned: 5, exclusive: 4 } });
export const counting = opening({ samples: 0, flags: { disabled: 20 } });
export const sampled = opening({ samples: 100, flags: { disabled: 15, exclude_kernel: 10, exclude_user: 4 } });
export const excluding = opening({
  flags: {
    exclude_user: 35,
    exclude_kernel: 35,
    exclude_hv: 15,
    exclude_idle: 15,
    exclude_host: 10,
    exclude_guest: 10,
  },
});
export const onCpu = opening({
  target: cpuTarget,
  flags: { disabled: 10, pinned: 10, exclusive: 8, exclude_kernel: 15 },
});
export const inherited = opening({
  samples: 25,
  flags: { inherit: 85, inherit_thread: 12, disabled: 10, inherit_stat: 5 },
});
export const inheritedSampling = opening({
  target: (scene) => ({ ...taskTarget(scene), cpu: scene.random.between(0, 1) }),
  samples: 100,
  flags: { inherit: 100 },
});
export const overExec = opening({
  flags: { remove_on_exec: 35, enable_on_exec: 35, disabled: 50, inherit: 25 },
});
export const leading = opening({
  target: () => ({ target: 't0', cpu: -1 }),
  flags: { disabled: 35, pinned: 15, exclusive: 8, inherit: 8 },
});
export const member = opening({
  target: () => ({ target: 't0', cpu: -1 }),
  flags: { disabled: 30, inherit: 8 },
  group: 90,
});
export const cpuMember = opening({
  target: () => ({ target: 'all', cpu: 0 }),
  flags: { disabled: 20, pinned: 10 },
  group: 60,
});
export const trapping = opening({
  samples: 100,
  flags: { sigtrap: 92, remove_on_exec: 96, disabled: 12, exclude_kernel: 20, inherit: 12 },
  spoil: (attr, { random }) => {
    attr.sig_data = hex(random.pick([1, 2, 0x1234, 0x1001]));
  },
});
export const ofSelf = opening({
  target: selfTarget,
  self: true,
  flags: { disabled: 20, exclude_kernel: 15, pinned: 5 },
});
export const ofSelfInherited = opening({
  target: () => ({ target: 'self', cpu: -1 }),
  samples: 15,
  flags: { inherit: 100 },
});
/** On the kernel's own view of the first task's memory: writes from outside hit it. */
export const alias = opening({
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
