import assert from 'node:assert/strict';
import {
  type Breakpoint,
  breakpointOf,
  EVENT_STATE,
  type Events,
  eventOf,
  type Kernel,
  type PmuEvent,
} from '@hwbp/core';
import { checkRegisters } from './kernel-state.js';

const { ACTIVE, INACTIVE, OFF } = EVENT_STATE;

/** An event as the engine has it. */
type EngineEvent = ReturnType<Events['engine']['create']>;

/**
 * What holds of every kernel with the events engine, whatever was done to it and whatever of it is broken: the
 * registers of each CPU are those of its ACTIVE breakpoint events; an event is ACTIVE only where it may be; groups are
 * on as a whole or not at all; an event counts no longer than it is enabled; slots are taken as long as an event is not
 * closed, and no longer.
 */
export function checkEvents(kernel: Kernel, events: Events): void {
  const { breakpoints } = kernel;
  for (const event of events.engine.all) checkPlace(kernel, event);
  for (const event of events.all) {
    checkGroup(event);
    const { enabled, running } = events.read(event);
    assert.ok(running <= enabled && event.running <= event.enabled, `${event} ran ${running} ns of ${enabled}`);
  }
  for (const breakpoint of breakpoints.registered) {
    const event = eventOf(breakpoint);
    if (event === undefined) assert.equal(breakpoint.state, 'waiting');
    else assert.equal(breakpoint.state === 'active', event.state === ACTIVE, `${event} and its breakpoint`);
    assert.ok(event === undefined || events.all.has(event), `${event} is known`);
  }
  const isThere = ({ state, onCpu }: Breakpoint, _: Kernel, cpu: number): boolean =>
    state === 'active' && onCpu === cpu;
  checkRegisters(kernel, breakpoints.registered, isThere);
  assert.equal(breakpoints.isUsed, breakpoints.registered.length > 0);
}

/** An event is on where its context is, and where it is meant for. */
function checkPlace({ machine, breakpoints }: Kernel, event: EngineEvent): void {
  const breakpoint = breakpointOf(event);
  if (breakpoint !== undefined) assert.ok(breakpoints.registered.includes(breakpoint), `${event} has a slot`);
  if (event.state !== ACTIVE) return;
  const { context, task, cpu } = event;
  const on = context?.cpu;
  assert.ok(on, `${event} is on, and its context is not`);
  assert.ok(on.online && (cpu < 0 || cpu === on.index), `${event} is on a CPU that it allows`);
  assert.ok(task === undefined || machine.current(on) === task, `${event} is on with its task`);
  if (breakpoint !== undefined) assert.equal(breakpoint.onCpu, on.index);
}

/** All of a group or nothing, but for members that are off themselves. */
function checkGroup(event: PmuEvent): void {
  if (event.leader !== event) return;
  for (const sibling of event.siblings) {
    if (event.state === ACTIVE)
      assert.ok(sibling.state === ACTIVE || sibling.state <= OFF, `${sibling} is on with ${event}`);
    else assert.notEqual(sibling.state, ACTIVE, `${sibling} is off with ${event}`);
    assert.ok(sibling.state <= OFF || sibling.state >= INACTIVE);
  }
}
