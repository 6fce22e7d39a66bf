import type { Value } from '@hwbp/conform';
import type { PlannedStep } from '../plan.js';
import { type Attr, watched } from './event-attr.js';
import type { Weighted } from './random.js';
import { type Action, hex, type Scene } from './scene.js';

/** On whom an event is opened. */
export interface Target {
  readonly target: string;
  readonly cpu: number;
}

/** A task, mostly the first, mostly on any CPU. */
export function taskTarget(scene: Scene): Target {
  const { random } = scene;
  const task = random.chance(60) ? scene.living[0] : random.oneOf(scene.living);
  return {
    target: task?.name ?? 't0',
    cpu: random.weighted([
      [6, -1],
      [3, 0],
      [2, 1],
    ]),
  };
}

/** Everything on one CPU. */
export function cpuTarget(scene: Scene): Target {
  return { target: 'all', cpu: scene.random.between(0, 1) };
}

export function selfTarget(scene: Scene): Target {
  return {
    target: 'self',
    cpu: scene.random.weighted([
      [5, -1],
      [2, 1],
      [1, 0],
    ]),
  };
}

/** The open step; what it is called is counted by the recorder. */
export function open(
  scene: Scene,
  { target, cpu }: Target,
  attr: Attr,
  more: { readonly group?: string; readonly as?: string } = {},
): PlannedStep {
  scene.opened({ target, cpu, inherits: attr.flags.includes('inherit') }, more.group !== undefined);
  return { op: 'open', target, cpu, ...more, attr: attr as unknown as Value } as PlannedStep;
}

/** An action on an event that is open by then; nothing before there was one. */
function onEvent(make: (scene: Scene, ev: string) => readonly PlannedStep[]): Action {
  return (scene) => (scene.events === 0 ? [] : make(scene, scene.event()));
}

export const close: Action = onEvent((_, ev) => [{ op: 'close', ev }]);
export const read: Action = onEvent((_, ev) => [{ op: 'read', ev }]);
export const mmap: Action = onEvent((scene, ev) => [
  {
    op: 'mmap',
    ev,
    pages: scene.random.weighted([
      [6, 2],
      [4, 1],
      [1, 0],
      [1, 3],
    ]),
  },
]);
export const signal: Action = onEvent((scene, ev) => [{ op: 'signal', ev, sig: scene.random.between(1, 5) }]);

const PERIODS: Weighted<Value> = [
  [3, 0],
  [4, 1],
  [4, 2],
  [3, 3],
  [2, 4],
  [1, 7],
  [1, '0x8000000000000000'],
  [1, '0x7fffffffffffffff'],
];

/** enable, disable and reset reach the group one time in five. */
const toggle = (cmd: string): Action =>
  onEvent(
    (scene, ev) => [{ op: 'ioctl', ev, cmd, ...(scene.random.chance(20) ? { flag: 'group' } : {}) }] as PlannedStep[],
  );
export const enable = toggle('enable');
export const disable = toggle('disable');
export const reset = toggle('reset');
export const refresh: Action = onEvent((scene, ev) => [
  {
    op: 'ioctl',
    ev,
    cmd: 'refresh',
    arg: scene.random.weighted([
      [2, 0],
      [4, 1],
      [3, 2],
      [2, 3],
    ]),
  },
]);
export const period: Action = onEvent((scene, ev) => [
  { op: 'ioctl', ev, cmd: 'period', arg: scene.random.weighted(PERIODS) },
]);

/** A change of what is watched; one in four of something that must not change, or of a place that cannot be. */
export const modify: Action = onEvent((scene, ev) => {
  const { random } = scene;
  const { bp_type, bp_addr, bp_len } = watched(scene);
  const change: Record<string, Value> = random.weighted<() => Record<string, Value>>([
    [6, () => ({ bp_type, bp_addr, bp_len })],
    [3, () => ({ bp_addr: hex(scene.place()) })],
    [2, () => ({ bp_len: hex(random.pick([1, 2, 4, 8])) })],
    [2, () => ({ bp_type: random.pick([2, 3, 4]) })],
    [1, () => ({ bp_addr: hex(scene.near()) })],
    [1, () => ({ bp_len: hex(random.pick([0, 3, 16, 32])) })],
    [1, () => ({ bp_type: random.pick([0, 1, 7]) })],
    [
      1,
      () => ({
        bp_addr: random.pick([
          '0xffff800000000000',
          '0xfffffe0000001000',
          '0x7ffffffff000',
          'ksym:__x64_sys_getresuid',
        ]),
      }),
    ],
    [1, () => ({ sample_period: random.between(1, 3) })],
    [1, () => ({})],
  ])();
  const list = (name: string, flags: readonly string[]): void => {
    if (flags.length > 0) change[name] = [...flags];
  };
  list('flags', [
    ...random.some(18, ['disabled']),
    ...random.some(3, ['pinned', 'exclude_kernel', 'inherit', 'exclude_user', 'enable_on_exec']),
  ]);
  list('unset', [...random.some(18, ['disabled']), ...random.some(3, ['exclude_kernel'])]);
  if (random.chance(6)) change.sig_data = hex(random.between(1, 9));
  return [{ op: 'modify', ev, ...(random.chance(12) ? { as: 'nobody' } : {}), change }] as PlannedStep[];
});
