import type { Cpu } from '@hwbp/core';
import { type GroupClass, ModelContext } from './context.js';
import type { ModelEvent } from './event.js';

/** What is scarce on a CPU, and what of it does not work. */
export interface Room {
  /** What an event takes one of while it is on: a register of some pool, a counter; `undefined`: nothing. */
  needs(event: ModelEvent): string | undefined;
  /** How many there are of it on each CPU. */
  limit(what: string): number;
  /** Putting the event on this CPU fails for another reason. */
  fails(event: ModelEvent, cpu: number): boolean;
}

/** What one CPU counts: the passes of spec 4.2 over its own context and over that of its current task. */
export class ModelCpu {
  readonly cpu: Cpu;
  readonly own = new ModelContext(true);
  /** The context of the current task. */
  current: ModelContext | undefined;
  readonly #room: Room;
  /** 4.4: of each hardware PMU, whether an exclusive event has it. */
  readonly #exclusive = new Set<string>();

  constructor(cpu: Cpu, room: Room) {
    this.cpu = cpu;
    this.#room = room;
    if (cpu.online) this.own.enter(cpu);
  }

  /** Everything that is on. */
  get active(): readonly ModelEvent[] {
    const events = [...this.own.events, ...(this.current?.events ?? [])];
    return events.filter(({ state }) => state === 'ACTIVE').sort((a, b) => a.id - b.id);
  }

  // --- what makes it schedule (4.2) ---

  /** The current task leaves: its events go off, the CPU's stay. */
  switchOut(): void {
    const { current } = this;
    if (current === undefined) return;
    this.#classOut(current, 'flexible');
    this.#classOut(current, 'pinned');
    current.leave();
    this.current = undefined;
  }

  /** A task comes: before its pinned groups the CPU's flexible ones stand back. */
  switchIn(next: ModelContext): void {
    this.current = next;
    next.enter(this.cpu);
    if (next.events.size === 0) return;
    if (next.groups.pinned.length > 0) this.#classOut(this.own, 'flexible');
    this.#passes();
  }

  /** Something of that class was added to a context that is here, or enabled in it. */
  reschedule(context: ModelContext, groups: GroupClass): void {
    const pinned = groups === 'pinned';
    for (const whose of [this.current, context.ofCpu ? this.own : undefined]) {
      if (whose === undefined) continue;
      this.#classOut(whose, 'flexible');
      if (pinned) this.#classOut(whose, 'pinned');
    }
    if (pinned) this.#classOut(this.own, 'flexible');
    this.#passes();
  }

  /** 4.6: a tick, if a pass since the last one left a flexible group outside. */
  rotate(): void {
    const { own, current } = this;
    const mine = own.rotate ? this.#nextToRotate(own) : undefined;
    const its = current?.rotate ? this.#nextToRotate(current) : undefined;
    own.rotate = false;
    if (current !== undefined) current.rotate = false;
    if (mine === undefined && its === undefined) return;
    if (current !== undefined) this.#classOut(current, 'flexible');
    if (mine !== undefined) {
      this.#classOut(own, 'flexible');
      toTail(own, mine);
    }
    if (current !== undefined && its !== undefined) toTail(current, its);
    this.#pass(own, 'flexible');
    if (current !== undefined) this.#pass(current, 'flexible');
  }

  /** Takes an event off; a leader takes its group along. */
  out(event: ModelEvent): void {
    const group = event.leader === event ? event.group : [event];
    for (const one of group) this.#off(one);
  }

  /** Takes one event off, and lets its group be. */
  outAlone(event: ModelEvent): void {
    this.#off(event);
  }

  // --- passes ---

  /** The first flexible group that is on, or else the first that could be. */
  #nextToRotate({ groups: { flexible } }: ModelContext): ModelEvent | undefined {
    const here = flexible.filter(({ cpu }) => cpu === -1 || cpu === this.cpu.index);
    return here.find(({ state }) => state === 'ACTIVE') ?? here[0];
  }

  #classOut(context: ModelContext, groups: GroupClass): void {
    if (groups === 'flexible') context.rotate = false;
    for (const leader of context.groups[groups]) for (const one of leader.group) this.#off(one);
  }

  /** The four classes in order. */
  #passes(): void {
    const contexts = [this.own, ...(this.current === undefined ? [] : [this.current])];
    for (const groups of ['pinned', 'flexible'] as const) {
      for (const context of contexts) this.#pass(context, groups);
    }
  }

  /** Tries every group of a class that is not on, in order. */
  #pass(context: ModelContext, groups: GroupClass): void {
    if (context.cpu === undefined) return;
    /** Hardware PMUs of which a group has failed in this pass. */
    const full = new Set<string>();
    for (const leader of context.groups[groups]) {
      if (leader.state !== 'INACTIVE' || (leader.cpu >= 0 && leader.cpu !== this.cpu.index)) continue;
      if (this.#mayGoOn(leader, context, groups, full) && this.#groupIn(leader)) continue;
      if (groups === 'pinned') leader.state = 'ERROR';
      else context.rotate = true;
      if (leader.home !== undefined) full.add(leader.home);
    }
  }

  #mayGoOn(leader: ModelEvent, context: ModelContext, groups: GroupClass, full: ReadonlySet<string>): boolean {
    const pmu = leader.home;
    if (pmu === undefined) return true;
    if (this.#exclusive.has(pmu)) return false;
    const beside = context.groups[groups].some((other) => other.home === pmu && other.state === 'ACTIVE');
    return !(leader.exclusive && beside) && !full.has(pmu);
  }

  /** All or nothing. */
  #groupIn(leader: ModelEvent): boolean {
    const added: ModelEvent[] = [];
    for (const event of leader.group) {
      if (event.state !== 'INACTIVE') continue;
      if (!this.#fits(event)) {
        for (const one of added) this.#off(one);
        return false;
      }
      event.state = 'ACTIVE';
      event.stopped = false;
      if (event.exclusive && leader.home !== undefined) this.#exclusive.add(leader.home);
      added.push(event);
    }
    return true;
  }

  #fits(event: ModelEvent): boolean {
    if (this.#room.fails(event, this.cpu.index)) return false;
    const what = this.#room.needs(event);
    if (what === undefined) return true;
    return this.active.filter((other) => this.#room.needs(other) === what).length < this.#room.limit(what);
  }

  #off(event: ModelEvent): void {
    if (event.state !== 'ACTIVE') return;
    event.state = 'INACTIVE';
    const pmu = event.leader.home;
    if (pmu === undefined) return;
    const left = this.active.some((other) => other.hardware && other.leader.home === pmu);
    if (event.exclusive || !left) this.#exclusive.delete(pmu);
  }
}

function toTail({ groups: { flexible } }: ModelContext, leader: ModelEvent): void {
  flexible.splice(flexible.indexOf(leader), 1);
  flexible.push(leader);
}
