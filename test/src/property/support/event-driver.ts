import assert from 'node:assert/strict';
import {
  type BreakpointChange,
  EVENT_TYPE,
  type EventAttr,
  type Events,
  eventOf,
  type Kernel,
  KernelError,
  stateName,
  type Task,
} from '@hwbp/core';
import {
  type Compared,
  checkHardware,
  checkOne,
  checkReading,
  nothingTold,
  type Opened,
  pairChildren,
} from './event-check.js';
import { composeCompared } from './event-kernel.js';
import type { ModelEvent, Watch } from './event-model/event.js';
import type { EventsModel } from './event-model/model.js';
import { EventRefusals } from './event-refusals.js';
import {
  attrFor,
  countedBy,
  cpuOf,
  type EventSetup,
  type Flags,
  mayJoin,
  mixesHardware,
  type Source,
  type Target,
} from './event-setup.js';
import { DELIBERATE, Faults } from './faults.js';
import { ToldProgram, type ToldStep, type Witness } from './told-program.js';

/**
 * A kernel with the events engine and the model of spec section 4 beside it. After every operation both must show the
 * same: states, counts, times, what handlers were told, registers and slots.
 */
export class EventDriver implements Witness {
  readonly kernel: Kernel;
  readonly faults = new Faults();
  /** What operations answered, for judging a test's choices. */
  readonly seen: string[] = [];
  readonly #setup: EventSetup;
  readonly #compared: Compared;
  readonly #events: Events;
  readonly #model: EventsModel;
  readonly #refusals: EventRefusals;
  readonly #opened: Opened[] = [];
  readonly #tasks: Task[] = [];
  readonly #texts: readonly (readonly ToldStep[])[];
  readonly #errors: unknown[] = [];

  constructor(setup: EventSetup, texts: readonly (readonly ToldStep[])[]) {
    this.#setup = setup;
    this.#texts = texts;
    this.#compared = composeCompared(setup, this.faults, (error) => {
      if (error !== DELIBERATE) this.#errors.push(error);
    });
    const { kernel, events, model } = this.#compared;
    this.kernel = kernel;
    this.#events = events;
    this.#model = model;
    this.#refusals = new EventRefusals(kernel, model, setup);
    for (let i = 0; i < 3; i++)
      this.#tasks.push(this.kernel.machine.spawn(() => this.#program(i), { comm: `task${i}` }));
  }

  // --- operations ---

  /**
   * Through the engine. `group`: joins the group of that event; `stray`: and says another target than its leader has.
   */
  open(source: Source, flags: Flags, target: Target, group: number | undefined, stray: boolean, throws: boolean): void {
    const lead = group === undefined ? undefined : this.#pick(group);
    const leader = lead?.model;
    const task = leader === undefined || stray ? this.#target(target) : leader.task;
    const cpu = leader === undefined || stray ? cpuOf(target) : leader.cpu;
    const counted = countedBy(source);
    const attr = attrFor(source, flags, counted, leader);
    if (mixesHardware(this.#setup, counted, leader)) return;
    const watch = source.kind === 'breakpoint' ? source.watch : undefined;
    const model = this.#model.create({ attr, counted, task, cpu, watch });
    const told = nothingTold();
    const refusals = this.#refusals.ofOpening(model);
    if (leader !== undefined && !mayJoin(model, leader)) refusals.push('EINVAL');
    const record = (period: number): void => {
      told.overflows++;
      told.periods += period;
      if (throws) throw DELIBERATE;
    };
    this.#perform(refusals, () => {
      const event = this.#events.open(attr, task === undefined ? { cpu } : { task, cpu }, {
        handler: (_event, _occurrence, period) => {
          assert.ok(!opened.closed, 'released means silent');
          record(period);
        },
        ...(lead === undefined ? {} : { leader: lead.event }),
      });
      event.wakeup = (_event, kind) => {
        told[kind]++;
      };
      const opened: Opened = { model, event, told, api: undefined, closed: false };
      this.#enter(opened, leader);
    });
  }

  /** Through the breakpoint API: pinned unless it says otherwise, and told of every hit. */
  register(watch: Watch, flags: Pick<Flags, 'disabled' | 'pinned' | 'inherit' | 'exclude_user'>, target: Target): void {
    const task = this.#target(target);
    const cpu = cpuOf(target);
    const asked = { ...watch, ...flags };
    const attr: EventAttr = { type: EVENT_TYPE.BREAKPOINT, ...flags, pinned: flags.pinned !== false, sample_period: 1 };
    const model = this.#model.create({ attr, counted: { kind: 'breakpoint' }, task, cpu, watch });
    const told = nothingTold();
    this.#perform(this.#refusals.ofOpening(model), () => {
      const handler = (): void => {
        assert.ok(!opened.closed, 'released means silent');
        told.overflows++;
      };
      const { breakpoints } = this.kernel;
      const api =
        task === undefined
          ? breakpoints.registerCpu(asked, handler, cpu)
          : breakpoints.registerUser(asked, handler, task, { cpu });
      const event = eventOf(api);
      assert.ok(event);
      event.wakeup = (_event, kind) => {
        told[kind]++;
      };
      const opened: Opened = { model, event, told, api, closed: false };
      this.#enter(opened, undefined);
    });
  }

  close(index: number): void {
    const [one] = this.#opened.splice(index % Math.max(1, this.#opened.length), 1);
    if (one === undefined) return;
    this.#perform([], () => {
      if (one.api === undefined) this.#events.close(one.event);
      else this.kernel.breakpoints.unregister(one.api);
      this.#model.close(one.model);
      one.closed = true;
      this.#finish(one);
    });
  }

  toggle(index: number, on: boolean, group: boolean): void {
    const one = this.#pick(index);
    if (one === undefined) return;
    this.#perform([], () => {
      const { breakpoints } = this.kernel;
      if (one.api !== undefined) {
        if (on) breakpoints.enable(one.api);
        else breakpoints.disable(one.api);
        one.model.disabled = !on;
      } else if (on) this.#events.enable(one.event, group);
      else this.#events.disable(one.event, group);
      const whole = group && one.api === undefined;
      if (on) this.#model.enable(one.model, whole);
      else this.#model.disable(one.model, whole);
    });
  }

  reset(index: number, group: boolean): void {
    const one = this.#pick(index);
    if (one === undefined) return;
    this.#perform([], () => {
      this.#events.reset(one.event, group);
      this.#model.reset(one.model, group);
    });
  }

  refresh(index: number, overflows: number): void {
    const one = this.#pick(index);
    if (one === undefined) return;
    const { attr, period } = one.model;
    this.#perform(attr.inherit === true || period === 0 ? ['EINVAL'] : [], () => {
      this.#events.refresh(one.event, overflows);
      this.#model.refresh(one.model, overflows);
    });
  }

  setPeriod(index: number, period: number): void {
    const one = this.#pick(index);
    if (one === undefined) return;
    this.#perform(one.model.period === 0 || period === 0 ? ['EINVAL'] : [], () => {
      this.#events.setPeriod(one.event, period);
      this.#model.setPeriod(one.model, period);
    });
  }

  modify(index: number, change: BreakpointChange): void {
    const one = this.#pick(index);
    if (one === undefined) return;
    const { model } = one;
    const { watch, disabled } = model;
    if (watch === undefined) {
      this.#perform(['EOPNOTSUPP'], () => this.#events.modify(one.event, change));
      return;
    }
    const { disabled: off = disabled, ...where } = change;
    const next = { ...watch, ...where } as Watch;
    this.#perform(this.#refusals.ofModifying(model, next), () => {
      if (one.api === undefined) this.#events.modify(one.event, change);
      else this.kernel.breakpoints.modify(one.api, change);
      this.#model.modify(model, next, off);
    });
  }

  fork(index: number, thread: boolean): void {
    const parent = this.#task(index);
    if (!parent.alive || this.#tasks.length > 7) return;
    this.#perform([], () => {
      this.#tasks.push(this.kernel.machine.fork(parent, () => this.#program(index), { thread }));
      pairChildren(this.#compared, this.#opened);
    });
  }

  exec(index: number): void {
    const task = this.#task(index);
    if (task.alive) this.#perform([], () => this.kernel.machine.exec(task, () => this.#program(index + 1)));
  }

  exit(index: number, group: boolean): void {
    const { machine } = this.kernel;
    const task = this.#task(index);
    this.#perform([], () => (group ? machine.exitGroup(task) : machine.exit(task)));
  }

  move(index: number, cpu: number): void {
    const task = this.#task(index);
    const to = cpu % this.#setup.cpus;
    if (!task.alive || !this.kernel.machine.cpu(to).online) return;
    this.#perform([], () => this.kernel.machine.setAffinity(task, [to]));
  }

  sleep(index: number, asleep: boolean): void {
    const task = this.#task(index);
    const { machine } = this.kernel;
    this.#perform([], () => (asleep ? machine.halt(task) : machine.wake(task)));
  }

  setOnline(cpu: number, online: boolean): void {
    const { machine } = this.kernel;
    const index = cpu % this.#setup.cpus;
    if (!online && machine.cpu(index).online && machine.onlineCpus.length === 1) return;
    this.#perform([], () => machine.setOnline(index, online));
  }

  run(budget: number): void {
    this.#perform([], () => this.kernel.machine.run(budget));
  }

  /**
   * From now on (or no longer) nothing can be installed for that address, or counted by such counters. Whoever is on
   * stays on until it is taken off: the engine's short way, which leaves alone what has to go off and on again by the
   * book, is shut for the next change.
   */
  breakdown(what: 'throws' | 'full', address: bigint, config: number | undefined, broken: boolean): void {
    this.#perform([], () => this.faults.set(what, config === undefined ? address : config, broken));
    for (const { context } of this.#events.engine.all) if (context !== undefined) context.dirty = true;
  }

  /** Closes everything: then nothing is in use, nothing is armed, and the kernel can go. */
  end(): void {
    while (this.#opened.length > 0) this.close(0);
    const { breakpoints, machine } = this.kernel;
    assert.equal(breakpoints.isUsed, false);
    assert.equal(this.#events.all.size, 0);
    for (const { unit } of machine.cpus) assert.deepEqual(unit.filter.ranges, []);
    this.#model.dispose();
    this.kernel.dispose();
  }

  // --- Witness ---

  fetched(...args: Parameters<Witness['fetched']>): void {
    this.#model.fetched(...args);
  }

  retired(...args: Parameters<Witness['retired']>): void {
    this.#model.accessed(...args);
    this.#compared.counting.retired(...args);
    this.#model.retired(...args);
  }

  // --- what should happen ---

  #perform(refusals: readonly string[], action: () => void): void {
    let errno: string | undefined;
    try {
      action();
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      errno = error.errno;
    }
    const [first] = refusals;
    if (first === undefined) assert.equal(errno, undefined);
    else assert.ok(errno !== undefined && refusals.includes(errno), `${errno} is not among ${refusals.join(', ')}`);
    this.seen.push(errno ?? 'ok');
    this.check();
  }

  #enter(one: Opened, leader: ModelEvent | undefined): void {
    one.model.id = one.event.id;
    this.#opened.push(one);
    this.#compared.pairs.set(one.model, one.event);
    this.#model.open(one.model, leader);
  }

  /** The last word on an event that is closed. */
  #finish({ model, event }: Opened): void {
    assert.equal(stateName(event.state), 'DEAD');
    assert.equal(this.#events.read(event).count, model.count + model.folded.count);
    this.#compared.pairs.delete(model);
  }

  /** Everything that must hold after every operation. */
  check(): void {
    assert.deepEqual(this.#errors, []);
    for (const model of [...this.#compared.pairs.keys()])
      if (!this.#model.held.has(model)) this.#compared.pairs.delete(model);
    assert.equal(this.#events.all.size, this.#model.held.size, 'events that are held');
    for (const one of this.#opened) checkReading(this.#compared, one);
    for (const [model, event] of this.#compared.pairs) checkOne(model, event);
    checkHardware(this.#compared);
    for (const { state } of this.#model.held) this.seen.push(state);
  }

  #pick(index: number): Opened | undefined {
    return this.#opened[index % Math.max(1, this.#opened.length)];
  }

  #target({ task }: Target): Task | undefined {
    return task === undefined ? undefined : this.#task(task);
  }

  #task(index: number): Task {
    return this.#tasks[index % this.#tasks.length] as Task;
  }

  #program(index: number): ToldProgram {
    return new ToldProgram(this.#texts[index % this.#texts.length] as readonly ToldStep[], this);
  }
}
