import { type AddressSpace, HW_BREAKPOINT_W, type Kernel, type Registration, type Task } from '@hwbp/core';
import { valueAt } from './memory-value.js';
import type { Scenario } from './scenario.js';

/** Bytes that registers watch, and what was in them. */
interface Place {
  readonly installed: Set<Registration>;
  /** By memory: when it was looked at last. No write has come in between that was not hit. */
  readonly values: Map<AddressSpace, bigint>;
}

/** What a hit finds. */
export interface SeenValue {
  /** `undefined`: a write may have come in between that nobody was told of. */
  readonly before: bigint | undefined;
  readonly now: bigint | undefined;
}

/**
 * What was in memory where registers watch before the latest hit. Silicon that tells behind the access says no such
 * thing: it is known from the hit before, as long as each write in between would have been one.
 */
export class SeenValues {
  readonly #kernel: Kernel;
  readonly #space: Scenario['space'];
  readonly #places = new Map<string, Place>();

  constructor(kernel: Kernel, space: Scenario['space']) {
    this.#kernel = kernel;
    this.#space = space;
  }

  /** In its register from now on. */
  installed(registration: Registration): void {
    const place = this.#placeOf(registration);
    place.installed.add(registration);
    this.#look(place, registration, registration.task);
  }

  /** In its register no more: nobody knows what is written from now on. */
  uninstalled(registration: Registration): void {
    const place = this.#placeOf(registration);
    place.installed.delete(registration);
    place.values.clear();
  }

  /** It was hit, on behalf of a task. */
  hit(registration: Registration, task: Task | undefined): SeenValue {
    const place = this.#placeOf(registration);
    const memory = this.#memoryOf(task);
    const before = memory === undefined ? undefined : place.values.get(memory);
    return { before, now: this.#look(place, registration, task) };
  }

  #look(place: Place, registration: Registration, task: Task | undefined): bigint | undefined {
    const { bp_addr, bp_len } = registration.attr;
    const memory = this.#memoryOf(task);
    const value = memory === undefined ? undefined : valueAt(memory, bp_addr, bp_len);
    if (memory !== undefined && value !== undefined && this.#sees(place, registration)) place.values.set(memory, value);
    return value;
  }

  /** Every write is a hit: of a task with memory of its own, or on whatever CPU. */
  #sees({ installed }: Place, { attr, task }: Registration): boolean {
    if ((attr.bp_type & HW_BREAKPOINT_W) === 0) return false;
    if (task !== undefined) return this.#space === 'user';
    const cpus = new Set([...installed].map(({ onCpu }) => onCpu));
    return this.#kernel.machine.onlineCpus.every(({ index }) => cpus.has(index));
  }

  #memoryOf(task: Task | undefined): AddressSpace | undefined {
    return this.#space === 'kernel' ? this.#kernel.machine.kernelMemory : task?.memory;
  }

  #placeOf({ attr: { bp_type, bp_addr, bp_len }, task, owner }: Registration): Place {
    const key = `${owner} ${task?.pid} ${bp_type} ${bp_addr} ${bp_len}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = { installed: new Set(), values: new Map() };
      this.#places.set(key, place);
    }
    return place;
  }
}
