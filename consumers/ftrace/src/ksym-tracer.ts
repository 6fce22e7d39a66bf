import {
  BREAKPOINTS,
  type Breakpoints,
  type Consumer,
  inject,
  injectable,
  MACHINE,
  type Machine,
  type PluginManifest,
  SYMBOLS,
  type SymbolTable,
} from '@hwbp/core';
import { ftraceError } from './errors.js';
import { ksymFiles } from './ksym-files.js';
import type { KsymEntry } from './ksym-filter.js';
import { KsymTrace, type RecordListener } from './ksym-trace.js';
import type { KsymRecord } from './record.js';
import { SelfTest } from './self-test.js';
import { TracingFiles } from './tracing-files.js';

/**
 * The kernel symbol access tracer of Linux 2.6.31 to 2.6.37: records who reads and writes kernel variables. Driven as
 * in Linux, through the files of a tracing directory; programs have the records as data, too.
 */
@injectable()
export class KsymTracer implements Consumer {
  static readonly plugin: PluginManifest = { name: 'ksym_tracer' };

  /** The tracing directory. */
  readonly files: TracingFiles;
  readonly #trace: KsymTrace;
  readonly #selfTest: SelfTest;
  readonly #machine: Machine;
  #forget: (() => void) | undefined;
  #started = false;

  /** Compose a kernel with the class; do not call this. */
  constructor(
    @inject(MACHINE) machine: Machine,
    @inject(BREAKPOINTS) breakpoints: Breakpoints,
    @inject(SYMBOLS) symbols: SymbolTable,
  ) {
    this.#machine = machine;
    this.#trace = new KsymTrace({ breakpoints, symbols });
    this.#selfTest = new SelfTest({ machine, breakpoints, symbols });
    this.files = new TracingFiles(ksymFiles(this.#trace, symbols), () => this.#requireStarted());
  }

  /** Begins with the tracer `nop`, as a kernel boots. The self-test is not run: it needs a free register. */
  start(): void {
    this.#forget ??= this.#machine.hibernation.parts.register('ksym_tracer', this.#trace);
    this.#started = true;
  }

  /** Removes every entry of the filter and every listener. Records stay readable. */
  stop(): void {
    this.#started = false;
    this.#forget?.();
    this.#forget = undefined;
    this.#trace.select('nop');
    // Entries may have been written while `nop` was selected.
    this.#trace.filter.clear();
    this.#trace.tracingOn = true;
    this.#trace.unsubscribeAll();
  }

  /** The records in the buffer, oldest first. Reading does not consume them. */
  get records(): readonly KsymRecord[] {
    return this.#trace.buffer.records;
  }

  /** Records that were overwritten because the buffer was full, since it was last cleared. */
  get lost(): number {
    return this.#trace.buffer.lost;
  }

  /** Records that the buffer holds, 65536 at first. A smaller one keeps the newest. Throws a TypeError below 1. */
  get capacity(): number {
    return this.#trace.buffer.capacity;
  }

  set capacity(records: number) {
    this.#trace.buffer.capacity = records;
  }

  /** The watched symbols with their counters, newest first. */
  get entries(): readonly KsymEntry[] {
    return this.#trace.filter.entries;
  }

  /**
   * Calls `listener` for each record as it is made, in the debug exception of the access: it may stop the machine. If
   * it throws, the record is kept, the other listeners are called and the kernel's error channel has the error. Returns
   * the function that ends it. Throws ENODEV once stopped.
   */
  subscribe(listener: RecordListener): () => void {
    if (typeof listener !== 'function') throw new TypeError('subscribe takes a function');
    this.#requireStarted();
    return this.#trace.subscribe(listener);
  }

  /**
   * Checks that a watched read and a watched read-modify-write make one record each, on a CPU of this machine (an idle
   * one if there is one); leaves tracer, filter, records and tasks as they were. Throws EIO if it fails, EBUSY if every
   * CPU is inside an exception of the kernel or stopped by a debugger, ENODEV once stopped, and what the breakpoint API
   * refuses (ENOSPC if no register is free).
   */
  selfTest(): void {
    this.#requireStarted();
    this.#selfTest.run();
  }

  #requireStarted(): void {
    if (this.#started) return;
    throw ftraceError('FTRACE_STOPPED', 'the tracer is stopped: its kernel was disposed, or stop() was called');
  }
}
