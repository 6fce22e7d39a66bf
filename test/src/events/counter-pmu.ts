import {
  type Cpu,
  coreError,
  type EventAttr,
  type EventPmu,
  type EventRequest,
  type Occurrence,
  type PmuEvent,
  type PmuHost,
} from '@hwbp/core';
import { EventsRig, type RigOptions } from './support.js';

/** A hardware PMU with few counters for each CPU, that counts what a test tells it to. It keeps a journal. */
export class CounterPmu implements EventPmu {
  static readonly TYPE = 8;
  readonly name = 'counter';
  readonly type = CounterPmu.TYPE;
  readonly kind = 'hardware';
  /** `+7` event of config 7 went on, `-7` off, `!7` found no counter; since the last {@link take}. */
  readonly journal: string[] = [];
  /** Counters of each CPU. */
  counters: number;
  /** Events whose `init` returned and that were not destroyed. */
  alive = 0;
  /** Set: the next `init` is refused with it. */
  refusal: Error | undefined;
  /** True: a CPU whose counters are all taken throws instead of answering false. */
  throws = false;
  readonly #host: PmuHost;
  readonly #active = new Map<number, PmuEvent[]>();

  constructor(host: PmuHost, counters = 2) {
    this.#host = host;
    this.counters = counters;
  }

  init(_event: PmuEvent, request: EventRequest): boolean {
    if (this.refusal !== undefined) throw this.refusal;
    request.confirm();
    this.alive++;
    return true;
  }

  destroy(): void {
    this.alive--;
  }

  add(event: PmuEvent, cpu: Cpu): boolean {
    const here = this.on(cpu.index);
    if (here.length >= this.counters) {
      this.journal.push(`!${event.attr.config}`);
      if (this.throws) throw new Error('the hardware is broken');
      return false;
    }
    this.#active.set(cpu.index, [...here, event]);
    this.journal.push(`+${event.attr.config}`);
    return true;
  }

  remove(event: PmuEvent): void {
    for (const [cpu, here] of this.#active) {
      if (!here.includes(event)) continue;
      this.#active.set(
        cpu,
        here.filter((other) => other !== event),
      );
      this.journal.push(`-${event.attr.config}`);
      return;
    }
    throw new Error(`event ${event.attr.config} was not on`);
  }

  read(): void {}

  modify(event: PmuEvent): void {
    throw coreError('EVENT_NOT_MODIFIABLE', `${event} stays as it is`);
  }

  disable(): void {}

  enable(): void {}

  stateChanged(): void {}

  dispose(): void {}

  /** What counts on a CPU. */
  on(cpu: number): readonly PmuEvent[] {
    return this.#active.get(cpu) ?? [];
  }

  /** Configs of what counts on a CPU. */
  configs(cpu = 0): (number | bigint | undefined)[] {
    return this.on(cpu).map(({ attr }) => attr.config);
  }

  /** Everything that counts on a CPU occurs `n` times at once. */
  occur(n: number, cpu = 0): void {
    const { machine } = this.#host;
    const where = machine.cpu(cpu);
    const occurrence: Occurrence = {
      cpu: where,
      task: machine.current(where),
      mode: where.context.mode,
      ip: where.context.pc,
      address: undefined,
    };
    for (const event of this.on(cpu)) this.#host.occur(event, n, occurrence);
  }

  /** What was noted, since the last time. */
  take(): string {
    return this.journal.splice(0).join(' ');
  }
}

/** An event of it; `config` is its name in the journal. */
export function counter(config: number, attr: Partial<EventAttr> = {}): EventAttr {
  return { type: CounterPmu.TYPE, config, ...attr };
}

/** A factory of it for one kernel, and what it made there. */
export function counterPmu(counters = 2) {
  let made: CounterPmu | undefined;
  return {
    factory: (host: PmuHost): CounterPmu => {
      made = new CounterPmu(host, counters);
      return made;
    },
    get pmu(): CounterPmu {
      if (made === undefined) throw new Error('no kernel was composed with it');
      return made;
    },
  };
}

/** A kernel with so many counters on each CPU. */
export function counterRig(counters: number, { engine, ...options }: RigOptions = {}) {
  const made = counterPmu(counters);
  const rig = new EventsRig({ ...options, engine: { ...engine, pmus: [made.factory] } });
  return { rig, pmu: made.pmu };
}
