import type { Cpu } from '../../hardware/index.js';
import { type Machine, SI_CODES, type Task, TRAP_PERF_FLAG_ASYNC, type Work } from '../../kernel/index.js';
import type { EventRecord } from './event-record.js';
import { hasEnded } from './membership.js';
import type { Occurrence } from './occurrence.js';
import { adaptPeriod, nextPeriod } from './period.js';
import { EVENT_STATE } from './state.js';

/** What counting works with. */
export interface OverflowParts {
  readonly machine: Machine;
  /** Nanoseconds between ticks. */
  readonly tick: number;
  /** Overflows in one tick from which on an event is throttled. */
  readonly mostPerTick: number;
  /** Turns an event off, from inside an occurrence. */
  disable(event: EventRecord): void;
  /** An event's handler threw: whoever reported the occurrence is not concerned. */
  handlerThrew(event: EventRecord, error: unknown): void;
}

/**
 * What occurs: counts it, lets it overflow by its period, and tells whoever wants to know (Linux: perf_swevent_event
 * and below).
 */
export class Overflow {
  readonly #parts: OverflowParts;
  readonly #throttled = new Set<EventRecord>();
  /** Events with a frequency, from their first overflow on. */
  readonly #adapting = new Set<EventRecord>();

  constructor(parts: OverflowParts) {
    this.#parts = parts;
  }

  /** An event that is being counted occurred `n` times. */
  occur(event: EventRecord, n: number, occurrence: Occurrence): void {
    if (event.stopped) return;
    event.count += n;
    if (!event.sampling) return;
    if (event.everyOccurrence) {
      this.#overflow(event, 1, n, occurrence);
      return;
    }
    const period = event.lastPeriod;
    if (n === 1 && event.samplePeriod === 1 && event.attr.freq !== true) {
      this.#overflow(event, 1, period, occurrence);
      return;
    }
    event.left += n;
    if (event.left >= 0) this.#overflow(event, nextPeriod(event), period, occurrence);
  }

  /** A timer of the event's own has run out. */
  overflow(event: EventRecord, occurrence: Occurrence, period: number): void {
    if (!event.stopped && event.sampling) this.#overflow(event, 1, period, occurrence);
  }

  /**
   * A tick: the periods of frequencies follow what was counted on this CPU, also of events that do not overflow any
   * more.
   */
  adapt(cpu: Cpu): void {
    for (const event of this.#adapting) {
      if (event.state === EVENT_STATE.ACTIVE && event.context?.cpu === cpu) this.#adapt(event, cpu);
    }
  }

  /** A tick is over on a CPU: what was throttled there counts again. What is on no CPU does when it comes to one. */
  unthrottle(cpu: Cpu): void {
    for (const event of this.#throttled) {
      if (event.context?.cpu !== cpu) continue;
      this.#throttled.delete(event);
      this.unthrottled(event);
    }
  }

  /** @internal An event begins to count (again): nothing of an earlier tick holds it back. */
  unthrottled(event: EventRecord): void {
    if (!event.throttled) return;
    event.throttled = false;
    event.interrupts = 0;
    event.listener?.throttled(event, false, event.context?.cpu);
  }

  /** @internal The event is gone. */
  forget(event: EventRecord): void {
    this.#throttled.delete(event);
    this.#adapting.delete(event);
    event.trapping = false;
  }

  #overflow(event: EventRecord, overflows: number, period: number, occurrence: Occurrence): void {
    if (event.throttled) return;
    let kind: 'in' | 'hup' = 'in';
    // Only what comes beyond the first overflow of an occurrence can be too much: one for each is what was asked for.
    for (let i = 0; i < overflows; i++) {
      if (event.limit > 0 && --event.limit === 0) kind = 'hup';
      const enough = this.#account(event, i > 0, occurrence) || kind === 'hup';
      if (kind === 'hup') {
        event.stopped = true;
        // What else was hit by the same instruction is still counted.
        this.#parts.machine.irqWork(occurrence.cpu, new Disabling(event, this.#parts));
      }
      if (event.attr.sigtrap === true) this.#trap(event, occurrence);
      try {
        event.handler(event, occurrence, period);
      } catch (error) {
        this.#parts.handlerThrew(event, error);
      }
      // Released means silent: its handler may have closed it.
      if (enough || event.state === EVENT_STATE.DEAD) break;
    }
    this.wake(event, occurrence.cpu, kind);
  }

  /**
   * Whoever opened the event is told, once the exceptions in progress on the CPU are over: once, however often that is
   * asked for until then (Linux: pending_kill, pending_wakeup).
   */
  wake(event: EventRecord, cpu: Cpu, kind: 'in' | 'hup'): void {
    const opened = event.parent ?? event;
    if (opened.wakeup === undefined || opened.state === EVENT_STATE.DEAD) return;
    const queued = event.waking !== undefined;
    event.waking = event.waking === 'hup' ? 'hup' : kind;
    if (!queued) this.#parts.machine.irqWork(cpu, new Wakeup(event));
  }

  /** Counts an overflow towards the limit of a tick. True: the event was throttled. */
  #account(event: EventRecord, throttle: boolean, { cpu }: Occurrence): boolean {
    const { tick, mostPerTick } = this.#parts;
    const current = Math.floor(cpu.clock.now / tick);
    if (event.interruptsTick !== current) {
      event.interruptsTick = current;
      event.interrupts = 0;
    }
    event.interrupts++;
    if (event.attr.freq === true) {
      this.#adapting.add(event);
      this.#adapt(event, cpu);
    }
    if (!throttle || event.interrupts < mostPerTick) return false;
    event.throttled = true;
    this.#throttled.add(event);
    event.listener?.throttled(event, true, cpu);
    return true;
  }

  #adapt(event: EventRecord, { clock }: Cpu): void {
    event.pmu.read(event);
    adaptPeriod(event, clock.now, 2 * this.#parts.tick);
  }

  /** One SIGTRAP of an event for each return to user mode, however often it overflows until then. */
  #trap(event: EventRecord, { task, mode, address }: Occurrence): void {
    if (event.trapping || task === undefined) return;
    event.trapping = true;
    const hidden = event.attr.exclude_kernel === true && mode !== 'user';
    const si_addr = hidden ? 0n : (address ?? 0n);
    task.work.push(new Trapping(event, task, si_addr, this.#parts.machine));
  }
}

/**
 * An event whose limit of overflows is used up goes off: what else was hit by the same instruction is still counted.
 */
class Disabling implements Work {
  readonly #event: EventRecord;
  readonly #parts: OverflowParts;

  constructor(event: EventRecord, parts: OverflowParts) {
    this.#event = event;
    this.#parts = parts;
  }

  perform(): void {
    if (!hasEnded(this.#event)) this.#parts.disable(this.#event);
  }
}

/** Whoever opened the event is told. */
class Wakeup implements Work {
  readonly #event: EventRecord;

  constructor(event: EventRecord) {
    this.#event = event;
  }

  perform(): void {
    const event = this.#event;
    const opened = event.parent ?? event;
    const { waking: kind } = event;
    event.waking = undefined;
    if (kind !== undefined && opened.state !== EVENT_STATE.DEAD) opened.wakeup?.(event, kind);
  }
}

/** The SIGTRAP of an event, on the task's way back to user mode. */
class Trapping implements Work {
  readonly #event: EventRecord;
  readonly #task: Task;
  readonly #address: bigint;
  readonly #machine: Machine;

  constructor(event: EventRecord, task: Task, address: bigint, machine: Machine) {
    this.#event = event;
    this.#task = task;
    this.#address = address;
    this.#machine = machine;
  }

  perform(): void {
    const event = this.#event;
    if (!event.trapping) return;
    event.trapping = false;
    const { blocked } = this.#task;
    this.#machine.sendSignal(this.#task, {
      si_signo: 'SIGTRAP',
      si_code: SI_CODES.TRAP_PERF,
      si_addr: this.#address,
      si_perf_data: event.attr.sig_data ?? 0n,
      si_perf_type: event.attr.type,
      si_perf_flags: blocked.has('SIGTRAP') ? TRAP_PERF_FLAG_ASYNC : 0,
    });
  }
}
