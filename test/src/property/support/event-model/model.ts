import type { Access, Cpu, Machine, Mode, Task } from '@hwbp/core';
import { classOf, ModelContext } from './context.js';
import { ModelCpu, type Room } from './cpu.js';
import { type Counted, ModelEvent, type Watch } from './event.js';
import { occur } from './occur.js';

/**
 * Perf events as spec 3.4, 4.1 to 4.12 and 12 describe them, slow and obvious: it looks at everything each time, and
 * lets time pass for everything before it changes anything. It follows the machine's hooks, and is told of what
 * programs do.
 */
export class EventsModel {
  readonly cpus: readonly ModelCpu[];
  /** Every event that has not been closed, children included. */
  readonly held = new Set<ModelEvent>();
  readonly #machine: Machine;
  readonly #contexts = new Map<Task, ModelContext>();
  readonly #unhook: readonly (() => void)[];
  readonly #hardware: ReadonlySet<Counted['kind']>;

  /** `hardware`: what is not a software event. */
  constructor(machine: Machine, room: Room, hardware: ReadonlySet<Counted['kind']>) {
    this.#hardware = hardware;
    this.#machine = machine;
    this.cpus = machine.cpus.map((cpu) => new ModelCpu(cpu, room));
    const { hooks } = machine;
    this.#unhook = [
      hooks.contextSwitch.add((cpu, previous, next) => this.#switch(this.#on(cpu), previous, next)),
      hooks.tick.add((cpu) => this.#advancing(() => this.#on(cpu).rotate())),
      hooks.fork.add((parent, child) => this.#advancing(() => this.#fork(parent, child))),
      hooks.exec.add((task) => this.#advancing(() => this.#exec(task))),
      hooks.exit.add((task) => this.#advancing(() => this.#exit(task))),
      hooks.offline.add((cpu) => this.#advancing(() => this.#offline(this.#on(cpu)))),
      hooks.online.add((cpu) => this.#advancing(() => this.#online(this.#on(cpu)))),
    ];
  }

  dispose(): void {
    for (const unhook of this.#unhook) unhook();
  }

  // --- what is done to events ---

  /** A new event, not yet opened. */
  create(init: ConstructorParameters<typeof ModelEvent>[0]): ModelEvent {
    return new ModelEvent(init, this.#hardware.has(init.counted.kind));
  }

  /** Opens it, as a group of its own or in one. */
  open(event: ModelEvent, leader: ModelEvent = event): void {
    this.advance();
    event.leader = leader;
    this.held.add(event);
    this.#contextOf(event).add(event);
    if (event.countsTime) this.#schedule(event);
  }

  close(event: ModelEvent): void {
    this.advance();
    for (const child of [...event.children]) this.#endChild(child);
    this.#leave(event);
    this.#ungroup(event);
    event.state = 'DEAD';
    this.held.delete(event);
  }

  enable(event: ModelEvent, group = false): void {
    this.#each(event, group, (one) => this.#enable(one));
  }

  disable(event: ModelEvent, group = false): void {
    this.#each(event, group, (one) => this.#disable(one));
  }

  reset(event: ModelEvent, group = false): void {
    this.#each(event, group, (one) => {
      one.count = 0;
    });
  }

  refresh(event: ModelEvent, overflows: number): void {
    this.advance();
    event.limit += overflows;
    this.#enable(event);
  }

  /** What no quirk disturbs: the new period begins now. */
  setPeriod(event: ModelEvent, period: number): void {
    this.advance();
    event.period = period;
    event.current = period;
    event.remaining = period;
  }

  /** 3.3: off, changed, and on again if attr.disabled is 0. */
  modify(event: ModelEvent, watch: Watch, disabled: boolean): void {
    this.advance();
    this.#disable(event);
    event.watch = watch;
    event.disabled = disabled;
    if (!disabled) this.#enable(event);
  }

  /** What read(2) gives: children included. */
  read(event: ModelEvent): { count: number; enabled: number; running: number } {
    this.advance();
    const sum = { ...event.folded };
    for (const one of [event, ...event.children]) {
      sum.count += one.count;
      sum.enabled += one.enabled;
      sum.running += one.running;
    }
    return sum;
  }

  // --- what programs do ---

  /** An instruction is about to execute. */
  fetched(cpu: Cpu, mode: Mode, pc: bigint): void {
    const hit = { address: pc, size: 1, condition: 4 };
    this.#count(cpu, (event) => (event.hitBy(hit) && !event.excludes(mode) ? 1 : 0));
  }

  /** It has retired. However many of its accesses a breakpoint sees: that is one hit. */
  accessed(cpu: Cpu, mode: Mode, accesses: readonly Access[]): void {
    const made = accesses.map(({ address, size, kind }) => {
      return { address, size, condition: kind === 'read' ? 1 : kind === 'write' ? 2 : 3 };
    });
    this.#count(cpu, (event) => {
      const hit = event.watch?.bp_type !== 4 && made.some((access) => event.hitBy(access));
      return hit && !event.excludes(mode) ? 1 : 0;
    });
  }

  /** The counters see it after whatever traps it raised; one by one. */
  retired(cpu: Cpu, mode: Mode, accesses: readonly Access[]): void {
    for (const { id } of this.#on(cpu).active) {
      this.#count(cpu, (event) => {
        const { counted } = event;
        if (event.id !== id || counted.kind !== 'counter' || event.excludes(mode)) return 0;
        return counted.of === 'instructions' ? 1 : accesses.length;
      });
    }
  }

  /** Lets time pass up to now. */
  advance(): void {
    for (const { own, current } of this.cpus) {
      own.advance();
      current?.advance();
    }
  }

  /** Counts for everything that is on; what that turns off goes off once all have been counted. */
  #count(cpu: Cpu, occurrences: (event: ModelEvent) => number): void {
    this.advance();
    const { active } = this.#on(cpu);
    for (const event of active) {
      const n = occurrences(event);
      if (n > 0) occur(event, n);
    }
    for (const event of active) if (event.stopped) this.#disable(event);
  }

  // --- tasks and CPUs ---

  #switch(there: ModelCpu, previous: Task | undefined, next: Task | undefined): void {
    if (previous !== undefined) {
      this.#count(there.cpu, (event) => (event.counted.kind === 'switches' && !event.excludes('kernel') ? 1 : 0));
    }
    this.advance();
    there.switchOut();
    if (next !== undefined) there.switchIn(this.#contextOf({ task: next }));
  }

  #fork(parent: Task, child: Task): void {
    const { groups } = this.#contextOf({ task: parent });
    const thread = child.tgid === parent.tgid;
    for (const leader of [...groups.pinned, ...groups.flexible]) {
      if (leader.attr.inherit !== true || (leader.attr.inherit_thread === true && !thread)) continue;
      let made: ModelEvent | undefined;
      for (const member of leader.group) {
        const event = this.#inherit(member, child, made);
        made ??= event;
      }
    }
  }

  #inherit(from: ModelEvent, task: Task, leader: ModelEvent | undefined): ModelEvent {
    const parent = from.parent ?? from;
    const { attr, counted, cpu, watch } = parent;
    const event = this.create({ attr, counted, task, cpu, watch, parent });
    event.state = from.on ? 'INACTIVE' : 'OFF';
    event.enableOnExec = parent.enableOnExec;
    event.period = parent.period;
    event.current = parent.period;
    event.remaining = parent.period;
    event.leader = leader ?? event;
    parent.children.push(event);
    this.held.add(event);
    this.#contextOf(event).add(event);
    return event;
  }

  #exec(task: Task): void {
    const context = this.#contextOf({ task });
    let enabled = false;
    for (const event of context.events) {
      if (!event.enableOnExec) continue;
      event.enableOnExec = false;
      if (event.on) continue;
      event.state = 'INACTIVE';
      enabled = true;
    }
    if (enabled && context.cpu !== undefined) {
      this.#on(context.cpu).reschedule(context, 'pinned');
    }
    for (const event of [...context.events]) if (event.attr.remove_on_exec === true) this.#exitEvent(event);
  }

  #exit(task: Task): void {
    for (const event of [...this.#contextOf({ task }).events]) this.#exitEvent(event);
  }

  /** Detached, and still readable; a child's counts go to its parent. */
  #exitEvent(event: ModelEvent): void {
    if (event.parent !== undefined) {
      this.#endChild(event);
      return;
    }
    this.#out(event);
    event.context?.remove(event);
    event.state = 'EXIT';
  }

  /** The events of the CPU are lost with it. */
  #offline(there: ModelCpu): void {
    for (const event of there.own.events) {
      there.out(event);
      if (!event.on) continue;
      event.state = 'OFF';
      event.disabled = true;
    }
    there.own.leave();
  }

  #online(there: ModelCpu): void {
    there.own.enter(there.cpu);
    there.reschedule(there.own, 'pinned');
  }

  // --- one event ---

  #enable(event: ModelEvent): void {
    if (event.on || event.ended) return;
    event.state = 'INACTIVE';
    if (event.leader === event || event.leader.state === 'ACTIVE') this.#schedule(event);
  }

  #disable(event: ModelEvent): void {
    if (!event.on) return;
    this.#out(event);
    event.state = 'OFF';
  }

  /** At once, if its context is current, and it is meant for that CPU (4.3). */
  #schedule({ context, cpu, leader }: ModelEvent): void {
    if (context?.cpu === undefined || (cpu >= 0 && cpu !== context.cpu.index)) return;
    this.#on(context.cpu).reschedule(context, classOf(leader));
  }

  #out(event: ModelEvent): void {
    if (event.context?.cpu !== undefined) this.#on(event.context.cpu).out(event);
  }

  #endChild(child: ModelEvent): void {
    const parent = child.parent as ModelEvent;
    this.#leave(child);
    this.#ungroup(child);
    child.state = 'DEAD';
    parent.children.splice(parent.children.indexOf(child), 1);
    parent.folded.count += child.count;
    parent.folded.enabled += child.enabled;
    parent.folded.running += child.running;
    this.held.delete(child);
  }

  /** Out of its register and its context, alone. */
  #leave(event: ModelEvent): void {
    const { context } = event;
    if (context === undefined) return;
    const { cpu } = context;
    if (cpu !== undefined) this.#on(cpu).outAlone(event);
    context.remove(event);
  }

  /** 4.3: what it led goes on as single events; what led it forgets it. */
  #ungroup(event: ModelEvent): void {
    const { leader } = event;
    if (leader !== event) leader.siblings.splice(leader.siblings.indexOf(event), 1);
    event.leader = event;
    for (const sibling of event.siblings.splice(0)) {
      sibling.leader = sibling;
      sibling.home = event.home;
      sibling.context?.groups[classOf(sibling)].push(sibling);
    }
  }

  #each(event: ModelEvent, group: boolean, action: (event: ModelEvent) => void): void {
    this.advance();
    for (const one of group ? event.leader.group : [event]) {
      action(one);
      for (const child of one.children) action(child);
    }
  }

  #contextOf({ task, cpu = -1 }: { readonly task: Task | undefined; readonly cpu?: number }): ModelContext {
    if (task === undefined) return (this.cpus[cpu] as ModelCpu).own;
    let context = this.#contexts.get(task);
    if (context !== undefined) return context;
    context = new ModelContext(false);
    this.#contexts.set(task, context);
    const there = this.cpus.find((one) => this.#machine.current(one.cpu) === task);
    if (there !== undefined && task.alive) {
      there.current = context;
      context.enter(there.cpu);
    }
    return context;
  }

  #on(cpu: Cpu): ModelCpu {
    return this.cpus[cpu.index] as ModelCpu;
  }

  #advancing(action: () => void): void {
    this.advance();
    action();
  }
}
