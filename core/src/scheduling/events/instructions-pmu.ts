import { coreError } from '../../errors/index.js';
import type { Alarm, Cpu } from '../../hardware/index.js';
import { EVENT_TYPE } from './attr.js';
import type { PmuEvent } from './event.js';
import { KernelOccurrence } from './kernel-occurrence.js';
import type { EventPmu, EventRequest, PmuHost } from './pmu.js';

/** `config` of hardware events (include/uapi/linux/perf_event.h) that this PMU counts. */
export const HARDWARE_EVENT = Object.freeze({
  /** Instructions that have retired. */
  INSTRUCTIONS: 1,
});

/** Counters of a CPU, as most have them. */
const COUNTERS = 4;
/** Nanoseconds over which the speed of a CPU's clock is measured. */
const SECOND = 1e9;

/** What one event has in this PMU. */
interface Counting {
  cpu: Cpu | undefined;
  /** Reading of the CPU's counter at the latest look. */
  since: number;
  /** Instructions up to the next overflow. */
  left: number;
  /** Of an event that samples, while it counts. */
  alarm: Alarm | undefined;
}

/**
 * The instructions that CPUs retire, by mode (Linux: PERF_COUNT_HW_INSTRUCTIONS): `perfEvents({ pmus: [instructionsPmu]
 * })`. An event that samples overflows exactly at the end of its period, between two instructions.
 */
class InstructionsPmu implements EventPmu {
  readonly name = 'instructions';
  readonly type = EVENT_TYPE.HARDWARE;
  readonly kind = 'hardware';
  readonly #host: PmuHost;
  /** Counters that are taken, by CPU. */
  readonly #taken: number[];

  constructor(host: PmuHost) {
    this.#host = host;
    this.#taken = host.machine.cpus.map(() => 0);
  }

  init(event: PmuEvent, request: EventRequest): boolean {
    const config = Number(request.attr.config ?? 0);
    if (config !== HARDWARE_EVENT.INSTRUCTIONS) {
      const message = `this PMU counts instructions, config ${HARDWARE_EVENT.INSTRUCTIONS}, and not config ${config}`;
      throw coreError('EVENT_NO_PMU', message, { config });
    }
    event.data = { cpu: undefined, since: 0, left: 0, alarm: undefined } satisfies Counting;
    request.confirm();
    return true;
  }

  destroy(): void {}

  add(event: PmuEvent, cpu: Cpu): boolean {
    const taken = this.#taken[cpu.index] ?? 0;
    if (taken >= COUNTERS) return false;
    this.#taken[cpu.index] = taken + 1;
    const counting = event.data as Counting;
    counting.cpu = cpu;
    counting.since = reading(event, cpu);
    if (event.sampling) this.#arm(event, counting, cpu);
    return true;
  }

  remove(event: PmuEvent): void {
    this.read(event);
    const counting = event.data as Counting;
    const { cpu, alarm } = counting;
    if (cpu === undefined) return;
    if (alarm !== undefined) cpu.alarms.cancel(alarm);
    this.#taken[cpu.index] = (this.#taken[cpu.index] ?? 1) - 1;
    counting.cpu = undefined;
    counting.alarm = undefined;
  }

  read(event: PmuEvent): void {
    const counting = event.data as Counting;
    if (counting.cpu === undefined) return;
    const now = reading(event, counting.cpu);
    event.count += now - counting.since;
    counting.left -= now - counting.since;
    counting.since = now;
  }

  modify(event: PmuEvent): void {
    throw coreError('EVENT_NOT_MODIFIABLE', `${event} cannot be changed: close it and open another`);
  }

  disable(): void {}

  enable(): void {}

  stateChanged(): void {}

  dispose(): void {}

  /** Looks again where the period could be over at the earliest: instructions of another mode do not count. */
  #arm(event: PmuEvent, counting: Counting, cpu: Cpu): void {
    if (counting.left <= 0) counting.left = periodOf(event, cpu);
    counting.alarm ??= cpu.alarms.create({ expired: () => this.#expired(event, counting, cpu) }, { stays: true });
    cpu.alarms.set(counting.alarm, cpu.clock.now + counting.left * nanoseconds(cpu));
  }

  #expired(event: PmuEvent, counting: Counting, cpu: Cpu): void {
    this.read(event);
    const over = counting.left <= 0;
    const { machine } = this.#host;
    const period = periodOf(event, cpu);
    this.#arm(event, counting, cpu);
    if (!over) return;
    machine.uninterrupted(cpu, () => {
      const occurrence = new KernelOccurrence(cpu, machine.current(cpu), cpu.context.mode, machine.interrupts);
      this.#host.overflow(event, occurrence, period);
    });
  }
}

/** Nanoseconds that an instruction takes on a CPU, as its clock says. */
function nanoseconds({ clock }: Cpu): number {
  return SECOND / clock.until(clock.now + SECOND);
}

/** Instructions between two overflows. */
function periodOf({ attr }: PmuEvent, cpu: Cpu): number {
  const period = Number(attr.sample_period ?? 0);
  return attr.freq === true && period > 0 ? Math.max(1, Math.round(SECOND / period / nanoseconds(cpu))) : period;
}

/** The CPU's counter for an event: of the modes that it counts. */
function reading({ attr }: PmuEvent, { instructions, userInstructions }: Cpu): number {
  const user = attr.exclude_user === true ? 0 : userInstructions;
  return attr.exclude_kernel === true ? user : user + instructions - userInstructions;
}

/** A PMU of retired instructions: `perfEvents({ pmus: [instructionsPmu] })`. */
export function instructionsPmu(host: PmuHost): EventPmu {
  return new InstructionsPmu(host);
}
