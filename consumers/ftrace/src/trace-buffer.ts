import { bits, EXECUTION_CONTEXTS, type ImageReader, type ImageValue } from '@hwbp/core';
import { ACCESS_TYPES } from './access-type.js';
import type { KsymRecord } from './record.js';

/** Records that a new buffer holds. */
const DEFAULT_CAPACITY = 65_536;

/** The latest records of a kernel, in the order in which they were made. A full buffer overwrites its oldest record. */
export class TraceBuffer {
  #ring: KsymRecord[] = [];
  /** Where the oldest record is once the ring is full; 0 before. */
  #oldest = 0;
  #capacity = DEFAULT_CAPACITY;
  #lost = 0;

  /** Records that were overwritten before anybody read or cleared them. */
  get lost(): number {
    return this.#lost;
  }

  get length(): number {
    return this.#ring.length;
  }

  /** Number of records it holds at most. */
  get capacity(): number {
    return this.#capacity;
  }

  /**
   * Keeps the newest records that fit; the others count as lost. Throws a TypeError unless it is a whole number from 1.
   */
  set capacity(capacity: number) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new TypeError(
        `the capacity of a trace buffer is a whole number of records from 1, got ${String(capacity)}`,
      );
    }
    const kept = this.records.slice(-capacity);
    this.#lost += this.#ring.length - kept.length;
    this.#ring = kept;
    this.#oldest = 0;
    this.#capacity = capacity;
  }

  /** A copy of the records, oldest first. */
  get records(): KsymRecord[] {
    return [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)];
  }

  add(record: KsymRecord): void {
    if (this.#ring.length < this.#capacity) {
      this.#ring.push(record);
      return;
    }
    this.#ring[this.#oldest] = record;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
    this.#lost++;
  }

  /** Takes the records out, oldest first. What was lost stays counted. */
  drain(): KsymRecord[] {
    const { records } = this;
    this.#ring = [];
    this.#oldest = 0;
    return records;
  }

  /** What is in it, and what was lost. */
  save(): ImageValue {
    const records = this.records.map((record) => ({
      ...record,
      ip: bits(record.ip),
      pc: bits(record.pc),
      address: bits(record.address),
    }));
    return { capacity: this.#capacity, lost: this.#lost, records };
  }

  /** The way back. */
  restore(from: ImageReader): void {
    this.drain();
    this.capacity = from.field('capacity').number(1);
    for (const one of from.field('records').list()) {
      this.add(
        Object.freeze({
          timestamp: one.field('timestamp').number(),
          cpu: one.field('cpu').number(),
          pid: one.field('pid').number(),
          comm: one.field('comm').text(),
          ip: one.field('ip').bits(),
          pc: one.field('pc').bits(),
          type: one.field('type').oneOf(...ACCESS_TYPES),
          address: one.field('address').bits(),
          symbol: one.field('symbol').text(),
          context: one.field('context').oneOf(...EXECUTION_CONTEXTS),
          irqsOff: one.field('irqsOff').flag(),
        }),
      );
    }
    this.#lost = from.field('lost').number();
  }

  /** Forgets the records and what was lost. */
  clear(): void {
    this.drain();
    this.#lost = 0;
  }
}
