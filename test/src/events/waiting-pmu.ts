import {
  type Cpu,
  coreError,
  type EventAttr,
  type EventPmu,
  type EventRequest,
  type PmuEvent,
  type PmuHost,
} from '@hwbp/core';
import { EventsRig, type RigOptions } from './support.js';

/** A PMU whose events have to wait until a test grants them what they count with. */
export class WaitingPmu implements EventPmu {
  static readonly TYPE = 9;
  readonly name = 'waiting';
  readonly type = WaitingPmu.TYPE;
  readonly kind = 'hardware';
  /** Events whose `init` returned and that were not destroyed. */
  alive = 0;
  /** True: an event has what it needs at once. */
  generous = false;
  /** What counts now. */
  readonly on = new Set<PmuEvent>();
  readonly #host: PmuHost;

  constructor(host: PmuHost) {
    this.#host = host;
  }

  init(_event: PmuEvent, request: EventRequest): boolean {
    request.confirm();
    this.alive++;
    return this.generous;
  }

  destroy(): void {
    this.alive--;
  }

  add(event: PmuEvent, _cpu: Cpu): boolean {
    if (this.on.has(event)) throw new Error(`${event} is on already`);
    this.on.add(event);
    return true;
  }

  remove(event: PmuEvent): void {
    if (!this.on.delete(event)) throw new Error(`${event} was not on`);
  }

  read(): void {}

  modify(event: PmuEvent): void {
    throw coreError('EVENT_NOT_MODIFIABLE', `${event} stays as it is`);
  }

  disable(): void {}

  enable(): void {}

  stateChanged(): void {}

  dispose(): void {}

  /** It has what it needs from now on. */
  grant(event: PmuEvent): void {
    this.#host.install(event);
  }

  /** It has to wait (again). */
  takeAway(event: PmuEvent): void {
    this.#host.withdraw(event);
  }

  /** It cannot be counted any more. */
  giveUp(event: PmuEvent): void {
    this.#host.disable(event);
  }

  /** Everything that counts on a CPU occurs once. */
  occur(cpu = 0): void {
    const { machine } = this.#host;
    const where = machine.cpu(cpu);
    const { mode, pc } = where.context;
    const occurrence = { cpu: where, task: machine.current(where), mode, ip: pc, address: undefined };
    for (const event of [...this.on]) this.#host.occur(event, 1, occurrence);
  }
}

/** An event of it. */
export function waiting(attr: Partial<EventAttr> = {}): EventAttr {
  return { type: WaitingPmu.TYPE, ...attr };
}

/** A kernel with such a PMU. */
export function waitingRig({ engine, ...options }: RigOptions = {}) {
  let made: WaitingPmu | undefined;
  const factory = (host: PmuHost): WaitingPmu => {
    made = new WaitingPmu(host);
    return made;
  };
  const rig = new EventsRig({ ...options, engine: { ...engine, pmus: [factory] } });
  if (made === undefined) throw new Error('no kernel was composed with it');
  const pmu: WaitingPmu = made;
  return { rig, pmu };
}
