import type { Value } from '@hwbp/conform';
import { SELF_PAGE, text } from './access-actions.js';
import type { Random } from './random.js';
import { hex, type Scene } from './scene.js';

/** Fields of `perf_event_attr` that a script sets. */
export interface Attr {
  bp_type: number;
  bp_addr: Value;
  bp_len: Value;
  flags: string[];
  [field: string]: Value | string[];
}

const WRITE = 2;
const READ_WRITE = 3;
const EXECUTE = 4;
const SAMPLE_FIELDS = ['ip', 'tid', 'addr', 'cpu', 'period'] as const;
const LENGTHS = [1, 2, 4, 8] as const;

/** The greatest power of two that divides an address, up to 8: the longest breakpoint there. */
function longestAt(address: number): number {
  return [8, 4, 2].find((length) => address % length === 0) ?? 1;
}

/** What a breakpoint event watches, without flaws. `self`: in the recorder's own page. */
export function watched(scene: Scene, { self = false, executes = 12 } = {}): Attr {
  const { random } = scene;
  if (!self && random.chance(executes)) {
    const address = text(scene);
    scene.aim(address);
    return { bp_type: EXECUTE, bp_addr: hex(address), bp_len: '0x8', flags: [] };
  }
  const address = self ? SELF_PAGE + random.pick([0, 0, 4, 8, 16]) : scene.place();
  if (!self) scene.aim(address);
  const longest = longestAt(address);
  const length = random.chance(60) ? longest : (random.oneOf(LENGTHS.filter((one) => one <= longest)) ?? 1);
  return { bp_type: random.chance(62) ? WRITE : READ_WRITE, bp_addr: hex(address), bp_len: hex(length), flags: [] };
}

/** Makes an event overflow every few hits, and says what a sample holds. */
export function sampling(random: Random, attr: Attr): void {
  attr.sample_period = random.weighted([
    [9, 1],
    [5, 2],
    [3, 3],
    [1, 4],
    [1, 5],
    [1, 100],
  ]);
  const fields = random.some(55, SAMPLE_FIELDS.slice(0, 4));
  if (random.chance(12)) fields.push('period');
  if (fields.length > 0) attr.sample_type = fields;
  if (random.chance(12)) attr.wakeup_events = random.between(1, 3);
}

/** Which times and ids read(2) gives; that of a leader with `group` has the values of its group. */
export function readFormat(random: Random, attr: Attr): void {
  const format = random.weighted<readonly string[]>([
    [8, []],
    [4, ['enabled', 'running']],
    [1, ['enabled']],
    [1, ['running']],
    [2, ['id', 'group']],
    [2, ['enabled', 'running', 'id', 'group']],
    [1, ['group']],
    [1, ['id', 'lost']],
    [1, ['lost']],
  ]);
  if (format.length > 0) attr.read_format = [...format];
}

/** Flags that leave an event valid, each in some percent of cases. */
export function harmlessFlags(random: Random, attr: Attr, percent: Partial<Record<string, number>>): void {
  for (const [flag, one] of Object.entries(percent)) if (random.chance(one ?? 0)) attr.flags.push(flag);
}
