import { type ImageReader, type ImageValue, notWritable } from '../../image/index.js';
import type { Registration } from '../../registers/index.js';
import type { SchedulerImage } from '../scheduler.js';
import { callHandler, eventOf } from './breakpoint-events.js';
import type { Engine } from './engine.js';
import type { EventContext } from './event-context.js';
import type { EventRecord } from './event-record.js';

function recordOf(registration: Registration): EventRecord {
  return eventOf(registration) as EventRecord;
}

/** Why an event cannot be written down; `undefined`: it can. Those of breakpoints that stand alone are data. */
function obstacle(event: EventRecord): string | undefined {
  if (event.handler !== callHandler) return 'is open: close it first';
  if (event.leader !== event || event.siblings.length > 0) return 'is a member of a group: close the group first';
  if (event.parent !== undefined || event.children.length > 0) return 'was inherited by children: let them end first';
  if (event.exclusive) return 'is exclusive: close it first';
  if (event.throttled) return 'is throttled: let it run until the next tick';
  return event.trapping ? 'has a signal on the way: let its task take it' : undefined;
}

/** The schedule of the events engine as data, where every event is a breakpoint of the breakpoint API. */
export class EventsImage implements SchedulerImage {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The contexts of CPUs come to them while these have power. */
  begin(): void {
    const { contexts, machine } = this.#engine;
    for (const { index } of machine.cpus) contexts.cpu(index);
  }

  /** Pinned before flexible in every context; those who wait for a slot are in none. */
  order(): readonly Registration[] {
    const all = [...this.#engine.all];
    for (const event of all) {
      const why = obstacle(event);
      if (why !== undefined) throw notWritable(`${event} ${why}`);
    }
    const placed = this.#contexts().flatMap(({ pinned, flexible }) => [...pinned, ...flexible]);
    const known = new Set(placed);
    const registrationOf = ({ data }: EventRecord): Registration => data as Registration;
    const waiting = all.filter((event) => !known.has(event)).map(registrationOf);
    return [...placed.map(registrationOf), ...waiting.sort((a, b) => a.serial - b.serial)];
  }

  save(numberOf: (registration: Registration) => number): ImageValue {
    const contexts = this.#contexts().map((context) => ({
      task: context.task?.pid ?? null,
      cpu: context.task === undefined ? this.#engine.contexts.numberOf(context) : null,
      ...context.save(),
    }));
    const events = [...this.#engine.all].map((event): [number, EventRecord] => [
      numberOf(event.data as Registration),
      event,
    ]);
    events.sort(([a], [b]) => a - b);
    return { ids: this.#engine.ids, contexts, events: events.map(([number, event]) => ({ number, ...event.save() })) };
  }

  reorder(order: readonly Registration[], from: ImageReader): void {
    // Those without events too: with their CPUs they go to sleep, and come back.
    for (const one of from.field('contexts').list()) this.#contextOf(one);
    const places = new Map(order.map((one, place) => [recordOf(one), place]));
    const byPlace = (a: EventRecord, b: EventRecord): number =>
      (places.get(a) ?? order.length) - (places.get(b) ?? order.length);
    for (const { pinned, flexible } of this.#contexts()) {
      pinned.sort(byPlace);
      flexible.sort(byPlace);
    }
  }

  restore(from: ImageReader, registrationOf: (number: ImageReader) => Registration): void {
    this.#engine.ids = from.field('ids').number();
    for (const one of from.field('events').list()) recordOf(registrationOf(one.field('number'))).restore(one);
    const there = new Set(
      from
        .field('contexts')
        .list()
        .map((one) => {
          const context = this.#contextOf(one);
          context.restore(one);
          return context;
        }),
    );
    // Made for one that has to wait, after all, or for a CPU that never counted anything.
    for (const context of this.#contexts()) if (!there.has(context)) this.#engine.contexts.forget(context);
  }

  #contextOf(from: ImageReader): EventContext {
    const { contexts, machine } = this.#engine;
    const pid = from.field('task');
    if (pid.absent) return contexts.cpu(machine.cpu(from.field('cpu').number()).index).own;
    const task = machine.tasks.get(pid.number(1));
    if (task === undefined) throw pid.invalid('the pid of a task of the image');
    return contexts.task(task);
  }

  #contexts(): readonly EventContext[] {
    return this.#engine.contexts.all();
  }
}
