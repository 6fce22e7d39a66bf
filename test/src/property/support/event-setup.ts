import {
  type Architecture,
  type BreakpointEventAttr,
  EVENT_TYPE,
  EVENTS,
  type Events,
  inject,
  injectable,
  type PluginManifest,
  type SlotPolicyPlugin,
  SOFTWARE_EVENT,
} from '@hwbp/core';
import { COUNTING_CONFIG, COUNTING_TYPE } from './counting-pmu.js';
import type { Counted, ModelEvent, Watch } from './event-model/event.js';
import type { Accounting } from './event-model/slots.js';

/** Gets the engine by injection, as any consumer does. */
@injectable()
export class EventsProbe {
  static readonly plugin: PluginManifest = { name: 'events probe' };
  readonly events: Events;

  constructor(@inject(EVENTS) events: Events) {
    this.events = events;
  }

  start(): void {}

  stop(): void {}
}

/** What a kernel is composed of. */
export interface EventSetup {
  readonly arch: () => Architecture;
  readonly accounting: Accounting;
  readonly exclusiveBreakpoints: boolean;
  readonly cpus: number;
  /** Counters of the hardware PMU on each CPU. */
  readonly counters: number;
  /** Instead of the policy that does that accounting; for mutants. */
  readonly slotPolicy?: SlotPolicyPlugin;
  /** Changes the engine once it is made; for mutants. */
  readonly mutate?: (events: Events) => void;
}

/** Whom an event is for: an index of a task, or none. */
export interface Target {
  readonly task: number | undefined;
  /** -1: any; without a task the first one. */
  readonly cpu: number;
}

/** What an event that is opened counts. */
export type Source =
  | { readonly kind: 'breakpoint'; readonly watch: Watch }
  | { readonly kind: 'software'; readonly config: number }
  | { readonly kind: 'hardware'; readonly config: number };

/** Flags and numbers of an attr, beside what it counts. */
export type Flags = Omit<BreakpointEventAttr, 'type' | 'config' | 'bp_type' | 'bp_addr' | 'bp_len'>;

/** A CPU's event names its CPU. */
export function cpuOf({ task, cpu }: Target): number {
  return task === undefined ? Math.max(cpu, 0) : cpu;
}

export function countedBy(source: Source): Counted {
  if (source.kind === 'breakpoint') return { kind: 'breakpoint' };
  if (source.kind === 'hardware') {
    return { kind: 'counter', of: source.config === COUNTING_CONFIG.INSTRUCTIONS ? 'instructions' : 'accesses' };
  }
  if (source.config === SOFTWARE_EVENT.CONTEXT_SWITCHES) return { kind: 'switches' };
  return { kind: source.config === SOFTWARE_EVENT.DUMMY ? 'nothing' : 'clock' };
}

/** Clocks that overflow do so at ticks, which the model does not look into; groups are inherited as a whole. */
export function attrFor(
  source: Source,
  flags: Flags,
  counted: Counted,
  leader: ModelEvent | undefined,
): BreakpointEventAttr {
  const { sample_period = 0, ...rest } = flags;
  const period = counted.kind === 'clock' || counted.kind === 'nothing' ? {} : { sample_period };
  const { inherit = false, inherit_thread = false } = leader?.attr ?? flags;
  const watch = source.kind === 'breakpoint' ? source.watch : { bp_type: 0, bp_addr: 0n, bp_len: 0 };
  const type = { breakpoint: EVENT_TYPE.BREAKPOINT, software: EVENT_TYPE.SOFTWARE, hardware: COUNTING_TYPE }[
    source.kind
  ];
  const config = source.kind === 'breakpoint' ? {} : { config: source.config };
  return { ...rest, ...period, ...watch, ...config, type, inherit, inherit_thread: inherit && inherit_thread };
}

/** Spec 4.5. */
export function mayJoin(model: ModelEvent, leader: ModelEvent): boolean {
  const same = leader.cpu === model.cpu && leader.task === model.task;
  return same && !leader.ended && leader.leader === leader && !model.pinned && !model.exclusive;
}

/** Groups over two hardware PMUs are nothing that the spec knows. */
export function mixesHardware(
  { exclusiveBreakpoints }: EventSetup,
  counted: Counted,
  leader: ModelEvent | undefined,
): boolean {
  if (!exclusiveBreakpoints || leader === undefined) return false;
  const kinds = new Set([counted.kind, ...leader.group.map((one) => one.counted.kind)]);
  return kinds.has('breakpoint') && kinds.has('counter');
}
