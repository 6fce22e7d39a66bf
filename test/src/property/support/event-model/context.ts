import type { Cpu } from '@hwbp/core';
import type { ModelEvent } from './event.js';

/** The two halves of a context (spec 4.1). */
export type GroupClass = 'pinned' | 'flexible';

/** The events of one task or one CPU. Its time advances while it is on a CPU. */
export class ModelContext {
  /** True for a CPU's. */
  readonly ofCpu: boolean;
  readonly events = new Set<ModelEvent>();
  /** Leaders in the order in which they are tried. */
  readonly groups: Readonly<Record<GroupClass, ModelEvent[]>> = { pinned: [], flexible: [] };
  /** The latest pass over the flexible groups left one outside (4.2, 4.6). */
  rotate = false;
  #cpu: Cpu | undefined;
  #since = 0;

  constructor(ofCpu: boolean) {
    this.ofCpu = ofCpu;
  }

  /** The CPU that it is on. */
  get cpu(): Cpu | undefined {
    return this.#cpu;
  }

  enter(cpu: Cpu): void {
    this.#cpu = cpu;
    this.#since = cpu.clock.now;
  }

  leave(): void {
    this.advance();
    this.#cpu = undefined;
  }

  /** Lets the time up to now pass for every event as its state has been until now. Call before any state changes. */
  advance(): void {
    if (this.#cpu === undefined) return;
    const { now } = this.#cpu.clock;
    const elapsed = now - this.#since;
    this.#since = now;
    for (const event of this.events) {
      if (!event.countsTime) continue;
      event.enabled += elapsed;
      if (event.state !== 'ACTIVE') continue;
      event.running += elapsed;
      if (event.counted.kind === 'clock') event.count += elapsed;
    }
  }

  add(event: ModelEvent): void {
    this.events.add(event);
    event.context = this;
    if (event.leader === event) this.groups[classOf(event)].push(event);
    else {
      event.leader.siblings.push(event);
      event.leader.home ??= event.home;
    }
  }

  /** The event leaves; a group that it led stays behind it. */
  remove(event: ModelEvent): void {
    this.events.delete(event);
    event.context = undefined;
    const list = this.groups[classOf(event)];
    const at = list.indexOf(event);
    if (at >= 0) list.splice(at, 1);
  }
}

export function classOf(leader: ModelEvent): GroupClass {
  return leader.pinned ? 'pinned' : 'flexible';
}
