import assert from 'node:assert/strict';
import {
  type Access,
  type Cpu,
  coreError,
  type EventPmu,
  type EventRequest,
  type Mode,
  type Occurrence,
  type PmuEvent,
  type PmuHost,
} from '@hwbp/core';

/** `type` of its events. */
export const COUNTING_TYPE = 100;
/** `config` of its events. */
export const COUNTING_CONFIG = Object.freeze({ INSTRUCTIONS: 0, ACCESSES: 1 });

/**
 * A hardware PMU with a few counters on each CPU, for instructions and their accesses. It holds the engine to the
 * promises that a PMU is given: one `init` and one `destroy` for each event, `add` and `remove` in turns, nothing after
 * `destroy`.
 */
export class CountingPmu implements EventPmu {
  readonly name = 'counting';
  readonly type = COUNTING_TYPE;
  readonly kind = 'hardware';
  /** Which event has each counter, by CPU. */
  readonly counters: (PmuEvent | undefined)[][];
  /** Events between `init` and `destroy`. */
  readonly known = new Set<PmuEvent>();
  readonly #host: PmuHost;
  /** True: no counter for this event now, though one is free. */
  fails: (event: PmuEvent, cpu: number) => boolean = () => false;

  constructor(host: PmuHost, counters: number) {
    this.#host = host;
    this.counters = host.machine.cpus.map(() => new Array(counters).fill(undefined));
  }

  init(event: PmuEvent, request: EventRequest): boolean {
    if (Number(request.attr.config ?? 0) > 1) throw coreError('EVENT_NO_PMU', 'it counts instructions and accesses');
    request.confirm();
    assert.ok(!this.known.has(event), 'init comes once');
    this.known.add(event);
    return true;
  }

  destroy(event: PmuEvent): void {
    assert.equal(this.#where(event), undefined, 'destroy comes after the last remove');
    assert.ok(this.known.delete(event), 'destroy comes once');
  }

  add(event: PmuEvent, { index, online }: Cpu): boolean {
    assert.ok(online && this.known.has(event));
    assert.equal(this.#where(event), undefined, 'add and remove come in pairs');
    const { task, cpu } = event;
    assert.ok(cpu < 0 || cpu === index, 'its CPU');
    assert.ok(task === undefined || this.#host.machine.current(this.#host.machine.cpu(index)) === task, 'its task');
    if (this.fails(event, index)) return false;
    const counters = this.counters[index] ?? [];
    const free = counters.indexOf(undefined);
    if (free < 0) return false;
    counters[free] = event;
    return true;
  }

  remove(event: PmuEvent): void {
    const counters = this.#where(event);
    assert.ok(counters, 'add and remove come in pairs');
    counters[counters.indexOf(event)] = undefined;
  }

  read(event: PmuEvent): void {
    assert.ok(this.known.has(event));
  }

  modify(): void {
    throw coreError('EVENT_NOT_MODIFIABLE', 'a counter stays as it is');
  }

  disable(): void {}

  enable(): void {}

  stateChanged(): void {}

  dispose(): void {}

  /** An instruction has retired: its counters are told in the order of their numbers, as long as they are on. */
  retired(cpu: Cpu, mode: Mode, accesses: readonly Access[]): void {
    const counters = this.counters[cpu.index] ?? [];
    const events = counters.filter((event) => event !== undefined).sort((a, b) => a.id - b.id);
    const task = this.#host.machine.current(cpu);
    const occurrence: Occurrence = { cpu, task, mode, ip: cpu.context.pc, address: undefined };
    for (const event of events) {
      const n = Number(event.attr.config ?? 0) === COUNTING_CONFIG.INSTRUCTIONS ? 1 : accesses.length;
      const excluded = mode === 'user' ? event.attr.exclude_user : event.attr.exclude_kernel;
      if (n > 0 && excluded !== true && counters.includes(event)) this.#host.occur(event, n, occurrence);
    }
  }

  #where(event: PmuEvent): (PmuEvent | undefined)[] | undefined {
    return this.counters.find((counters) => counters.includes(event));
  }
}
