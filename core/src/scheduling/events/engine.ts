import type { Cpu } from '../../hardware/index.js';
import type { HotplugReason, Machine, Task } from '../../kernel/index.js';
import { DenseSet } from '../../registers/index.js';
import type { EventAttr } from './attr.js';
import { Contexts } from './contexts.js';
import { distinct } from './distinct.js';
import type { OverflowHandler } from './event.js';
import type { EventContext } from './event-context.js';
import { EventRecord } from './event-record.js';
import { addToContext, endState, hasEnded, leaveGroup, takeFromContext } from './membership.js';
import type { EventsParts, EventTarget } from './open-options.js';
import { Overflow } from './overflow.js';
import type { EventPmu, PmuHost } from './pmu.js';
import { SUSPEND_LOSES_CPU_EVENTS, USED_UP_STAYS_STOPPED } from './quirks.js';
import { EVENT_STATE } from './state.js';
import { take } from './take.js';

const { DEAD, EXIT, ERROR, OFF, INACTIVE, ACTIVE } = EVENT_STATE;
const NOBODY: readonly EventRecord[] = [];

/** Every event of a kernel, and what happens to each: the mechanism behind `Events`. */
export class Engine {
  readonly machine: Machine;
  readonly overflow: Overflow;
  /** What each task and CPU counts. */
  readonly contexts: Contexts;
  readonly pmus: readonly EventPmu[];
  readonly #parts: EventsParts;
  readonly #all = new DenseSet<EventRecord>();
  /** Those that wait for what they count with, and so are in no context. */
  readonly #waiting = new Set<EventRecord>();
  #ids = 0;

  constructor(parts: EventsParts) {
    this.#parts = parts;
    this.machine = parts.machine;
    this.overflow = new Overflow({
      machine: parts.machine,
      tick: parts.tick,
      mostPerTick: Math.ceil((parts.sampleRate * parts.tick) / 1e9),
      disable: (event) => this.disable(event),
      handlerThrew: parts.handlerThrew,
    });
    this.pmus = distinct(parts.pmus.map((create) => create(this.#host())));
    this.contexts = new Contexts(parts.machine, {
      pmus: this.pmus,
      begin: (event) => this.#begin(event),
      refused: (event, error) => parts.logger.log('debug', `${event} found no room: ${String(error)}`),
    });
  }

  /** Every event that has not been closed, those that children inherited included. A copy. */
  get all(): ReadonlySet<EventRecord> {
    return new Set(this.#all.items);
  }

  /** Events that there ever were: the id of the latest. @settable */
  get ids(): number {
    return this.#ids;
  }

  set ids(count: number) {
    this.#ids = count;
  }

  /** An event in no context. */
  create(
    attr: EventAttr,
    pmu: EventPmu,
    { task, cpu }: EventTarget,
    handler: OverflowHandler,
    parent?: EventRecord,
  ): EventRecord {
    const init = { id: ++this.#ids, attr, pmu, task, cpu, handler };
    return new EventRecord(parent === undefined ? init : { ...init, parent });
  }

  /** It is open, and has to wait. */
  remember(event: EventRecord): void {
    if (hasEnded(event)) return;
    this.#all.add(event);
    this.#waiting.add(event);
  }

  /** The events of a task: those in its context, and those that wait. */
  eventsOf(task: Task): readonly EventRecord[] {
    const there = this.contexts.peekTask(task)?.events() ?? [];
    if (this.#waiting.size === 0) return there;
    return [...there, ...[...this.#waiting].filter((event) => event.task === task)];
  }

  /**
   * Puts an event into the context of its task or CPU, if it is in none; counts if it may. One that has ended stays so.
   */
  install(event: EventRecord): void {
    if (this.#waiting.size > 0) this.#waiting.delete(event);
    if (event.context !== undefined || hasEnded(event)) return;
    const { task, cpu } = event;
    const context = task === undefined ? this.contexts.cpu(cpu).own : this.contexts.task(task);
    this.#all.add(event);
    if (task !== undefined && !task.alive) {
      event.enter(endState(event, EXIT));
      return;
    }
    addToContext(event, context);
    if (event.effectiveState >= INACTIVE) this.contexts.schedule(event, true);
  }

  /** Takes an event off and out of its context, to be installed again. */
  withdraw(event: EventRecord): void {
    this.contexts.off(event);
    const { leader } = event;
    takeFromContext(event);
    if (leader !== event) take(leader.siblings, event);
    if (!hasEnded(event)) this.#waiting.add(event);
  }

  /** Closes an event, and what children inherited of it. */
  close(event: EventRecord): void {
    if (event.state === DEAD) return;
    if (event.parent !== undefined) {
      this.#closeChild(event);
      return;
    }
    this.#end(event, DEAD, true);
    this.#all.remove(event);
    for (const child of [...event.children]) this.#closeChild(child);
    event.pmu.destroy(event);
  }

  /** Takes an event off, lets `change` rewrite it, and enables it if it is then `wanted`. Not its children. */
  pause(event: EventRecord, change: () => void, wanted: () => boolean): void {
    this.disable(event);
    change();
    if (wanted()) this.enable(event);
  }

  /** Lets it count. Also one in error, which tries again; never one that has ended. */
  enable(event: EventRecord): void {
    if (event.state >= INACTIVE || event.state < ERROR) return;
    if (event.state === ERROR) event.enter(OFF);
    event.enter(INACTIVE);
    this.contexts.schedule(event);
  }

  /** Keeps it from counting. */
  disable(event: EventRecord): void {
    if (event.state < INACTIVE) return;
    this.contexts.off(event);
    event.enter(OFF);
  }

  /** For a child: an event like the parent's. Throws what the PMU refuses. */
  inherit(from: EventRecord, { privileged }: Task, child: Task, leader: EventRecord | undefined): EventRecord {
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
    if (ready) addToContext(event, this.contexts.task(child));
    else this.#waiting.add(event);
    parent.listener?.child(parent, event, true);
    return event;
  }

  /** The task of an event has exited, or an exec removes it. */
  exit(event: EventRecord): void {
    if (event.parent === undefined) this.#end(event, EXIT, false);
    else this.#closeChild(event);
  }

  /** True where a suspend loses the events of CPUs, as in Linux. */
  get suspendLoses(): boolean {
    return this.#parts.quirks.isOn(SUSPEND_LOSES_CPU_EVENTS);
  }

  /** A CPU's events go off with their CPU, and those that counted are said to be lost. */
  loseAll(own: EventContext, why: HotplugReason): void {
    for (const event of own.events()) {
      if (this.contexts.takeLate(event)) continue;
      const counted = event.state > OFF;
      this.#lose(event);
      if (!counted) continue;
      const what = this.#parts.lost(event);
      const when = why === 'suspend' ? ' for a suspend' : '';
      this.#parts.logger.log('warn', `CPU ${event.cpu} went offline${when}: ${what} is lost, its slot stays taken`);
    }
  }

  /** The last CPU loses its power: in Linux nobody cares for its own events, and nobody is told. */
  suspendLast({ index }: Cpu): void {
    const own = this.contexts.peek(index)?.own;
    if (own !== undefined && this.suspendLoses) for (const event of own.events()) this.#lose(event);
  }

  [Symbol.dispose](): void {
    for (const event of this.all) if (event.parent === undefined) this.close(event);
    for (const pmu of this.pmus) pmu.dispose();
  }

  #lose(event: EventRecord): void {
    this.contexts.off(event);
    if (event.state > OFF) event.enter(OFF);
  }

  #host(): PmuHost {
    return {
      machine: this.#parts.machine,
      logger: this.#parts.logger,
      occur: (event, n, occurrence) => this.overflow.occur(event as EventRecord, n, occurrence),
      overflow: (event, occurrence, period) => this.overflow.overflow(event as EventRecord, occurrence, period),
      install: (event) => this.install(event as EventRecord),
      withdraw: (event) => this.withdraw(event as EventRecord),
      disable: (event) => this.disable(event as EventRecord),
      pause: (event, change, wanted) => this.pause(event as EventRecord, change, wanted),
    };
  }

  #closeChild(child: EventRecord): void {
    const parent = child.parent as EventRecord;
    const at = parent.children.indexOf(child);
    if (at < 0) return;
    this.#end(child, DEAD, true);
    parent.children.splice(at, 1);
    parent.childCount += child.count;
    parent.childEnabled += child.enabled;
    parent.childRunning += child.running;
    this.#all.remove(child);
    parent.listener?.child(parent, child, false);
    child.pmu.destroy(child);
  }

  #end(event: EventRecord, state: typeof DEAD | typeof EXIT, ungroup: boolean): void {
    if (hasEnded(event) && state !== DEAD) return;
    this.overflow.forget(event);
    if (this.#waiting.size > 0) this.#waiting.delete(event);
    const { context } = event;
    if (context !== undefined) {
      const cpu = this.contexts.cpuOf(context);
      // Members of a group that ends go on as groups of their own; those of a group that stays one stop with their
      // leader.
      if (!ungroup && event.leader === event) cpu?.groupOut(event);
      else cpu?.eventOut(event);
      takeFromContext(event);
    }
    if (ungroup) leaveGroup(event, this.#waitingMembers(event));
    event.enter(endState(event, state));
  }

  /** Members of a group that wait, and so are not among its leader's siblings. */
  #waitingMembers(leader: EventRecord): readonly EventRecord[] {
    if (this.#waiting.size === 0) return NOBODY;
    return [...this.#waiting].filter((event) => event.leader === leader);
  }

  /** It begins to count (again). */
  #begin(event: EventRecord): void {
    if (event.throttled) this.overflow.unthrottled(event);
    if (event.stopped && !this.#parts.quirks.isOn(USED_UP_STAYS_STOPPED)) event.stopped = false;
  }
}

/** True for one that counts now. */
export function isActive({ state }: EventRecord): boolean {
  return state === ACTIVE;
}
