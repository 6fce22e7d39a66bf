import type { Hit, ImagePart, ImageReader, ImageValue } from '@hwbp/core';
import { type FilterParts, type KsymEntry, KsymFilter } from './ksym-filter.js';
import type { KsymRecord } from './record.js';
import { TraceBuffer } from './trace-buffer.js';

/** Called with each record as it is made, inside the debug exception of the access. */
export type RecordListener = (record: KsymRecord, hit: Hit) => void;

/** The tracers that can be selected. */
export const TRACERS = Object.freeze(['ksym_tracer', 'nop'] as const);
type TracerName = (typeof TRACERS)[number];

/** A name of 16 bytes with its terminating zero, as Linux stores it. */
const COMM_LENGTH = 15;

/** The tracer at work: the filter, the switches and the buffer. */
export class KsymTrace implements ImagePart {
  readonly filter: KsymFilter;
  readonly buffer = new TraceBuffer();
  /** What `tracing_on` says. */
  tracingOn = true;
  /** The trace option `latency-format`. */
  latencyFormat = false;
  #tracer: TracerName = 'nop';
  #listeners: ReadonlySet<RecordListener> = new Set();

  constructor(parts: FilterParts) {
    this.filter = new KsymFilter(parts, (entry, hit) => this.#record(entry, hit));
  }

  /** The selected tracer. */
  get tracer(): TracerName {
    return this.#tracer;
  }

  /**
   * Selects a tracer. Selecting ksym_tracer clears the buffer and lets it record; selecting another removes every entry
   * of the filter, and the records stay readable. Nothing happens if it is selected already.
   */
  select(tracer: TracerName): void {
    if (tracer === this.#tracer) return;
    this.#tracer = tracer;
    if (tracer === 'ksym_tracer') this.buffer.clear();
    else this.filter.clear();
  }

  /** All of it but the listeners, who are outside of the machine. */
  save(): ImageValue {
    const { filter, buffer, tracingOn, latencyFormat } = this;
    return { tracer: this.#tracer, tracingOn, latencyFormat, filter: filter.save(), buffer: buffer.save() };
  }

  restore(from: ImageReader): void {
    this.#tracer = from.field('tracer').oneOf(...TRACERS);
    this.tracingOn = from.field('tracingOn').flag();
    const latencyFormat = from.field('latencyFormat');
    this.latencyFormat = !latencyFormat.absent && latencyFormat.flag();
    this.filter.restore(from.field('filter'));
    this.buffer.restore(from.field('buffer'));
  }

  /** Adds a listener; returns the function that takes it away, after which it is not called again. */
  subscribe(listener: RecordListener): () => void {
    // A wrapper of its own, so that the same function can be added twice and taken away once.
    const entry: RecordListener = (record, hit) => listener(record, hit);
    this.#listeners = new Set([...this.#listeners, entry]);
    return () => {
      this.#listeners = new Set([...this.#listeners].filter((other) => other !== entry));
    };
  }

  /** Takes every listener away. */
  unsubscribeAll(): void {
    this.#listeners = new Set();
  }

  #record(entry: KsymEntry, hit: Hit): void {
    if (this.#tracer !== 'ksym_tracer' || !this.tracingOn) return;
    const { cpu, task } = hit;
    const record: KsymRecord = Object.freeze({
      timestamp: cpu.clock.now,
      cpu: cpu.index,
      // As ftrace shows a CPU that runs no task.
      pid: task?.pid ?? 0,
      comm: task?.comm.slice(0, COMM_LENGTH) ?? '<idle>',
      ip: hit.ip,
      pc: hit.pc,
      type: entry.type,
      address: entry.address,
      symbol: entry.symbol,
      context: hit.context,
      irqsOff: cpu.context.irqsOff,
    });
    this.buffer.add(record);
    this.filter.count(entry);
    this.#tell(record, hit);
  }

  /** Every listener is called; what they threw goes to the kernel's error channel, which names the breakpoint. */
  #tell(record: KsymRecord, hit: Hit): void {
    const errors: unknown[] = [];
    for (const listener of this.#listeners) {
      // One that an earlier listener took away during this call is silent at once.
      if (!this.#listeners.has(listener)) continue;
      try {
        listener(record, hit);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} listeners to records threw`);
  }
}
