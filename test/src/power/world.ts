import assert from 'node:assert/strict';
import {
  type Breakpoint,
  composeKernel,
  type Instruction,
  type Kernel,
  type KernelOptions,
  program,
  RingLogger,
  type Task,
  type WideBreakpoint,
} from '@hwbp/core';
import { Kvm } from '@hwbp/kvm';
import { nop, type Subject, store, writes } from './support.js';
import { CPUS, type PowerOp, place } from './world-ops.js';

/** One breakpoint, as it ought to be. */
interface Known {
  readonly view: Breakpoint;
  readonly at: number;
  /** Of a CPU; `undefined`: of a task. */
  readonly cpu: number | undefined;
  readonly task: Task | undefined;
  enabled: boolean;
  hits: number;
}

interface KnownWide {
  readonly view: WideBreakpoint;
  readonly at: number;
  /** By CPU: hits of the member that is there. */
  readonly members: Map<number, { readonly view: Breakpoint; hits: number }>;
}

class Refused extends Error {}

/** Takes part in what a world is made of: a fault that the invariants must find. */
export type Sabotage = (kernel: Kernel) => void;

/** A kernel that is powered off and on in any order, and what ought to be armed in it. */
export class PowerWorld implements Disposable {
  readonly #subject: Subject;
  readonly #sabotage: Sabotage;
  readonly #kvm: boolean;
  #log = new RingLogger();
  #kernel: Kernel;
  #guest: { readonly kernel: Kernel; readonly watch: Breakpoint; hits: number } | undefined;
  #single: Known[] = [];
  #wide: KnownWide[] = [];
  #lost = 0;
  /** Calls of handlers of kernels that are gone. */
  #late = 0;
  #generation = 0;

  constructor(subject: Subject, sabotage: Sabotage = () => {}) {
    this.#subject = subject;
    this.#sabotage = sabotage;
    this.#kvm = /^(x86|ppc64)/.test(subject.title);
    this.#kernel = composeKernel({ ...this.#options(), cpus: CPUS });
    sabotage(this.#kernel);
  }

  perform(one: PowerOp): void {
    this.#do(one);
    this.#check(JSON.stringify(one));
  }

  [Symbol.dispose](): void {
    for (const { view } of this.#single) this.#kernel.breakpoints.unregister(view);
    for (const { view } of this.#wide) this.#kernel.breakpoints.unregisterWide(view);
    assert.equal(this.#kernel.breakpoints.isUsed, false, 'every slot is given back');
    for (const { unit } of this.#kernel.machine.cpus) assert.deepEqual(unit.filter.ranges, [], 'nothing is left armed');
    this.#guest?.kernel.dispose();
    this.#kernel.dispose();
  }

  // --- what happens ---

  #do(one: PowerOp): void {
    const { breakpoints, machine } = this.#kernel;
    switch (one.op) {
      case 'ofCpu':
        this.#register(one.at, one.cpu, undefined, () =>
          breakpoints.registerCpu(writes(place(one.at)), this.#handler, one.cpu),
        );
        return;
      case 'ofTask': {
        const task = this.#spawn([], one.cpu, false);
        this.#register(one.at, undefined, task, () =>
          breakpoints.registerUser(writes(place(one.at)), this.#handler, task),
        );
        return;
      }
      case 'wide':
        this.#registerWide(one.at);
        return;
      case 'drop': {
        const [known] = this.#single.splice(one.which % Math.max(1, this.#single.length), 1);
        if (known !== undefined) breakpoints.unregister(known.view);
        return;
      }
      case 'enable':
      case 'disable': {
        const known = this.#single[one.which % Math.max(1, this.#single.length)];
        if (known === undefined) return;
        known.enabled = one.op === 'enable';
        breakpoints[one.op](known.view);
        return;
      }
      case 'store':
        if (!machine.cpu(one.cpu).online) return;
        this.#spawn([nop(), store(place(one.at))], one.cpu);
        this.#run();
        for (const known of this.#single) {
          if (known.cpu === one.cpu && known.at === one.at && known.enabled) known.hits++;
        }
        for (const wide of this.#wide) {
          const member = wide.members.get(one.cpu);
          if (wide.at === one.at && member !== undefined) member.hits++;
        }
        return;
      case 'offline':
        this.#offline(one.cpu, one.refusal);
        return;
      case 'online':
        if (machine.cpu(one.cpu).online) return;
        if (this.#refusing(one.refusal, () => machine.setOnline(one.cpu, true))) this.#extend(one.cpu);
        return;
      case 'suspend':
        this.#suspend(one.refusal);
        return;
      case 'debugger':
        breakpoints.debugger.enter('test');
        for (const { unit } of machine.cpus) assert.deepEqual(unit.filter.ranges, [], 'a debugger is inside');
        if (this.#refusing(undefined, () => this.#kernel.suspend())) this.#kernel.resume();
        for (const { unit } of machine.cpus) assert.deepEqual(unit.filter.ranges, [], 'it still is');
        breakpoints.debugger.leave();
        return;
      case 'nmi': {
        if (!machine.cpu(one.cpu).online) return;
        const end = machine.hooks.nmi.add((where) => {
          if (this.#subject.title.startsWith('x86')) assert.deepEqual(where.unit.filter.ranges, [], 'inside an NMI');
        });
        machine.cpu(one.cpu).interrupts.raiseNonMaskable();
        this.#run();
        end();
        return;
      }
      case 'guest':
        this.#guests(one.at);
        return;
      default:
        this.#succeed(one.op);
    }
  }

  #register(where: number, of: number | undefined, task: Task | undefined, act: () => Breakpoint): void {
    const view = this.#tried(act);
    if (view !== undefined) this.#single.push({ view, at: where, cpu: of, task, enabled: true, hits: 0 });
    else if (task !== undefined) this.#kernel.machine.exit(task);
  }

  #registerWide(where: number): void {
    const view = this.#tried(() => this.#kernel.breakpoints.registerWide(writes(place(where)), this.#handler));
    if (view === undefined) return;
    const members = new Map([...view.members].map(([index, member]) => [index, { view: member, hits: 0 }] as const));
    assert.deepEqual([...members.keys()], this.#online, 'a member on every CPU');
    this.#wide.push({ view, at: where, members });
  }

  #offline(index: number, where: string | undefined): void {
    const { machine } = this.#kernel;
    if (!machine.cpu(index).online || machine.onlineCpus.length === 1) return;
    if (!this.#refusing(where, () => machine.setOnline(index, false))) return;
    for (const known of this.#single) {
      if (known.cpu !== index) continue;
      if (known.enabled) this.#lost++;
      known.enabled = false;
    }
    for (const { members } of this.#wide) members.delete(index);
  }

  #suspend(where: string | undefined): void {
    const kernel = this.#kernel;
    const online = this.#online;
    if (!this.#refusing(where, () => kernel.suspend())) return;
    for (const { unit } of kernel.machine.cpus) assert.deepEqual(unit.filter.ranges, [], 'it has no power');
    assert.equal(kernel.machine.run(100).instructions, 0, 'nothing executes');
    kernel.resume();
    assert.deepEqual(this.#online, online, 'the same CPUs are there');
  }

  /** Members of wide ones on a CPU that came, as far as there was room; what is not there was said. */
  #extend(index: number): void {
    const said = this.#log.entries.filter(({ message }) =>
      message.startsWith(`CPU ${index} came online without`),
    ).length;
    let missing = 0;
    for (const { view, members } of this.#wide) {
      const member = view.members.get(index);
      if (member === undefined) missing++;
      else members.set(index, { view: member, hits: 0 });
    }
    assert.ok(missing <= said, 'who has no member there was told');
  }

  #guests(where: number): void {
    if (!this.#kvm) return;
    if (this.#guest === undefined) {
      const vm = this.#kernel.get(Kvm).createVm();
      const kernel = composeKernel({ arch: this.#subject.arch(), hardware: vm.hardware, strict: true });
      const watch = kernel.breakpoints.registerCpu(writes(place(0)), () => {}, 0);
      this.#guest = { kernel, watch, hits: 0 };
    }
    const guest = this.#guest;
    guest.kernel.machine.spawn(program([nop(), store(place(where)), nop()]));
    guest.kernel.machine.run();
    if (where === 0) guest.hits++;
  }

  #succeed(how: 'kexec' | 'crash'): void {
    const old = this.#kernel;
    const { registered } = old.breakpoints;
    this.#generation++;
    this.#log = new RingLogger();
    const next = old[how](this.#options());
    this.#kernel = next;
    this.#single = [];
    this.#wide = [];
    this.#lost = 0;
    for (const { unit } of next.machine.cpus) assert.deepEqual(unit.filter.ranges, [], 'before its first instruction');
    assert.equal(next.breakpoints.isUsed, false, 'it has every slot');
    assert.equal(old.machine.run(10).instructions, 0, 'the kernel before executes nothing');
    if (how === 'kexec')
      assert.equal(
        registered.every(({ state }) => state === 'released'),
        true,
        'it gave all back',
      );
    const guest = this.#guest?.kernel;
    this.#guest = undefined;
    assert.equal(guest?.machine.run(10).instructions ?? 0, 0, 'nor do its guests');
    guest?.dispose();
    old.dispose();
    this.#sabotage(next);
  }

  // --- what ought to be ---

  #check(after: string): void {
    const { machine, breakpoints } = this.#kernel;
    for (const { index, online, unit } of machine.cpus) {
      const armed = unit.filter.ranges.map(({ address }) => address).sort();
      const expected = online ? this.#armedOn(index) : [];
      assert.deepEqual(armed, expected, `CPU ${index} after ${after}`);
      assert.equal(breakpoints.isMuted(index), false, `CPU ${index} is muted after ${after}`);
    }
    for (const known of this.#single) assert.equal(known.view.hits, known.hits, `hits after ${after}`);
    for (const { members } of this.#wide) {
      for (const [index, member] of members) {
        assert.equal(member.view.hits, member.hits, `hits of a member on CPU ${index} after ${after}`);
      }
    }
    const members = this.#wide.reduce((sum, one) => sum + one.members.size, 0);
    assert.equal(breakpoints.registered.length, this.#single.length + members, `slots after ${after}`);
    const said = this.#log.entries.filter(({ message }) => message.includes('is lost')).length;
    assert.equal(said, this.#lost, `what was lost was said to be, after ${after}`);
    assert.equal(this.#late, 0, 'nothing of a kernel that is gone is called');
    if (this.#guest !== undefined)
      assert.equal(this.#guest.watch.hits, this.#guest.hits, `the guest's, after ${after}`);
  }

  #armedOn(index: number): bigint[] {
    const single = this.#single.filter((known) => known.cpu === index && known.enabled);
    const wide = this.#wide.filter(({ members }) => members.has(index));
    return [...single, ...wide].map((known) => place(known.at)).sort();
  }

  // --- how ---

  get #online(): readonly number[] {
    return this.#kernel.machine.onlineCpus.map(({ index }) => index);
  }

  get #handler(): () => void {
    const generation = this.#generation;
    return () => {
      if (generation !== this.#generation) this.#late++;
    };
  }

  #options(): Omit<KernelOptions, 'hardware' | 'cpus' | 'createUnit' | 'createClock' | 'instructionTime'> {
    return {
      arch: this.#subject.arch(),
      breakpointScheduler: this.#subject.scheduler(),
      strict: true,
      logger: this.#log,
      plugins: this.#kvm ? [Kvm] : [],
    };
  }

  #spawn(code: Iterable<Instruction>, index: number, run = true): Task {
    const online = this.#kernel.machine.cpu(index).online;
    return this.#kernel.machine.spawn(program(code), { run, ...(online ? { affinity: [index] } : {}) });
  }

  #run(): void {
    assert.equal(this.#kernel.machine.run(10_000).reason, 'idle');
  }

  #tried<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      const { errno } = error as { readonly errno?: string };
      if (errno === 'ENOSPC' || errno === 'ENODEV') return undefined;
      throw error;
    }
  }

  /** Does something that somebody refuses; false if it was. */
  #refusing(where: string | undefined, act: () => void): boolean {
    const { hotplug, power } = this.#kernel.machine;
    const fail = (): never => {
      throw new Refused('no');
    };
    let end = (): void => {};
    if (where === 'prepare' || where === 'online') {
      end = hotplug.register(where, 'no', { startup: fail, ...(where === 'online' ? { teardown: fail } : {}) });
    } else if (where === 'devices' || where === 'core') {
      end = power.register(where, 'no', { suspend: fail });
    }
    try {
      act();
      return true;
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    } finally {
      end();
    }
  }
}
