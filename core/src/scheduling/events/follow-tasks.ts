import type { Cpu } from '../../hardware/index.js';
import type { Task } from '../../kernel/index.js';
import type { PmuEvent } from './event.js';
import type { Events } from './events.js';
import { EVENT_STATE } from './state.js';

/** Lets events follow tasks and CPUs as they come and go. Returns what ends that. */
export function followTasks(events: Events): () => void {
  const { hooks } = events.machine;
  const unhook = [
    hooks.contextSwitch.add((cpu, previous, next) => contextSwitch(events, cpu, previous, next)),
    hooks.fork.add((parent, child) => fork(events, parent, child)),
    hooks.exec.add((task) => exec(events, task)),
    hooks.exit.add((task) => exit(events, task)),
    hooks.online.add((cpu) => online(events, cpu)),
    hooks.offline.add((cpu) => offline(events, cpu)),
    hooks.tick.add((cpu) => {
      events.lanes.peek(cpu.index)?.rotate();
      events.overflow.unthrottle(cpu);
      events.overflow.adapt(cpu);
    }),
  ];
  return () => {
    for (const end of unhook) end();
  };
}

function contextSwitch(events: Events, cpu: Cpu, previous: Task | undefined, next: Task | undefined): void {
  const leaving = previous === undefined ? undefined : events.lanes.peekContext(previous);
  const coming = next === undefined ? undefined : events.lanes.peekContext(next);
  if (leaving !== undefined || coming !== undefined) events.lanes.lane(cpu.index).switch(coming);
}

/** The child gets what is to be inherited: a group as a group, or the fork fails. */
function fork(events: Events, parent: Task, child: Task): void {
  const context = events.lanes.peekContext(parent);
  if (context === undefined || context.size === 0) return;
  const thread = child.tgid === parent.tgid;
  for (const leader of [...context.pinned, ...context.flexible]) {
    const { inherit, inherit_thread } = leader.attr;
    if (inherit !== true || (inherit_thread === true && !thread)) continue;
    const childLeader = events.inherit(leader, parent, child, undefined);
    for (const sibling of leader.siblings) events.inherit(sibling, parent, child, childLeader);
    childLeader.generation = leader.generation;
  }
}

function exec(events: Events, task: Task): void {
  const context = events.lanes.peekContext(task);
  if (context === undefined) return;
  const all = context.events();
  let enabled = false;
  for (const event of all) enabled = enableOnExec(event) || enabled;
  const { cpu } = context;
  if (enabled && cpu !== undefined) events.lanes.lane(cpu.index).rescheduleAll();
  for (const event of all) if (event.attr.remove_on_exec === true) events.exit(event);
}

function enableOnExec(event: PmuEvent): boolean {
  if (!event.enableOnExec) return false;
  event.enableOnExec = false;
  event.attr = { ...event.attr, enable_on_exec: false };
  if (event.state >= EVENT_STATE.INACTIVE) return false;
  event.enter(EVENT_STATE.INACTIVE);
  return true;
}

function exit(events: Events, task: Task): void {
  const context = events.lanes.peekContext(task);
  if (context === undefined) return;
  for (const event of context.events()) events.exit(event);
}

/**
 * As in Linux, a CPU's events do not come back with it: their counts stay readable and what they hold stays taken. Those that are
 * enabled while it is away count when it comes online.
 */
function offline(events: Events, cpu: Cpu): void {
  const own = events.lanes.peek(cpu.index)?.own;
  if (own === undefined) return;
  for (const event of own.events()) events.lose(event);
  own.leave();
}

function online(events: Events, cpu: Cpu): void {
  const lane = events.lanes.peek(cpu.index);
  if (lane === undefined) return;
  lane.own.enter(cpu);
  lane.rescheduleAll();
}
