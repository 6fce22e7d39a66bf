import { coreError } from '../../errors/index.js';
import type { Machine, Task } from '../../kernel/index.js';
import type { BreakpointChange, ModifyOptions } from '../../registers/index.js';
import type { EventAttr } from './attr.js';
import { checkPeriod, checkRefresh } from './check-sampling.js';
import { distinct } from './distinct.js';
import { type OverflowHandler, PmuEvent } from './event.js';
import { EventList } from './event-list.js';
import { Lanes } from './lanes.js';
import { addToContext, endState, hasEnded, leaveGroup, takeFromContext } from './membership.js';
import type { EventReading, EventsParts, EventTarget, OpenOptions } from './open-options.js';
import { Overflow } from './overflow.js';
import type { EventPmu, PmuHost } from './pmu.js';
import { PERIOD_CHANGE_OVERFLOWS, USED_UP_STAYS_DEAF } from './quirks.js';
import { EVENT_STATE } from './state.js';
import { take } from './take.js';

const { DEAD, EXIT, ERROR, OFF, INACTIVE, ACTIVE } = EVENT_STATE;

const NO_HANDLER: OverflowHandler = () => {};

/**
 * The events engine: counters of any PMU for tasks and CPUs, with groups, priorities, rotation, periods and inheritance (Linux:
 * kernel/events/core.c). Injected with the token `EVENTS` where a kernel was composed with it.
 */
export class Events {
  readonly machine: Machine;
  readonly overflow: Overflow;
  readonly #parts: EventsParts;
  readonly #pmus: readonly EventPmu[];
  /** @internal What each CPU counts. */
  readonly lanes: Lanes;
  readonly #all = new EventList();
  #ids = 0;

  /** Use `perfEvents`. */
  constructor(parts: EventsParts) {
    this.#parts = parts;
    this.machine = parts.machine;
    this.overflow = new Overflow({
      machine: parts.machine,
      tick: parts.tick,
      mostPerTick: Math.ceil((parts.sampleRate * parts.tick) / 1e9),
      disable: (event) => this.#disable(event),
      handlerThrew: parts.handlerThrew,
    });
    const host: PmuHost = {
      machine: parts.machine,
      logger: parts.logger,
      occur: (event, n, occurrence) => this.overflow.occur(event, n, occurrence),
      overflow: (event, occurrence, period) => this.overflow.overflow(event, occurrence, period),
    };
    this.#pmus = distinct(parts.pmus.map((create) => create(host)));
    this.lanes = new Lanes(parts.machine, {
      pmus: this.#pmus,
      begin: (event) => this.#begin(event),
      refused: (event, error) => parts.logger.log('debug', `${event} found no room: ${String(error)}`),
    });
  }

  /** The PMUs, in the order in which they were composed. */
  get pmus(): readonly EventPmu[] {
    return this.#pmus;
  }

  /** Most overflows a second that a frequency may ask for. */
  get sampleRate(): number {
    return this.#parts.sampleRate;
  }

  /** Every event that has not been closed, those that children inherited included. */
  get all(): ReadonlySet<PmuEvent> {
    return this.#all.all;
  }

  /**
   * Opens an event. Refused in this order: no such PMU ENOENT; the PMU's own reasons; `confirm`; an offline CPU ENODEV; a task that
   * has exited ESRCH; the rules of groups EINVAL. A refusal leaves nothing behind.
   */
  open(attr: EventAttr, target: EventTarget, options: OpenOptions = {}): PmuEvent {
    const pmu = this.#pmus.find(({ type }) => type === attr.type);
    if (pmu === undefined) {
      const known = this.#pmus.map(({ name, type }) => `${name} ${type}`).join(', ');
      throw coreError('EVENT_NO_PMU', `no PMU counts events of type ${attr.type}; this kernel has ${known}`, {
        type: attr.type,
      });
    }
    const event = this.create(attr, pmu, target, options.handler ?? NO_HANDLER);
    const { owner = 'events', privileged = true, confirm } = options;
    const ready = pmu.init(event, { attr, owner, privileged, confirm: () => confirm?.() });
    try {
      this.#checkPlace(target);
      if (options.leader !== undefined) this.#joinGroup(event, options.leader);
    } catch (error) {
      event.state = DEAD;
      pmu.destroy(event);
      throw error;
    }
    if (ready) this.install(event);
    else this.#all.add(event);
    return event;
  }

  /** Closes an event, and what children inherited of it. */
  close(event: PmuEvent): void {
    if (event.state === DEAD) return;
    this.end(event);
    event.pmu.destroy(event);
  }

  /** @internal Closes an event whose PMU has let it go. */
  end(event: PmuEvent): void {
    if (event.state === DEAD) return;
    if (event.parent !== undefined) {
      this.#endChild(event);
      return;
    }
    this.#end(event, DEAD, true);
    this.#all.remove(event);
    for (const child of [...event.children]) {
      this.#endChild(child);
      child.pmu.destroy(child);
    }
  }

  /** @internal Takes an event off, lets `change` rewrite it, and enables it if it is then `wanted`. Not its children. */
  pause(event: PmuEvent, change: () => void, wanted: () => boolean): void {
    this.#disable(event);
    change();
    if (wanted()) this.#enable(event);
  }

  /** Lets it count. Also one in error, which tries again; never one that has ended. */
  enable(event: PmuEvent, group = false): void {
    this.#each(event, group, (one) => this.#enable(one));
  }

  /** Keeps it from counting. A leader takes its group along. */
  disable(event: PmuEvent, group = false): void {
    this.#each(event, group, (one) => this.#disable(one));
  }

  /** Sets counts to zero, but for those of children that have ended; times and the phase of a period stay. */
  reset(event: PmuEvent, group = false): void {
    this.#each(event, group, (one) => {
      if (one.state === ACTIVE) one.pmu.read(one);
      one.count = 0;
    });
  }

  /** Enables it for `overflows` more overflows, after which it turns itself off. EINVAL if it does not overflow, or inherits. */
  refresh(event: PmuEvent, overflows: number): void {
    checkRefresh(event, overflows);
    event.limit += overflows;
    this.#enable(event);
  }

  /** Gives it another period (or frequency). EINVAL if it has none, for 0, and beyond 63 bits or the sample rate. */
  setPeriod(event: PmuEvent, wanted: number | bigint): void {
    const period = checkPeriod(event, wanted, this.sampleRate);
    event.attr = { ...event.attr, sample_period: wanted };
    if (event.attr.freq !== true) event.samplePeriod = period;
    const active = event.state === ACTIVE;
    event.left = 0;
    if (!active) return;
    event.stopped = false;
    if (this.#parts.quirks.isOn(PERIOD_CHANGE_OVERFLOWS)) {
      if (event.context !== undefined) event.context.dirty = true;
      return;
    }
    event.lastPeriod = event.samplePeriod;
    event.left = -event.samplePeriod;
  }

  /** Changes what a breakpoint's event watches (not its children): see `Breakpoints.modify`. */
  modify(event: PmuEvent, change: BreakpointChange, options: ModifyOptions = {}): void {
    event.pmu.modify(event, change, options);
  }

  /** What it has counted, children included. */
  read(event: PmuEvent): EventReading {
    let count = event.childCount;
    let enabled = event.childEnabled;
    let running = event.childRunning;
    for (const one of [event, ...event.children]) {
      if (one.state === ACTIVE) one.pmu.read(one);
      count += one.count;
      enabled += one.enabled;
      running += one.running;
    }
    return { count, enabled, running };
  }

  /** @internal An event in no context. */
  create(attr: EventAttr, pmu: EventPmu, { task, cpu }: EventTarget, handler: OverflowHandler, parent?: PmuEvent) {
    const init = { id: ++this.#ids, attr, pmu, task, cpu, handler };
    return new PmuEvent(parent === undefined ? init : { ...init, parent });
  }

  /** @internal Puts an event into the context of its task or CPU, and counts if it may. */
  install(event: PmuEvent): void {
    const { task, cpu } = event;
    const context = task === undefined ? this.lanes.lane(cpu).own : this.lanes.contextOf(task);
    this.#all.add(event);
    if (task !== undefined && !task.alive) {
      event.enter(endState(event, EXIT));
      return;
    }
    addToContext(event, context);
    if (event.effectiveState >= INACTIVE) this.lanes.schedule(event, true);
  }

  /** @internal Takes an event off and out of its context, to be installed again. */
  withdraw(event: PmuEvent): void {
    this.lanes.off(event);
    const { leader } = event;
    takeFromContext(event);
    if (leader !== event) take(leader.siblings, event);
  }

  /** @internal For a child: an event like the parent's. Throws what the PMU refuses. */
  inherit(from: PmuEvent, { privileged }: Task, child: Task, leader: PmuEvent | undefined): PmuEvent {
    const parent = from.parent ?? from;
    const { attr, pmu, cpu, handler } = parent;
    const event = this.create(attr, pmu, { task: child, cpu }, handler, parent);
    const confirm = (): void => {};
    const ready = pmu.init(event, { attr, owner: 'inherited', privileged, confirm });
    // It follows the parent's state, not what was asked for when that was opened.
    event.state = from.state >= INACTIVE ? INACTIVE : OFF;
    event.pmu.stateChanged(event);
    if (attr.freq === true) event.samplePeriod = parent.samplePeriod;
    event.listener = parent.listener;
    if (leader !== undefined) event.leader = leader;
    parent.children.push(event);
    this.#all.add(event);
    if (ready) addToContext(event, this.lanes.contextOf(child));
    parent.listener?.child(parent, event, true);
    return event;
  }

  /** @internal The task of an event has exited, or an exec removes it. */
  exit(event: PmuEvent): void {
    if (event.parent === undefined) {
      this.#end(event, EXIT, false);
      return;
    }
    this.#endChild(event);
    event.pmu.destroy(event);
  }

  /** @internal A CPU's event goes off with its CPU. */
  lose(event: PmuEvent): void {
    this.lanes.off(event);
    if (event.state <= OFF) return;
    event.enter(OFF);
    this.#parts.lost(event);
  }

  dispose(): void {
    for (const event of this.#all.all) if (event.parent === undefined) this.close(event);
    for (const pmu of this.#pmus) pmu.dispose();
  }

  // --- what happens to one event ---

  #endChild(child: PmuEvent): void {
    const parent = child.parent as PmuEvent;
    const at = parent.children.indexOf(child);
    if (at < 0) return;
    this.#end(child, DEAD, true);
    parent.children.splice(at, 1);
    parent.childCount += child.count;
    parent.childEnabled += child.enabled;
    parent.childRunning += child.running;
    this.#all.remove(child);
    parent.listener?.child(parent, child, false);
  }

  #end(event: PmuEvent, state: typeof DEAD | typeof EXIT, ungroup: boolean): void {
    if (hasEnded(event) && state !== DEAD) return;
    this.overflow.forget(event);
    const { context } = event;
    if (context !== undefined) {
      const lane = this.lanes.laneOf(context);
      // Members of a group that ends go on as groups of their own; those of a group that stays one stop with their leader.
      if (!ungroup && event.leader === event) lane?.groupOut(event);
      else lane?.eventOut(event);
      takeFromContext(event);
    }
    if (ungroup) leaveGroup(event);
    event.enter(endState(event, state));
  }

  /** It begins to count (again). */
  #begin(event: PmuEvent): void {
    if (event.throttled) this.overflow.heard(event);
    if (event.stopped && !this.#parts.quirks.isOn(USED_UP_STAYS_DEAF)) event.stopped = false;
  }

  #enable(event: PmuEvent): void {
    if (event.state >= INACTIVE || event.state < ERROR) return;
    if (event.state === ERROR) event.enter(OFF);
    event.enter(INACTIVE);
    this.lanes.schedule(event);
  }

  #disable(event: PmuEvent): void {
    if (event.state < INACTIVE) return;
    this.lanes.off(event);
    event.enter(OFF);
  }

  #each(event: PmuEvent, group: boolean, action: (event: PmuEvent) => void): void {
    const chosen = group ? [event.leader, ...event.leader.siblings] : [event];
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

  #joinGroup(event: PmuEvent, leader: PmuEvent): void {
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
}
