import assert from 'node:assert/strict';
import { type Breakpoint, breakpointOf, type Events, type Kernel, type PmuEvent, stateName } from '@hwbp/core';
import type { CountingPmu } from './counting-pmu.js';
import type { ModelEvent } from './event-model/event.js';
import type { EventsModel } from './event-model/model.js';
import { checkRegisters } from './kernel-state.js';

/** What a handler was told. */
export type Told = ModelEvent['told'];

export function nothingTold(): Told {
  return { overflows: 0, periods: 0, in: 0, hup: 0 };
}

/** An event that was opened: the model's, the engine's, and by which door. */
export interface Opened {
  readonly model: ModelEvent;
  readonly event: PmuEvent;
  readonly told: Told;
  /** It came through the breakpoint API. */
  readonly api: Breakpoint | undefined;
  closed: boolean;
}

/** A kernel, the model beside it, and which event is which. */
export interface Compared {
  readonly kernel: Kernel;
  readonly events: Events;
  readonly counting: CountingPmu;
  readonly model: EventsModel;
  readonly pairs: Map<ModelEvent, PmuEvent>;
}

/** Finds the engine's events of children that the model has. */
export function pairChildren({ pairs }: Compared, opened: readonly Opened[]): void {
  for (const { model, event } of opened) {
    for (const child of model.children) {
      if (pairs.has(child)) continue;
      const made = event.children.find(({ task }) => task === child.task);
      assert.ok(made, `${model} was inherited`);
      child.id = made.id;
      pairs.set(child, made);
    }
  }
}

/** What an opened event reads, children included, and what its handler has been told. */
export function checkReading({ events, model: all }: Compared, { model, event, told, api }: Opened): void {
  const reading = events.read(event);
  assert.deepEqual(reading, all.read(model), `what ${model} reads`);
  assert.ok(reading.running <= reading.enabled, `${model} ran no longer than it was enabled`);
  // A handler of the breakpoint API is not told of periods.
  if (api !== undefined) told.periods = model.told.periods;
  assert.deepEqual(told, model.told, `what the handler of ${model} was told`);
  assert.equal(event.children.length, model.children.length);
}

/** State, times and group of one event. */
export function checkOne(model: ModelEvent, event: PmuEvent): void {
  assert.equal(stateName(event.state), model.state, `the state of ${model}`);
  assert.deepEqual(
    { enabled: event.enabled, running: event.running },
    { enabled: model.enabled, running: model.running },
    `the times of ${model}`,
  );
  assert.equal(event.leader.id, model.leader.id, `the leader of ${model}`);
  const on = (one: PmuEvent): boolean => one.state === 1;
  if (on(event)) assert.ok(on(event.leader), 'a member is on only with its leader');
  if (on(event)) for (const one of event.siblings) assert.notEqual(one.state, 0, 'all of a group or nothing');
}

/** Registers, counters and slots are those of what is on and of what is held. */
export function checkHardware({ kernel, counting, model, pairs }: Compared): void {
  const { breakpoints, machine } = kernel;
  const active = new Map<Breakpoint, number>();
  const counters: number[][] = machine.cpus.map(() => []);
  for (const cpu of model.cpus) {
    for (const one of cpu.active) {
      const event = pairs.get(one);
      assert.ok(event);
      const breakpoint = breakpointOf(event);
      if (breakpoint !== undefined) active.set(breakpoint, cpu.cpu.index);
      else if (one.counted.kind === 'counter') counters[cpu.cpu.index]?.push(event.id);
    }
  }
  checkRegisters(kernel, breakpoints.registered, (breakpoint, _kernel, cpu) => active.get(breakpoint) === cpu);
  const taken = counting.counters.map((list) => list.flatMap((event) => event?.id ?? []).sort((a, b) => a - b));
  assert.deepEqual(taken, counters, 'who has the counters');
  const watching = [...model.held].filter(({ watch }) => watch !== undefined);
  assert.equal(breakpoints.registered.length, watching.length, 'slots that are held');
  assert.equal(breakpoints.isUsed, watching.length > 0);
}
