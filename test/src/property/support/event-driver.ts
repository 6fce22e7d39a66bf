import assert from 'node:assert/strict';
import {
  type Architecture,
  type Breakpoint,
  type BreakpointChange,
  type BreakpointEventAttr,
  breakpointOf,
  type ConsumerManifest,
  composeKernel,
  EVENT_TYPE,
  EVENTS,
  type EventAttr,
  type Events,
  eventOf,
  flexibleSlotPolicy,
  inject,
  injectable,
  type Kernel,
  KernelError,
  linuxSlotPolicy,
  type PmuEvent,
  perfEvents,
  type SchedulerFactory,
  type SlotPolicyFactory,
  SOFTWARE_EVENT,
  stateName,
  type Task,
} from '@hwbp/core';
import { COUNTING_CONFIG, COUNTING_TYPE, CountingPmu } from './counting-pmu.js';
import type { Counted, ModelEvent, Watch } from './event-model/event.js';
import { EventsModel } from './event-model/model.js';
import { type Accounting, fits } from './event-model/slots.js';
import { Faults } from './faults.js';
import { checkRegisters } from './kernel-state.js';
import { ToldProgram, type ToldStep, type Witness } from './told-program.js';

/** Gets the engine by injection, as any consumer does. */
@injectable()
export class EventsProbe {
  static readonly consumer: ConsumerManifest = { name: 'events probe', services: [EVENTS] };
  readonly events: Events;

  constructor(@inject(EVENTS) events: Events) {
    this.events = events;
  }

  start(): void {}

  stop(): void {}
}

/** What a kernel is composed of. */
export interface EventSetup {
  readonly arch: () => Architecture;
  readonly accounting: Accounting;
  readonly exclusiveBreakpoints: boolean;
  readonly cpus: number;
  /** Counters of the hardware PMU on each CPU. */
  readonly counters: number;
  /** Instead of the policy that does that accounting; for mutants. */
  readonly slotPolicy?: SlotPolicyFactory;
  /** Changes the scheduler; for mutants. */
  readonly mutate?: (scheduler: SchedulerFactory) => SchedulerFactory;
}

/** Whom an event is for: an index of a task, or none. */
export interface Target {
  readonly task: number | undefined;
  /** -1: any; without a task the first one. */
  readonly cpu: number;
}

/** What an event that is opened counts. */
export type Source =
  | { readonly kind: 'breakpoint'; readonly watch: Watch }
  | { readonly kind: 'software'; readonly config: number }
  | { readonly kind: 'hardware'; readonly config: number };

/** Flags and numbers of an attr, beside what it counts. */
export type Flags = Omit<BreakpointEventAttr, 'type' | 'config' | 'bp_type' | 'bp_addr' | 'bp_len'>;

/** What a handler was told. */
type Told = ModelEvent['told'];

/** An event that was opened: the model's, the engine's, and by which door. */
interface Opened {
  readonly model: ModelEvent;
  readonly event: PmuEvent;
  readonly told: Told;
  /** It came through the breakpoint API. */
  readonly api: Breakpoint | undefined;
  closed: boolean;
}

const LENGTHS = new Set([1, 2, 4, 8]);
const KERNEL_SPACE = 0x8000_0000_0000n;
const TICK = 7000;

/** What handlers throw on purpose. */
const DELIBERATE = new Error('a handler threw');

/**
 * A kernel with the events engine and the model of spec section 4 beside it. After every operation both must show the same: states,
 * counts, times, what handlers were told, registers and slots.
 */
export class EventDriver implements Witness {
  readonly kernel: Kernel;
  readonly faults = new Faults();
  /** What operations answered, for judging a test's choices. */
  readonly seen: string[] = [];
  readonly #setup: EventSetup;
  readonly #events: Events;
  readonly #model: EventsModel;
  readonly #opened: Opened[] = [];
  readonly #pairs = new Map<ModelEvent, PmuEvent>();
  readonly #tasks: Task[] = [];
  readonly #texts: readonly (readonly ToldStep[])[];
  readonly #errors: unknown[] = [];
  #counting: CountingPmu | undefined;

  constructor(setup: EventSetup, texts: readonly (readonly ToldStep[])[]) {
    this.#setup = setup;
    this.#texts = texts;
    const { accounting, exclusiveBreakpoints, cpus, counters, mutate = (scheduler) => scheduler } = setup;
    const policy = setup.slotPolicy ?? (accounting === 'linux' ? linuxSlotPolicy : flexibleSlotPolicy);
    const arch = this.faults.arch(setup.arch());
    this.kernel = composeKernel({
      arch,
      cpus,
      strict: true,
      quantum: 3,
      tick: TICK,
      consumers: [EventsProbe],
      slotPolicy: this.faults.policy(policy),
      handlerErrors: (error) => {
        if (error !== DELIBERATE) this.#errors.push(error);
        return 'continue';
      },
      scheduler: mutate(
        perfEvents({
          exclusiveBreakpoints,
          // Never throttled: that is not for breakpoints (spec 4.8).
          sampleRate: 1_000_000_000,
          pmus: [
            (host) => {
              this.#counting = new CountingPmu(host, counters);
              this.#counting.fails = (event) => this.faults.failsCounter(Number(event.attr.config ?? 0));
              return this.#counting;
            },
          ],
        }),
      ),
    });
    this.#events = this.kernel.get(EventsProbe).events;
    const { slots } = arch.backend.manifest;
    const limits: Readonly<Record<string, number>> = {
      shared: slots.data,
      data: slots.data,
      instruction: slots.instruction,
      counter: counters,
    };
    this.#model = new EventsModel(
      this.kernel.machine,
      {
        needs: (event) => (event.counted.kind === 'counter' ? 'counter' : this.#pool(event.watch)),
        limit: (what) => limits[what] as number,
        fails: ({ watch, counted }) =>
          watch === undefined
            ? counted.kind === 'counter' && this.faults.failsCounter(COUNTERS.indexOf(counted.of))
            : this.faults.failsAt(watch.bp_addr),
      },
      new Set(exclusiveBreakpoints ? ['counter', 'breakpoint'] : ['counter']),
    );
    for (let i = 0; i < 3; i++) this.#tasks.push(this.kernel.machine.spawn(this.#program(i), { comm: `task${i}` }));
  }

  // --- operations ---

  /** Through the engine. `group`: joins the group of that event; `stray`: and says another target than its leader has. */
  open(source: Source, flags: Flags, target: Target, group: number | undefined, stray: boolean, throws: boolean): void {
    const lead = group === undefined ? undefined : this.#pick(group);
    const leader = lead?.model;
    const task = leader === undefined || stray ? this.#target(target) : leader.task;
    const cpu = leader === undefined || stray ? cpuOf(target) : leader.cpu;
    const counted = countedBy(source);
    const attr = attrFor(source, flags, counted, leader);
    if (this.#mixesHardware(counted, leader)) return;
    const watch = source.kind === 'breakpoint' ? source.watch : undefined;
    const model = this.#model.create({ attr, counted, task, cpu, watch });
    const told = nothingTold();
    const refusals = this.#refusals(model);
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
    this.#perform(this.#refusals(model), () => {
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
    let refusals = this.#badType(next) ?? this.#badWatch(model, next);
    if (refusals === undefined && this.#pool(next) !== this.#pool(watch)) refusals = this.#noSlot(model, next);
    this.#perform(refusals ?? [], () => {
      if (one.api === undefined) this.#events.modify(one.event, change);
      else this.kernel.breakpoints.modify(one.api, change);
      this.#model.modify(model, next, off);
    });
  }

  fork(index: number, thread: boolean): void {
    const parent = this.#task(index);
    if (!parent.alive || this.#tasks.length > 7) return;
    this.#perform([], () => {
      this.#tasks.push(this.kernel.machine.fork(parent, this.#program(index), { thread }));
      this.#pairChildren();
    });
  }

  exec(index: number): void {
    const task = this.#task(index);
    if (task.alive) this.#perform([], () => this.kernel.machine.exec(task, this.#program(index + 1)));
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
   * From now on (or no longer) nothing can be installed for that address, or counted by such counters. Whoever is on stays on until it is
   * taken off: the engine's short way, which leaves alone what has to go off and on again by the book, is shut for the next change.
   */
  breakdown(what: 'throws' | 'full', address: bigint, config: number | undefined, broken: boolean): void {
    this.#perform([], () => this.faults.set(what, config === undefined ? address : config, broken));
    for (const { context } of this.#pairs.values()) if (context !== undefined) context.dirty = true;
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
    this.#counting?.retired(...args);
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
    this.#pairs.set(one.model, one.event);
    this.#model.open(one.model, leader);
  }

  /** The last word on an event that is closed. */
  #finish({ model, event }: Opened): void {
    assert.equal(stateName(event.state), 'DEAD');
    assert.equal(event.count + event.childCount, model.count + model.folded.count);
    this.#pairs.delete(model);
  }

  /** Everything that must hold after every operation. */
  check(): void {
    assert.deepEqual(this.#errors, []);
    for (const model of [...this.#pairs.keys()]) if (!this.#model.held.has(model)) this.#pairs.delete(model);
    assert.equal(this.#events.all.size, this.#model.held.size, 'events that are held');
    for (const one of this.#opened) this.#checkReading(one);
    for (const [model, event] of this.#pairs) this.#checkOne(model, event);
    this.#checkHardware();
    for (const { state } of this.#model.held) this.seen.push(state);
  }

  #checkReading({ model, event, told, api }: Opened): void {
    const reading = this.#events.read(event);
    assert.deepEqual(reading, this.#model.read(model), `what ${model} reads`);
    assert.ok(reading.running <= reading.enabled, `${model} ran no longer than it was enabled`);
    // A handler of the breakpoint API is not told of periods.
    if (api !== undefined) told.periods = model.told.periods;
    assert.deepEqual(told, model.told, `what the handler of ${model} was told`);
    assert.equal(event.children.length, model.children.length);
  }

  #checkOne(model: ModelEvent, event: PmuEvent): void {
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

  #checkHardware(): void {
    const { breakpoints, machine } = this.kernel;
    const active = new Map<Breakpoint, number>();
    const counters: number[][] = machine.cpus.map(() => []);
    for (const lane of this.#model.cpus) {
      for (const model of lane.active) {
        const event = this.#pairs.get(model);
        assert.ok(event);
        const breakpoint = breakpointOf(event);
        if (breakpoint !== undefined) active.set(breakpoint, lane.cpu.index);
        else if (model.counted.kind === 'counter') counters[lane.cpu.index]?.push(event.id);
      }
    }
    checkRegisters(this.kernel, breakpoints.registered, (breakpoint, _kernel, cpu) => active.get(breakpoint) === cpu);
    const counting = this.#counting?.counters.map((list) => list.flatMap((event) => event?.id ?? []).sort(byNumber));
    assert.deepEqual(counting, counters, 'who has the counters');
    const watching = [...this.#model.held].filter(({ watch }) => watch !== undefined);
    assert.equal(breakpoints.registered.length, watching.length, 'slots that are held');
    assert.equal(breakpoints.isUsed, watching.length > 0);
  }

  // --- refusals ---

  /** Errnos that opening it may be refused with; the first reason that applies, or reasons whose order is not fixed. */
  #refusals(model: ModelEvent): string[] {
    const { watch, task, cpu } = model;
    const early = watch === undefined ? undefined : (this.#badType(watch) ?? this.#noSlot(model, watch));
    const late = early ?? (watch === undefined ? undefined : this.#badWatch(model, watch));
    if (late !== undefined) return [...late];
    const bound = watch !== undefined || task === undefined;
    if (cpu >= 0 && bound && !this.kernel.machine.cpu(cpu).online) return ['ENODEV'];
    return task !== undefined && !task.alive ? ['ESRCH'] : [];
  }

  #badType({ bp_type }: Watch): string[] | undefined {
    if (bp_type === 0 || bp_type === 7) return ['EINVAL'];
    const { data, instruction } = this.kernel.breakpoints.manifest.slots;
    return ((bp_type & 3) !== 0 ? data : instruction) === 0 ? ['EOPNOTSUPP'] : undefined;
  }

  #noSlot(model: ModelEvent, watch: Watch): string[] | undefined {
    const pool = this.#pool(watch) as string;
    const { slots } = this.kernel.breakpoints.manifest;
    const held = [...this.#model.held].filter((event) => event !== model && this.#pool(event.watch) === pool);
    const registers = pool === 'instruction' ? slots.instruction : slots.data;
    return fits(model, held, registers, this.#setup.cpus, this.#setup.accounting) ? undefined : ['ENOSPC'];
  }

  #badWatch({ attr }: ModelEvent, { bp_type, bp_addr, bp_len }: Watch): string[] | undefined {
    const execute = bp_type === 4;
    const reads = bp_type === 1 && this.kernel.breakpoints.manifest.access.includes('r');
    const type = execute || reads || bp_type === 2 || bp_type === 3;
    const fit = execute ? bp_len === 8 : LENGTHS.has(bp_len) && bp_addr % BigInt(bp_len) === 0n;
    if (!type || !fit) return ['EINVAL'];
    return bp_addr >= KERNEL_SPACE && attr.exclude_kernel === true ? ['EINVAL'] : undefined;
  }

  /** Groups over two hardware PMUs are nothing that the spec knows. */
  #mixesHardware(counted: Counted, leader: ModelEvent | undefined): boolean {
    if (!this.#setup.exclusiveBreakpoints || leader === undefined) return false;
    const kinds = new Set([counted.kind, ...leader.group.map((one) => one.counted.kind)]);
    return kinds.has('breakpoint') && kinds.has('counter');
  }

  #pool(watch: Watch | undefined): string | undefined {
    if (watch === undefined) return undefined;
    if (this.kernel.breakpoints.manifest.slots.shared) return 'shared';
    return (watch.bp_type & 3) !== 0 ? 'data' : 'instruction';
  }

  #pairChildren(): void {
    for (const { model, event } of this.#opened) {
      for (const child of model.children) {
        if (this.#pairs.has(child)) continue;
        const made = event.children.find(({ task }) => task === child.task);
        assert.ok(made, `${model} was inherited`);
        child.id = made.id;
        this.#pairs.set(child, made);
      }
    }
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

const COUNTERS = ['instructions', 'accesses'];

function byNumber(a: number, b: number): number {
  return a - b;
}

function nothingTold(): Told {
  return { overflows: 0, periods: 0, in: 0, hup: 0 };
}

/** A CPU's event names its CPU. */
function cpuOf({ task, cpu }: Target): number {
  return task === undefined ? Math.max(cpu, 0) : cpu;
}

function countedBy(source: Source): Counted {
  if (source.kind === 'breakpoint') return { kind: 'breakpoint' };
  if (source.kind === 'hardware') {
    return { kind: 'counter', of: source.config === COUNTING_CONFIG.INSTRUCTIONS ? 'instructions' : 'accesses' };
  }
  if (source.config === SOFTWARE_EVENT.CONTEXT_SWITCHES) return { kind: 'switches' };
  return { kind: source.config === SOFTWARE_EVENT.DUMMY ? 'nothing' : 'clock' };
}

/** Clocks that overflow do so at ticks, which the model does not look into; groups are inherited as a whole. */
function attrFor(source: Source, flags: Flags, counted: Counted, leader: ModelEvent | undefined): BreakpointEventAttr {
  const { sample_period = 0, ...rest } = flags;
  const period = counted.kind === 'clock' || counted.kind === 'nothing' ? {} : { sample_period };
  const { inherit = false, inherit_thread = false } = leader?.attr ?? flags;
  const watch = source.kind === 'breakpoint' ? source.watch : { bp_type: 0, bp_addr: 0n, bp_len: 0 };
  const type = { breakpoint: EVENT_TYPE.BREAKPOINT, software: EVENT_TYPE.SOFTWARE, hardware: COUNTING_TYPE }[
    source.kind
  ];
  const config = source.kind === 'breakpoint' ? {} : { config: source.config };
  return { ...rest, ...period, ...watch, ...config, type, inherit, inherit_thread: inherit && inherit_thread };
}

/** Spec 4.5. */
function mayJoin(model: ModelEvent, leader: ModelEvent): boolean {
  const same = leader.cpu === model.cpu && leader.task === model.task;
  return same && !leader.ended && leader.leader === leader && !model.pinned && !model.exclusive;
}
