import type { Cpu } from '../../hardware/index.js';
import { EventContext } from './event-context.js';
import type { EventRecord } from './event-record.js';
import { nextPeriod } from './period.js';
import type { EventPmu } from './pmu.js';
import { EVENT_STATE } from './state.js';

/** Which lists of a context: groups that are always on, groups that take turns. */
export const PINNED = 1;
export const FLEXIBLE = 2;
const ALL = PINNED | FLEXIBLE;

const { ERROR, OFF, INACTIVE, ACTIVE } = EVENT_STATE;

/** What the contexts of all CPUs have in common. */
export interface CpuContextParts {
  readonly pmus: readonly EventPmu[];
  /** An event begins to count. */
  begin(event: EventRecord): void;
  /** A PMU refused an event. */
  refused(event: EventRecord, error: unknown): void;
}

/**
 * What one CPU counts now: its own context, and that of the task that runs there. Groups are tried in the order CPU
 * pinned, task pinned, CPU flexible, task flexible; each goes on as a whole or not at all.
 */
export class CpuContext {
  readonly cpu: Cpu;
  readonly own: EventContext = new EventContext(undefined);
  task: EventContext | undefined;
  readonly #parts: CpuContextParts;
  /** PMUs that an exclusive group has for itself. */
  readonly #exclusive = new Set<EventPmu>();
  /** A guest is here, and its host's events are to be off meanwhile. */
  #guest = false;

  constructor(cpu: Cpu, parts: CpuContextParts) {
    this.cpu = cpu;
    this.#parts = parts;
    if (cpu.online) this.own.enter(cpu);
  }

  /** A context switch: the task's context that was here leaves, another one comes. */
  switch(next: EventContext | undefined): void {
    const previous = this.task;
    const changes = (previous !== undefined && previous.size > 0) || (next !== undefined && next.size > 0);
    if (changes) this.#hold();
    try {
      if (previous !== undefined) {
        if (previous.size > 0) this.out(previous, ALL);
        previous.leave();
      }
      this.task = next;
      if (next === undefined) return;
      next.enter(this.cpu);
      if (next.size === 0) return;
      // The CPU's flexible groups make room for the task's pinned ones.
      if (next.pinned.length > 0) this.out(this.own, FLEXIBLE);
      this.#inAll();
    } finally {
      if (changes) this.#release();
    }
  }

  /** A group was added or enabled: makes room for it by its priority, and tries everything that is not on. */
  reschedule(event: EventRecord): void {
    const context = event.context as EventContext;
    const lists = event.leader.pinned ? ALL : FLEXIBLE;
    if (this.#fits(event, context)) return;
    this.#change(() => {
      if (this.task !== undefined) this.out(this.task, lists);
      if (context === this.own) this.out(this.own, lists);
      else if ((lists & PINNED) !== 0) this.out(this.own, FLEXIBLE);
      this.#inAll();
    });
  }

  /** Takes every group that is on off, and tries all of a context's again: after an exec has enabled some. */
  rescheduleAll(): void {
    this.#change(() => {
      if (this.task !== undefined) this.out(this.task, ALL);
      this.out(this.own, FLEXIBLE);
      this.#inAll();
    });
  }

  /** The CPU goes, and is to be again as it was: nothing of its own counts meanwhile. */
  cleared(): void {
    this.#change(() => this.out(this.own, ALL));
  }

  /** A guest enters the CPU: nothing of its host's counts until {@link guestLeft}. */
  guestEntered(): void {
    this.#change(() => {
      this.#guest = true;
      if (this.task !== undefined) this.out(this.task, ALL);
      this.out(this.own, ALL);
    });
  }

  guestLeft(): void {
    this.#change(() => {
      this.#guest = false;
      this.#inAll();
    });
  }

  /** A tick: groups that found no room have their turn. */
  rotate(): void {
    const { own, task } = this;
    if (!own.rotate && task?.rotate !== true) return;
    const mine = own.rotate ? this.#nextToLeave(own) : undefined;
    const theirs = task?.rotate === true ? this.#nextToLeave(task) : undefined;
    // Who found no room may have gone since.
    own.rotate = false;
    if (task !== undefined) task.rotate = false;
    if (mine === undefined && theirs === undefined) return;
    this.#change(() => {
      if (task !== undefined) this.out(task, FLEXIBLE);
      if (mine !== undefined) {
        this.out(own, FLEXIBLE);
        toTail(own, mine);
      }
      if (task !== undefined && theirs !== undefined) toTail(task, theirs);
      this.#in(own, FLEXIBLE);
      if (task !== undefined) this.#in(task, FLEXIBLE);
    });
  }

  /** Does something with the flexible groups out of the way, then lets them on again. */
  aside(action: () => void): void {
    const { own, task } = this;
    this.#change(() => {
      this.out(own, FLEXIBLE);
      if (task !== undefined) this.out(task, FLEXIBLE);
      try {
        action();
      } finally {
        this.#in(own, FLEXIBLE);
        if (task !== undefined) this.#in(task, FLEXIBLE);
      }
    });
  }

  /** Takes groups off. */
  out(context: EventContext, lists: number): void {
    const { now } = context;
    if (lists === ALL) context.dirty = false;
    if ((lists & FLEXIBLE) !== 0) {
      context.rotate = false;
      this.#outEach(context.flexible, now);
    }
    if ((lists & PINNED) !== 0) this.#outEach(context.pinned, now);
  }

  /** Takes one group off: its leader and every member. */
  groupOut(leader: EventRecord, now = leader.context?.now): void {
    if (leader.state !== ACTIVE) return;
    this.eventOut(leader, now);
    for (const sibling of leader.siblings) this.eventOut(sibling, now);
  }

  eventOut(event: EventRecord, now = event.context?.now): void {
    if (event.state !== ACTIVE) return;
    event.pmu.remove(event);
    event.enter(INACTIVE, now);
    const { home } = event.leader;
    if (this.#exclusive.size === 0 || (!event.exclusive && this.#counts(home))) return;
    const dropped = this.#exclusive.delete(home);
    // A software event that is exclusive may still be on, and keeps others off again once it was off itself.
    if (dropped && !event.exclusive && event.context !== undefined) event.context.dirty = true;
  }

  /** True if the group is on, or does not have to go on, or went on without anything else having to move. */
  #fits(event: EventRecord, context: EventContext): boolean {
    const { leader } = event;
    const { own, task } = this;
    if (context.dirty || own.dirty || task?.dirty === true || own.rotate || task?.rotate === true) return false;
    if (event !== leader || leader.state !== INACTIVE || leader.home.kind !== 'software') return false;
    // Everybody who wants to be on is on: one more changes nothing for them.
    this.#change(() => this.#groupIn(leader, context));
    return (leader.state as number) === ACTIVE;
  }

  #inAll(): void {
    const { own, task } = this;
    this.#in(own, PINNED);
    if (task !== undefined) this.#in(task, PINNED);
    this.#in(own, FLEXIBLE);
    if (task !== undefined) this.#in(task, FLEXIBLE);
  }

  #in(context: EventContext, list: typeof PINNED | typeof FLEXIBLE): void {
    if (this.#guest) return;
    const groups = list === PINNED ? context.pinned : context.flexible;
    const { index } = this.cpu;
    // Hardware PMUs of which a group found no room in this pass: those behind it do not try.
    let crowded: Set<EventPmu> | undefined;
    for (let i = 0; i < groups.length; i++) {
      const leader = groups[i] as EventRecord;
      if (leader.state !== INACTIVE || (leader.cpu >= 0 && leader.cpu !== index)) continue;
      const { home } = leader;
      const mayTry = home.kind === 'software' || (crowded?.has(home) !== true && this.#mayTry(leader, groups));
      if (mayTry && this.#groupIn(leader, context)) continue;
      crowded ??= new Set();
      crowded.add(home);
      if (list === PINNED) leader.enter(ERROR);
      else context.rotate = true;
    }
  }

  /** What `exclusive` lets a group of a hardware PMU do; `groups`: the list that it is in. */
  #mayTry({ home, exclusive }: EventRecord, groups: readonly EventRecord[]): boolean {
    if (this.#exclusive.has(home)) return false;
    return !exclusive || !groups.some((other) => other.home === home && other.state === ACTIVE);
  }

  /** All of a group, or nothing of it. */
  #groupIn(leader: EventRecord, context: EventContext): boolean {
    const { now } = context;
    if (!this.#eventIn(leader, now)) return false;
    for (const sibling of leader.siblings) {
      if (sibling.state <= OFF || this.#eventIn(sibling, now)) continue;
      this.groupOut(leader, now);
      return false;
    }
    return true;
  }

  #eventIn(event: EventRecord, now: number): boolean {
    if (event.samplePeriod > 0) {
      event.lastPeriod = event.samplePeriod;
      nextPeriod(event);
    }
    try {
      if (!event.pmu.add(event, this.cpu)) return false;
    } catch (error) {
      this.#parts.refused(event, error);
      return false;
    }
    event.enter(ACTIVE, now);
    this.#parts.begin(event);
    if (event.exclusive) this.#exclusive.add(event.leader.home);
    return true;
  }

  #outEach(leaders: readonly EventRecord[], now: number): void {
    for (let i = 0; i < leaders.length; i++) this.groupOut(leaders[i] as EventRecord, now);
  }

  /** True if a hardware event counts here in a group of that PMU. */
  #counts(home: EventPmu): boolean {
    for (const context of [this.own, this.task]) {
      for (const { state, pmu, leader } of context?.events() ?? []) {
        if (state === ACTIVE && pmu.kind === 'hardware' && leader.home === home) return true;
      }
    }
    return false;
  }

  /** The flexible group that has been on longest; where none is on, the first. */
  #nextToLeave({ flexible }: EventContext): EventRecord | undefined {
    const here = flexible.filter(({ cpu }) => cpu < 0 || cpu === this.cpu.index);
    return here.find(({ state }) => state === ACTIVE) ?? here[0];
  }

  #change(change: () => void): void {
    this.#hold();
    try {
      change();
    } finally {
      this.#release();
    }
  }

  #hold(): void {
    const { pmus } = this.#parts;
    for (let i = 0; i < pmus.length; i++) (pmus[i] as EventPmu).disable(this.cpu);
  }

  #release(): void {
    const { pmus } = this.#parts;
    for (let i = 0; i < pmus.length; i++) (pmus[i] as EventPmu).enable(this.cpu);
  }
}

function toTail({ flexible }: EventContext, leader: EventRecord): void {
  flexible.push(...flexible.splice(flexible.indexOf(leader), 1));
}
