import type { Value } from '@hwbp/conform';
import type { Target } from './event-actions.js';
import type { Attr } from './event-attr.js';
import { KERNEL_ADDRESSES } from './poke-actions.js';
import { hex, type Scene } from './scene.js';

/** A request to open an event. */
export interface Request {
  target: Target;
  attr: Attr;
  group?: string;
  as?: string;
}

type Flaw = (request: Request, scene: Scene) => void;

const flag =
  (...names: readonly string[]): Flaw =>
  ({ attr }) =>
    void attr.flags.push(...names);

/** What the kernel checks when an event is opened. Several in one request show the order of its checks. */
const FLAWS: readonly [Flaw, ...Flaw[]] = [
  flag('sigtrap'),
  flag('sigtrap', 'remove_on_exec'),
  flag('inherit_thread'),
  flag('inherit', 'inherit_thread'),
  flag('remove_on_exec', 'enable_on_exec'),
  flag('inherit'),
  flag('pinned'),
  flag('exclusive'),
  flag('exclude_kernel'),
  flag('exclude_user', 'exclude_kernel'),
  (request) => {
    request.as = 'nobody';
  },
  ({ attr }, { random }) => {
    attr.sample_period = random.pick(['0x8000000000000000', '0x7fffffffffffffff']);
  },
  ({ attr }, { random }) => {
    attr.flags.push('freq');
    attr.sample_period = random.pick([0, 1000, 0x7fff_ffff]);
  },
  (request, { random, dead }) => {
    request.target = { target: random.oneOf(dead) ?? 'none', cpu: random.pick([-1, 0]) };
  },
  (request) => {
    request.target = { ...request.target, target: 'none' };
  },
  (request, { random }) => {
    request.target = { ...request.target, cpu: random.pick([1000, 100_000, -2]) };
  },
  (request, { random }) => {
    request.target = { target: 'all', cpu: random.pick([-1, 0, 1]) };
  },
  (request, { random }) => {
    request.target = { target: random.pick(['self', 't0', 't1']), cpu: random.pick([-1, 0, 1]) };
  },
  ({ attr }, { random }) => {
    attr.bp_type = random.pick([0, 1, 5, 6, 7, 8, 0xffff_ffff]);
  },
  ({ attr }, { random }) => {
    attr.bp_type = 4;
    attr.bp_len = hex(random.pick([0, 1, 4, 8, 8]));
  },
  ({ attr }, { random }) => {
    attr.bp_len = hex(random.pick([0, 3, 5, 6, 7, 9, 12, 16, 32, 64, 4096, 0x8000_0000]));
  },
  ({ attr }, scene) => {
    attr.bp_addr = hex(scene.place() + scene.random.pick([1, 2, 3, 4]));
  },
  ({ attr }, { random }) => {
    attr.bp_addr = hex(random.weighted(KERNEL_ADDRESSES));
  },
  ({ attr }, { random }) => {
    attr.bp_addr = random.pick<Value>(['ksym:__x64_sys_getresuid', 'ksym:exc_debug', '0x7ffffffffff8']);
  },
  (request, scene) => {
    if (scene.events > 0) request.group = scene.event();
  },
  ({ attr }, { random }) => {
    attr.precise_ip = random.between(1, 3);
  },
  ({ attr }, { random }) => {
    attr.read_format = random.pick([['group'], ['id', 'group'], ['lost']]);
  },
  ({ attr }) => {
    attr.type = 99;
  },
];

/** Puts one to three flaws, or what looks like one, into a request. */
export function spoil(request: Request, scene: Scene): void {
  for (
    let n = scene.random.weighted([
      [4, 1],
      [4, 2],
      [2, 3],
    ]);
    n > 0;
    n--
  )
    scene.random.pick(FLAWS)(request, scene);
  request.attr.flags = [...new Set(request.attr.flags)];
}
