import { coreError } from '../../errors/index.js';
import type { Cpu } from '../../hardware/index.js';
import type { Machine } from '../../kernel/index.js';
import type { QuirkSet } from '../../quirks/index.js';
import type { BreakpointChange, ModifyOptions } from '../../registers/index.js';
import type { EventAttr } from './attr.js';
import { checkPeriod, checkRefresh } from './check-sampling.js';
import { type Engine, isActive } from './engine.js';
import type { OverflowHandler, PmuEvent } from './event.js';
import { EventRecord } from './event-record.js';
import { hasEnded } from './membership.js';
import type { EventReading, EventTarget, OpenOptions } from './open-options.js';
import type { EventPmu } from './pmu.js';
import { PERIOD_CHANGE_OVERFLOWS } from './quirks.js';
import { EVENT_STATE } from './state.js';

const NO_HANDLER: OverflowHandler = () => {};

/** The engine's own view of an event. Throws a TypeError for anything else. */
function recordOf(event: PmuEvent): EventRecord {
  if (event instanceof EventRecord) return event;
  throw new TypeError(`an event is what Events.open returns, got ${String(event)}`);
}

/**
 * The events engine: counters of any PMU for tasks and CPUs, with groups, priorities, rotation, periods and inheritance
 * (Linux: kernel/events/core.c). Injected with the token `EVENTS` where a kernel was composed with it.
 */
export class Events {
  /** @internal */
  readonly engine: Engine;
  /** Most overflows a second that a frequency may ask for. */
  readonly sampleRate: number;
  readonly #periodChangeOverflows: boolean;

  /** Use `perfEvents`. */
  constructor(engine: Engine, { sampleRate, quirks }: { readonly sampleRate: number; readonly quirks: QuirkSet }) {
    this.engine = engine;
    this.sampleRate = sampleRate;
    this.#periodChangeOverflows = quirks.isOn(PERIOD_CHANGE_OVERFLOWS);
  }

  get machine(): Machine {
    return this.engine.machine;
  }

  /** The PMUs, in the order in which they were composed. */
  get pmus(): readonly EventPmu[] {
    return this.engine.pmus;
  }

  /** Every event that has not been closed, those that children inherited included. A copy. */
  get all(): ReadonlySet<PmuEvent> {
    return this.engine.all;
  }

  /**
   * Opens an event. Refused in this order: no such PMU ENOENT; the PMU's own reasons; `confirm`; an offline CPU ENODEV;
   * a task that has exited ESRCH; the rules of groups EINVAL. A refusal leaves nothing behind.
   */
  open(attr: EventAttr, target: EventTarget, options: OpenOptions = {}): PmuEvent {
    const pmu = this.pmus.find(({ type }) => type === attr.type);
    if (pmu === undefined) {
      const known = this.pmus.map(({ name, type }) => `${name} ${type}`).join(', ');
      throw coreError('EVENT_NO_PMU', `no PMU counts events of type ${attr.type}; this kernel has ${known}`, {
        type: attr.type,
      });
    }
    const event = this.engine.create(attr, pmu, target, options.handler ?? NO_HANDLER);
    const { owner = 'events', privileged = true, confirm } = options;
    const ready = pmu.init(event, { attr, owner, privileged, confirm: () => confirm?.() });
    try {
      this.#checkPlace(target);
      if (options.leader !== undefined) joinGroup(event, recordOf(options.leader));
    } catch (error) {
      event.state = EVENT_STATE.DEAD;
      pmu.destroy(event);
      throw error;
    }
    if (ready) this.engine.install(event);
    else this.engine.remember(event);
    return event;
  }

  /** Closes an event, and what children inherited of it. */
  close(event: PmuEvent): void {
    this.engine.close(recordOf(event));
  }

  /** Lets it count. Also one in error, which tries again; never one that has ended. */
  enable(event: PmuEvent, group = false): void {
    this.#each(event, group, (one) => this.engine.enable(one));
  }

  /** Keeps it from counting. A leader takes its group along. */
  disable(event: PmuEvent, group = false): void {
    this.#each(event, group, (one) => this.engine.disable(one));
  }

  /** Sets counts to zero, but for those of children that have ended; times and the phase of a period stay. */
  reset(event: PmuEvent, group = false): void {
    this.#each(event, group, (one) => {
      if (isActive(one)) one.pmu.read(one);
      one.count = 0;
    });
  }

  /**
   * Enables it for `overflows` more overflows, after which it turns itself off. EINVAL if it does not overflow, or
   * inherits.
   */
  refresh(event: PmuEvent, overflows: number): void {
    const record = recordOf(event);
    checkRefresh(record, overflows);
    record.limit += overflows;
    this.engine.enable(record);
  }

  /** Gives it another period (or frequency). EINVAL if it has none, for 0, and beyond 63 bits or the sample rate. */
  setPeriod(event: PmuEvent, wanted: number | bigint): void {
    const record = recordOf(event);
    const period = checkPeriod(record, wanted, this.sampleRate);
    record.attr = { ...record.attr, sample_period: wanted };
    if (record.attr.freq !== true) record.samplePeriod = period;
    record.left = 0;
    if (!isActive(record)) return;
    record.stopped = false;
    if (this.#periodChangeOverflows) {
      if (record.context !== undefined) record.context.dirty = true;
      return;
    }
    record.lastPeriod = record.samplePeriod;
    record.left = -record.samplePeriod;
  }

  /** Changes what a breakpoint's event watches (not its children): see `Breakpoints.modify`. */
  modify(event: PmuEvent, change: BreakpointChange, options: ModifyOptions = {}): void {
    const record = recordOf(event);
    record.pmu.modify(record, change, options);
  }

  /** Replaces attributes that concern neither its PMU nor when it counts, such as what its signal carries. */
  setAttr(event: PmuEvent, attr: EventAttr): void {
    recordOf(event).attr = attr;
  }

  /**
   * Takes it off, and lets it on again if that is wanted: as Linux ends a modification, whatever came of it. Not its
   * children.
   */
  restart(event: PmuEvent, wanted: boolean): void {
    this.engine.pause(
      recordOf(event),
      () => {},
      () => wanted,
    );
  }

  /**
   * Calls the event's {@link WakeupHandler} with `in`, for something to read that no overflow brought: once the
   * exceptions in progress on `cpu` are over, and together with a wake-up that is on the way.
   */
  wake(event: PmuEvent, cpu: Cpu): void {
    this.engine.overflow.wake(recordOf(event), cpu, 'in');
  }

  /** What it has counted by itself, without children. */
  readOwn(event: PmuEvent): EventReading {
    const record = recordOf(event);
    if (isActive(record)) record.pmu.read(record);
    const { count, enabled, running } = record;
    return { count, enabled, running };
  }

  /** What it has counted, children included. */
  read(event: PmuEvent): EventReading {
    const record = recordOf(event);
    let count = record.childCount;
    let enabled = record.childEnabled;
    let running = record.childRunning;
    for (const one of [record, ...record.children]) {
      if (isActive(one)) one.pmu.read(one);
      count += one.count;
      enabled += one.enabled;
      running += one.running;
    }
    return { count, enabled, running };
  }

  #each(event: PmuEvent, group: boolean, action: (event: EventRecord) => void): void {
    const record = recordOf(event);
    const chosen = group ? [record.leader, ...record.leader.siblings] : [record];
    for (const one of chosen) {
      action(one);
      for (const child of one.children) action(child);
    }
  }

  #checkPlace({ task, cpu }: EventTarget): void {
    if (cpu >= 0 && task === undefined && !this.machine.cpu(cpu).online) {
      throw coreError('HWBP_CPU_OFFLINE', `CPU ${cpu} is offline; bring it online first`, { cpu });
    }
    if (task !== undefined && !task.alive) {
      throw coreError('HWBP_TASK_GONE', `task ${task} has exited`, { pid: task.pid });
    }
  }
}

function joinGroup(event: EventRecord, leader: EventRecord): void {
  const refuse = (why: string): never => {
    throw coreError('EVENT_BAD_GROUP', `${event} cannot join the group of ${leader}: ${why}`);
  };
  if (hasEnded(leader)) refuse('that one has ended');
  if (leader.leader !== leader) refuse('that one is itself a member of a group: name its leader');
  if (leader.cpu !== event.cpu) refuse('they are for different CPUs');
  if (leader.task !== event.task) refuse('they are for different tasks');
  if (event.exclusive || event.pinned) refuse('only a leader can be pinned or exclusive');
  event.leader = leader;
}
