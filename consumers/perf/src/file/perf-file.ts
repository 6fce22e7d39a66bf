import {
  type Breakpoint,
  breakpointOf,
  type Cpu,
  EVENT_STATE,
  type Events,
  type Occurrence,
  type PmuEvent,
  type QuirkSet,
  SI_CODES,
  type SignalName,
  type Task,
} from '@hwbp/core';
import type { PerfEventAttr, U64 } from '../attr/perf-event-attr.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import { perfError } from '../errors.js';
import type { PerfRecord } from '../records/perf-record.js';
import { type ReadValues, writeReadValues } from '../records/read-values.js';
import { PERF_RECORD_READ, PERF_RECORD_THROTTLE, PERF_RECORD_UNTHROTTLE } from '../records/record-types.js';
import { SampleRing } from '../ring/sample-ring.js';
import type { Caller } from './check-open.js';
import { checkSampleType } from './check-sample-type.js';
import { modifyEvent } from './modify.js';
import { readValuesOf, sampleIdOf, sampleOf } from './sample-of.js';

/** What the files of one kernel share. */
export interface PerfFileHost {
  readonly events: Events;
  readonly quirks: QuirkSet;
  /** Bytes of a page of a ring. */
  readonly pageSize: number;
  fileOf(event: PmuEvent): PerfFile | undefined;
  /** A ring is gone: nobody's records go there any more. */
  unmapped(ring: SampleRing): void;
  closed(file: PerfFile): void;
}

/** Who gets a signal at each overflow and wake-up (O_ASYNC, F_SETOWN, F_SETSIG). */
export interface AsyncOwner {
  readonly owner: Task;
  /** Default SIGIO, which says nothing of the file. */
  readonly signal?: SignalName;
}

function mapRefused(event: PmuEvent, pages: number, why: string) {
  return perfError('PERF_MMAP_INVALID', `${event} cannot have a ring of ${pages} pages: ${why}`);
}

/** An open event: what the file descriptor of perf_event_open stands for. */
export class PerfFile {
  readonly fd: number;
  readonly event: PmuEvent;
  /** Samples that found no room in the ring. */
  lost = 0;
  readonly #host: PerfFileHost;
  #ring: SampleRing | undefined;
  #mapped = false;
  /** Another event's ring that the records go to. */
  #sink: SampleRing | undefined;
  #async: AsyncOwner | undefined;
  #open = true;

  /** Use `perf.open`. */
  constructor(fd: number, event: PmuEvent, host: PerfFileHost) {
    this.fd = fd;
    this.event = event;
    this.#host = host;
    event.handler = (source, occurrence, period) => this.#sample(source, occurrence, period);
    event.wakeup = (_source, kind) => this.#signal(kind);
    event.listener = {
      throttled: (source, on, cpu) => this.#throttled(source, on, cpu),
      child: (_parent, child, born) => this.#child(child, born),
    };
  }

  /** The attributes as they are now: changed by modify, by a new period, and by an exec that has enabled the event. */
  get attr(): PerfEventAttr {
    return this.event.attr as PerfEventAttr;
  }

  /** The breakpoint behind it; `undefined` for other PMUs. */
  get breakpoint(): Breakpoint | undefined {
    return breakpointOf(this.event);
  }

  /** Its ring, if it has one of its own. */
  get ring(): SampleRing | undefined {
    return this.#ring;
  }

  // --- read ---

  /** What read(2) gives, as values; `undefined` at the end of file: the event is in error. */
  values(): ReadValues | undefined {
    this.#requireOpen();
    const { event } = this;
    if (event.state === EVENT_STATE.ERROR) return undefined;
    return readValuesOf(this.#host.events, event, this.attr.read_format ?? 0, (one) => this.#lostOf(one));
  }

  /** read(2) with a buffer of `size` bytes: no bytes at the end of file, ENOSPC for a buffer that is too small. */
  read(size = Number.POSITIVE_INFINITY): Uint8Array {
    const values = this.values();
    if (values === undefined) return new Uint8Array(0);
    const writer = new ByteWriter();
    writeReadValues(writer, values, this.attr.read_format ?? 0);
    const bytes = writer.written.slice();
    if (bytes.length <= size) return bytes;
    throw perfError('PERF_READ_SHORT', `reading ${this.event} takes a buffer of ${bytes.length} bytes, not ${size}`, {
      size: bytes.length,
    });
  }

  // --- ioctl ---

  /** PERF_EVENT_IOC_ENABLE; `group` is PERF_IOC_FLAG_GROUP. */
  enable(options: { readonly group?: boolean } = {}): void {
    this.#requireOpen();
    this.#host.events.enable(this.event, options.group);
  }

  /** PERF_EVENT_IOC_DISABLE. */
  disable(options: { readonly group?: boolean } = {}): void {
    this.#requireOpen();
    this.#host.events.disable(this.event, options.group);
  }

  /** PERF_EVENT_IOC_RESET: the counts, not the times. */
  reset(options: { readonly group?: boolean } = {}): void {
    this.#requireOpen();
    this.#host.events.reset(this.event, options.group);
  }

  /** PERF_EVENT_IOC_REFRESH. EINVAL for an event that does not sample or is inherited. */
  refresh(overflows: number): void {
    this.#requireOpen();
    this.#host.events.refresh(this.event, overflows);
  }

  /** PERF_EVENT_IOC_PERIOD. EINVAL for 0, bit 63, and events that do not sample. */
  period(period: U64): void {
    this.#requireOpen();
    this.#host.events.setPeriod(this.event, period);
  }

  /** PERF_EVENT_IOC_ID. */
  get id(): bigint {
    return BigInt(this.event.id);
  }

  /**
   * PERF_EVENT_IOC_MODIFY_ATTRIBUTES, of a breakpoint: `bp_type`, `bp_addr`, `bp_len`, `disabled` and `sig_data` may
   * differ.
   */
  modify(attr: PerfEventAttr, options: { readonly as?: Caller } = {}): void {
    this.#requireOpen();
    modifyEvent(this.#host, this.event, attr, options.as);
  }

  /** PERF_EVENT_IOC_SET_OUTPUT: records go where another event's go, until that ring is gone; `undefined`: nowhere. */
  setOutput(target: PerfFile | undefined): void {
    this.#requireOpen();
    const refuse = (why: string): never => {
      throw perfError('PERF_IOCTL_INVALID', `the records of ${this.event} cannot go to ${target?.event}: ${why}`);
    };
    if (this.#mapped) refuse('it has a ring of its own');
    if (target !== undefined) {
      if (target === this) refuse('that is the same event');
      if (target.event.cpu !== this.event.cpu) refuse('it is for another CPU');
      if (target.event.cpu === -1 && target.event.task !== this.event.task) refuse('it is for another task');
      if (target.output === undefined) refuse('that one has no ring: map one first');
      checkSampleType(this.attr.sample_type ?? 0);
    }
    this.#sink = target?.output;
  }

  /** @internal Where its records go. */
  get output(): SampleRing | undefined {
    return this.#sink ?? this.#ring;
  }

  /** @internal That ring is gone. */
  detach(ring: SampleRing): void {
    if (this.#sink === ring) this.#sink = undefined;
  }

  /** PERF_EVENT_IOC_PAUSE_OUTPUT. EINVAL without a ring. */
  pauseOutput(paused: boolean): void {
    this.#requireOpen();
    if (this.#ring === undefined)
      throw perfError('PERF_IOCTL_INVALID', `${this.event} has no ring to pause: map one first`);
    this.#ring.paused = paused;
  }

  // --- the ring ---

  /**
   * mmap(2) of `pages` pages for records (a power of two). EINVAL for an inherited event that is not bound to a CPU.
   */
  mmap(pages: number): SampleRing {
    this.#requireOpen();
    const { attr } = this;
    this.#checkMap(pages);
    // Only now, as what cannot be recorded is no reason not to count.
    checkSampleType(attr.sample_type ?? 0);
    if (!Number.isInteger(pages) || pages < 1 || pages > 1 << 16 || (pages & (pages - 1)) !== 0) {
      throw mapRefused(this.event, pages, 'the number must be a power of two up to 65536');
    }
    const watermark = attr.watermark ? { watermark: Number(attr.wakeup_watermark ?? 0) } : {};
    this.#mapped = true;
    this.#ring = new SampleRing({ pages, pageSize: this.#host.pageSize, ...watermark });
    return this.#ring;
  }

  /** mmap(2) of the control page alone, without pages for records: nothing is recorded. EINVAL as for {@link mmap}. */
  mmapControlPage(): void {
    this.#requireOpen();
    this.#checkMap(0);
    this.#mapped = true;
  }

  /** munmap(2): samples are no longer recorded. */
  munmap(): void {
    this.#requireOpen();
    this.#unmap();
  }

  #unmap(): void {
    const ring = this.#ring;
    this.#ring = undefined;
    this.#mapped = false;
    if (ring !== undefined) this.#host.unmapped(ring);
  }

  /** Throws EINVAL for an event that cannot have a map, or has one. */
  #checkMap(pages: number): void {
    const { attr, event } = this;
    if (event.cpu === -1 && attr.inherit) {
      throw mapRefused(
        event,
        pages,
        'it is inherited, and children on other CPUs would write to it: open one for each CPU',
      );
    }
    if (this.#mapped || this.#sink !== undefined) throw mapRefused(event, pages, 'its records have a ring already');
  }

  /** Takes the records out of its ring, oldest first; none once the file was closed. */
  drain(): PerfRecord[] {
    return this.#ring?.drain(this.attr) ?? [];
  }

  /** O_ASYNC: a signal at each overflow, and when other records wake the ring's reader. `undefined` ends that. */
  async(owner: AsyncOwner | undefined): void {
    this.#requireOpen();
    this.#async = owner;
  }

  /**
   * poll(2). `in`: the ring that its records go to woke its reader, by `wakeup_events` or its watermark, since anybody
   * last asked: asking takes that away, reading does not. `hup`: the event is in error, or has ended with all that
   * inherited it, or its records go nowhere. Never both.
   */
  poll(): { readonly in: boolean; readonly hup: boolean } {
    this.#requireOpen();
    const { state, children } = this.event;
    const ended = state === EVENT_STATE.ERROR || (state <= EVENT_STATE.EXIT && children.length === 0);
    const { output } = this;
    const hup = ended || (output === undefined && !this.#mapped);
    return { in: !hup && output?.takeReady() === true, hup };
  }

  /** close(2): the event ends, with those of children that inherited it. Nothing happens if it is closed. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#host.events.close(this.event);
    this.#host.closed(this);
    this.#unmap();
    this.#async = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal Writes a record of `source`, this event or a child of it. */
  record(record: PerfRecord, source: PmuEvent, cpu: number, now: number, task: Task | undefined): void {
    const ring = this.output;
    if (ring === undefined) return;
    const { attr } = this;
    const { stored, wakeup } = ring.write(record, {
      format: attr,
      id: this.id,
      sample_id: sampleIdOf(source, task, cpu, now),
      ...(attr.watermark ? {} : { wakeup_events: Number(attr.wakeup_events ?? 0) }),
    });
    if (!stored) this.lost++;
    const { events } = this.#host;
    if (wakeup) events.wake(this.event, events.machine.cpu(cpu));
  }

  #sample(source: PmuEvent, occurrence: Occurrence, period: number): void {
    if (this.output === undefined) return;
    const { cpu, task } = occurrence;
    const { events } = this.#host;
    const record = sampleOf(events, source, this.attr, occurrence, period, (one) => this.#lostOf(one));
    this.record(record, source, cpu.index, cpu.clock.now, task);
  }

  #throttled(source: PmuEvent, on: boolean, cpu: Cpu | undefined): void {
    if (cpu === undefined) return;
    const { index, clock } = cpu;
    const current = this.#host.events.machine.current(cpu);
    const sample_id = sampleIdOf(source, current, index, clock.now);
    const { time = 0n, id = 0n, stream_id = 0n } = sample_id;
    const type = on ? PERF_RECORD_THROTTLE : PERF_RECORD_UNTHROTTLE;
    this.record({ type, misc: 0, time, id, stream_id, sample_id }, source, index, clock.now, current);
  }

  /** With `inherit_stat`, what a child had counted is told when it ends. */
  #child(child: PmuEvent, born: boolean): void {
    const { task } = child;
    if (born || !this.attr.inherit_stat || task === undefined) return;
    // It has left its group: with PERF_FORMAT_GROUP it is one of one.
    const values = readValuesOf(this.#host.events, child, this.attr.read_format ?? 0, () => 0);
    const now = this.#host.events.machine.cpu(task.cpu).clock.now;
    const sample_id = sampleIdOf(child, task, task.cpu, now);
    const record = { type: PERF_RECORD_READ, misc: 0, pid: task.tgid, tid: task.pid, values, sample_id } as const;
    this.record(record, child, task.cpu, now, task);
  }

  #signal(kind: 'in' | 'hup'): void {
    const to = this.#async;
    if (to === undefined) return;
    const { owner, signal } = to;
    const si_code = kind === 'in' ? SI_CODES.POLL_IN : SI_CODES.POLL_HUP;
    const { machine } = this.#host.events;
    if (signal === undefined) machine.sendSignal(owner, { si_signo: 'SIGIO', si_code: SI_CODES.SI_KERNEL });
    else machine.sendSignal(owner, { si_signo: signal, si_code, si_fd: this.fd });
  }

  #lostOf(event: PmuEvent): number {
    return this.#host.fileOf(event)?.lost ?? 0;
  }

  #requireOpen(): void {
    if (!this.#open) throw perfError('PERF_CLOSED', `the file ${this.fd} of ${this.event} was closed`, { fd: this.fd });
  }
}
