import type { HwBreakpointAttr } from '../arch/index.js';
import { bits, type ImageReader, type ImageValue } from '../image/index.js';
import type { BreakpointFields, Registration } from '../registers/index.js';

const STATES = ['waiting', 'off', 'inactive', 'active'] as const;
const FLAGS = ['exclude_user', 'exclude_kernel', 'exclude_hv', 'inherit', 'pinned', 'exclusive'] as const;

/** A breakpoint of an image: all that is data. Who owns it brings the handler. */
export interface SavedBreakpoint
  extends Pick<BreakpointFields, 'cpu' | 'owner' | 'priority' | 'delivery' | 'privileged'> {
  readonly attr: HwBreakpointAttr;
  /** A pid. */
  readonly task: number | undefined;
  readonly waits: boolean;
  readonly hits: number;
  readonly serial: number;
  readonly state: (typeof STATES)[number];
  readonly onCpu: number;
  readonly register: number;
}

/** A length or a period: a number, or more than a number can hold. */
function saveNumber(value: number | bigint): ImageValue {
  return typeof value === 'bigint' ? bits(value) : value;
}

function loadNumber(from: ImageReader): number | bigint {
  return from.isText ? from.bits() : from.number();
}

/** What a breakpoint watches. */
export function saveAttr(attr: HwBreakpointAttr): ImageValue {
  const { bp_type, bp_addr, bp_len, sample_period } = attr;
  const flags = FLAGS.filter((name) => attr[name] !== undefined).map((name): [string, ImageValue] => [
    name,
    attr[name] as boolean,
  ]);
  return {
    bp_type,
    bp_addr: bits(bp_addr),
    bp_len: saveNumber(bp_len),
    ...(sample_period === undefined ? {} : { sample_period: saveNumber(sample_period) }),
    ...Object.fromEntries(flags),
    disabled: attr.disabled === true,
  };
}

/** The way back. */
export function loadAttr(from: ImageReader): HwBreakpointAttr {
  const period = from.field('sample_period');
  const flags = FLAGS.filter((name) => !from.field(name).absent).map((name) => [name, from.field(name).flag()]);
  return {
    bp_type: from.field('bp_type').number(0, 0xffff_ffff),
    bp_addr: from.field('bp_addr').bits(),
    bp_len: loadNumber(from.field('bp_len')),
    ...(period.absent ? {} : { sample_period: loadNumber(period) as number }),
    ...Object.fromEntries(flags),
    disabled: from.field('disabled').flag(),
  };
}

/** A breakpoint as an image has it. */
export function saveBreakpoint(one: Registration): { readonly [field: string]: ImageValue } {
  const { attr, task, cpu, owner, priority, delivery, privileged, waits, hits, serial, state, onCpu, register } = one;
  return {
    attr: saveAttr(attr),
    task: task?.pid ?? null,
    cpu,
    owner,
    priority,
    delivery,
    privileged,
    waits,
    hits,
    serial,
    state,
    onCpu,
    register,
  };
}

/** The way back. */
export function loadBreakpoint(from: ImageReader): SavedBreakpoint {
  const task = from.field('task');
  return {
    attr: loadAttr(from.field('attr')),
    task: task.absent ? undefined : task.number(1),
    cpu: from.field('cpu').number(-1),
    owner: from.field('owner').text(),
    priority: from.field('priority').number(Number.MIN_SAFE_INTEGER),
    delivery: from.field('delivery').oneOf('after', 'silicon'),
    privileged: from.field('privileged').flag(),
    waits: from.field('waits').flag(),
    hits: from.field('hits').number(),
    serial: from.field('serial').number(),
    state: from.field('state').oneOf(...STATES),
    onCpu: from.field('onCpu').number(-1),
    register: from.field('register').number(-1),
  };
}
