import type { Cpu } from '../../hardware/index.js';
import { Disposables, type HotplugReason, type Task } from '../../kernel/index.js';
import type { Engine } from './engine.js';
import type { EventRecord } from './event-record.js';
import { EVENT_STATE } from './state.js';

/**
 * Lets events follow tasks and CPUs as they come and go, until it is disposed. `excludeGuests`: they are off while a
 * guest is on their CPU.
 */
export function followTasks(engine: Engine, excludeGuests: boolean): Disposable {
  const { hooks } = engine.machine;
  const followed = new Disposables();
  followed.add(
    hooks.contextSwitch.add((cpu, previous, next) => contextSwitch(engine, cpu, previous, next)),
    hooks.fork.add((parent, child) => fork(engine, parent, child)),
    hooks.exec.add((task) => exec(engine, task)),
    hooks.exit.add((task) => exit(engine, task)),
    engine.machine.hotplug.register('scheduler:starting', 'events', {
      startup: (cpu) => online(engine, cpu),
      teardown: (cpu, why) => offline(engine, cpu, why),
    }),
    engine.machine.power.register('core', 'events', { suspend: (cpu) => engine.suspendLast(cpu) }),
    hooks.tick.add((cpu) => {
      engine.contexts.peek(cpu.index)?.rotate();
      engine.overflow.unthrottle(cpu);
      engine.overflow.adapt(cpu);
    }),
  );
  if (excludeGuests) {
    followed.add(
      hooks.guestEntry.add((cpu) => engine.contexts.peek(cpu.index)?.guestEntered()),
      hooks.guestExit.add((cpu) => engine.contexts.peek(cpu.index)?.guestLeft()),
    );
  }
  return followed;
}

function contextSwitch(engine: Engine, cpu: Cpu, previous: Task | undefined, next: Task | undefined): void {
  const leaving = previous === undefined ? undefined : engine.contexts.peekTask(previous);
  const coming = next === undefined ? undefined : engine.contexts.peekTask(next);
  if (leaving !== undefined || coming !== undefined) engine.contexts.cpu(cpu.index).switch(coming);
}

/** The child gets what is to be inherited: a group as a group, or the fork fails. */
function fork(engine: Engine, parent: Task, child: Task): void {
  const context = engine.contexts.peekTask(parent);
  if (context === undefined || context.size === 0) return;
  const thread = child.tgid === parent.tgid;
  for (const leader of [...context.pinned, ...context.flexible]) {
    const { inherit, inherit_thread } = leader.attr;
    if (inherit !== true || (inherit_thread === true && !thread)) continue;
    const childLeader = engine.inherit(leader, parent, child, undefined);
    for (const sibling of leader.siblings) engine.inherit(sibling, parent, child, childLeader);
    childLeader.generation = leader.generation;
  }
}

function exec(engine: Engine, task: Task): void {
  const all = engine.eventsOf(task);
  let enabled = false;
  for (const event of all) enabled = enableOnExec(event) || enabled;
  const cpu = engine.contexts.peekTask(task)?.cpu;
  if (enabled && cpu !== undefined) engine.contexts.cpu(cpu.index).rescheduleAll();
  for (const event of all) if (event.attr.remove_on_exec === true) engine.exit(event);
}

function enableOnExec(event: EventRecord): boolean {
  if (!event.enableOnExec) return false;
  event.enableOnExec = false;
  event.attr = { ...event.attr, enable_on_exec: false };
  if (event.state >= EVENT_STATE.INACTIVE) return false;
  event.enter(EVENT_STATE.INACTIVE);
  return true;
}

function exit(engine: Engine, task: Task): void {
  for (const event of engine.eventsOf(task)) engine.exit(event);
}

/**
 * As in Linux, a CPU's events do not come back with it: their counts stay readable and what they hold stays taken.
 * Those that are enabled while it is away count when it comes online, and so do those of a CPU that is to be again as
 * it was.
 */
function offline(engine: Engine, cpu: Cpu, why: HotplugReason): void {
  const context = engine.contexts.peek(cpu.index);
  if (context === undefined) return;
  if (why === 'hotplug' || (why === 'suspend' && engine.suspendLoses)) engine.loseAll(context.own, why);
  else context.cleared();
  context.own.leave();
}

function online(engine: Engine, cpu: Cpu): void {
  const own = engine.contexts.peek(cpu.index);
  if (own === undefined) return;
  own.own.enter(cpu);
  own.rescheduleAll();
}
