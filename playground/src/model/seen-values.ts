import { type AddressSpace, HW_BREAKPOINT_W, type Kernel, type Registration, type Task } from '@hwbp/core';
import { valueAt } from './memory-value.js';
import type { Scenario } from './scenario.js';

/** Bytes that registers watch, and what was in them. */
interface Place {
  readonly installed: Set<Registration>;
  /** Each write there is a hit. */
  complete: boolean;
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
  /** Those of breakpoints that are in their registers. */
  readonly #installed = new Map<Registration, Place>();

  constructor(kernel: Kernel, space: Scenario['space']) {
    this.#kernel = kernel;
    this.#space = space;
  }

  /** In its register from now on. */
  installed(registration: Registration): void {
    const place = this.#placeOf(registration);
    this.#installed.set(registration, place);
    place.installed.add(registration);
    place.complete = this.#seesAll(place, registration);
    this.#look(place, registration, registration.task);
  }

  /** In its register no more: nobody knows what is written from now on. */
  uninstalled(registration: Registration): void {
    const place = this.#installed.get(registration);
    this.#installed.delete(registration);
    if (place === undefined) return;
    place.installed.delete(registration);
    place.complete = false;
    place.values.clear();
  }

  /** It was hit, on behalf of a task. */
  hit(registration: Registration, task: Task | undefined): SeenValue {
    const place = this.#installed.get(registration);
    if (place === undefined) return { before: undefined, now: undefined };
    const memory = this.#memoryOf(task);
    const before = memory === undefined ? undefined : place.values.get(memory);
    return { before, now: this.#look(place, registration, task) };
  }

  #look({ complete, values }: Place, { attr }: Registration, task: Task | undefined): bigint | undefined {
    const memory = this.#memoryOf(task);
    if (memory === undefined) return undefined;
    const value = valueAt(memory, attr.bp_addr, attr.bp_len);
    if (complete && value !== undefined) values.set(memory, value);
    return value;
  }

  /** Every write is a hit: of a task with memory of its own, or on whatever CPU. */
  #seesAll({ installed }: Place, { attr, task }: Registration): boolean {
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
      place = { installed: new Set(), values: new Map(), complete: false };
      this.#places.set(key, place);
    }
    return place;
  }
}
