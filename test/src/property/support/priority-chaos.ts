import assert from 'node:assert/strict';
import {
  type Breakpoint,
  type CountingMethod,
  composeKernel,
  defineSlotPolicy,
  directScheduler,
  type Kernel,
  KernelError,
  type PriorityPolicy,
  perfEvents,
  program,
  type SlotHost,
  type Task,
  type WideBreakpoint,
} from '@hwbp/core';
import { fakeArch } from './fake-arch.js';
import { belongs, checkRegisters } from './kernel-state.js';
import { ComparedPriorities } from './slow-priorities.js';

const CPUS = 3;

/** What can happen. */
export const ACTS = [
  'user',
  'user',
  'cpu',
  'wide',
  'unregister',
  'unregister',
  'modify',
  'toggle',
  'exit',
  'fork',
  'power',
  'run',
  'void',
] as const;

export interface Act {
  readonly act: (typeof ACTS)[number];
  readonly who: number;
  readonly priority: number;
  readonly execute: boolean;
  readonly waits: boolean;
  readonly index: number;
}

/** A kernel with the priorities beside their model, to which anything happens, and who has been told what. */
export class PriorityChaos {
  readonly kernel: Kernel;
  readonly #inherits: boolean;
  readonly #tasks: Task[] = [];
  readonly #wides: WideBreakpoint[] = [];
  /** Who thinks that it has a register; one that is not there has not been told anything yet. */
  readonly #believes = new Map<Breakpoint, boolean>();
  #notices = 0;

  /** `planted`: a policy with a fault. */
  constructor(
    slots: Parameters<typeof fakeArch>[0],
    counts: CountingMethod,
    scheduler: 'direct' | 'events',
    planted?: (host: SlotHost) => PriorityPolicy,
  ) {
    this.#inherits = scheduler === 'events';
    this.kernel = composeKernel({
      arch: fakeArch(slots),
      cpus: CPUS,
      strict: true,
      slotPolicy: defineSlotPolicy(
        'compared',
        (host) => new ComparedPriorities(host, { owners: {}, counts, users: 'all' }, planted?.(host)),
      ),
      breakpointScheduler: scheduler === 'direct' ? directScheduler() : perfEvents(),
    });
    // As debuggers' registers do: a task takes its breakpoints along.
    this.kernel.machine.hooks.exit.add((task) => {
      for (const one of this.#registered) if (one.task === task && one.parent === undefined) this.#unregister(one);
    });
    for (let i = 0; i < 3; i++) this.#spawn();
  }

  act(act: Act): void {
    try {
      this.#do(act);
    } catch (error) {
      if (!(error instanceof KernelError) || !['ENOSPC', 'ESRCH', 'ENODEV', 'EINVAL'].includes(error.errno))
        throw error;
    }
    this.#check();
  }

  /** Everything is given back, and nothing is left. */
  end(): void {
    const { breakpoints, machine } = this.kernel;
    for (const wide of this.#wides) breakpoints.unregisterWide(wide);
    for (const one of this.#registered) if (one.parent === undefined) this.#unregister(one);
    this.#check();
    assert.equal(breakpoints.isUsed, false);
    for (const { unit } of machine.cpus) assert.deepEqual(unit.filter.ranges, []);
    this.kernel.dispose();
  }

  get #registered(): readonly Breakpoint[] {
    return this.kernel.breakpoints.registered;
  }

  #do({ act, who, priority, execute, waits, index }: Act): void {
    const { breakpoints, machine } = this.kernel;
    const attr = execute
      ? { bp_type: 4, bp_addr: 0x40_0000n, bp_len: 8 }
      : { bp_type: 2, bp_addr: 0x1000n + BigInt(8 * (index % 4)), bp_len: 4 };
    const task = this.#tasks[index % Math.max(1, this.#tasks.length)];
    const [cpu, one] = [index % CPUS, this.#registered[index % Math.max(1, this.#registered.length)]];
    const options = {
      owner: `${act} of ${priority}`,
      priority,
      waits,
      installed: (self: Breakpoint) => this.#told(self, true),
      uninstalled: (self: Breakpoint) => this.#told(self, false),
    };
    switch (act) {
      case 'user':
        if (task === undefined) return;
        breakpoints.registerUser({ ...attr, inherit: this.#inherits && who > 2 }, () => {}, task, {
          ...options,
          cpu: who === 0 ? cpu : -1,
        });
        return;
      case 'cpu':
        breakpoints.registerCpu(attr, () => {}, cpu, options);
        return;
      case 'wide':
        this.#wides.push(breakpoints.registerWide(attr, () => {}, options));
        return;
      case 'unregister':
        if (who < 2) breakpoints.unregisterWide(this.#wides.splice(index % Math.max(1, this.#wides.length), 1)[0]);
        else if (one !== undefined && !this.#isWide(one) && one.parent === undefined) this.#unregister(one);
        return;
      case 'modify':
        if (who < 2 && this.#wides.length > 0) {
          const wide = this.#wides[index % this.#wides.length];
          if (wide !== undefined) breakpoints.modifyWide(wide, attr);
        } else if (one !== undefined && !this.#isWide(one)) breakpoints.modify(one, attr);
        return;
      case 'toggle':
        if (one === undefined) return;
        if (one.enabled) breakpoints.disable(one);
        else breakpoints.enable(one);
        return;
      case 'exit':
        if (task === undefined) return;
        this.#tasks.splice(this.#tasks.indexOf(task), 1);
        machine.exit(task);
        this.#spawn();
        return;
      case 'fork':
        if (task !== undefined && this.#tasks.length < 6) this.#tasks.push(machine.fork(task, nothing));
        return;
      case 'power':
        if (machine.onlineCpus.length > 1 || !machine.cpu(cpu).online) machine.setOnline(cpu, !machine.cpu(cpu).online);
        return;
      case 'run':
        machine.run(index);
        return;
      case 'void':
        // Valid for the policy, and refused behind it: nobody hears of it.
        this.#refused(() =>
          breakpoints.registerUser(attr, () => {}, this.#gone(), { ...options, priority: priority + 2 }),
        );
    }
  }

  #refused(action: () => unknown): void {
    const before = this.#registered.map(({ state, register, onCpu }) => ({ state, register, onCpu }));
    const notices = this.#notices;
    assert.throws(action, KernelError);
    assert.equal(this.#notices, notices, 'nobody hears of what was refused');
    assert.deepEqual(
      this.#registered.map(({ state, register, onCpu }) => ({ state, register, onCpu })),
      before,
      'what was refused changes nothing',
    );
  }

  #gone(): Task {
    const task = this.kernel.machine.spawn(program([]), { run: false });
    this.kernel.machine.exit(task);
    return task;
  }

  #spawn(): void {
    this.#tasks.push(this.kernel.machine.spawn(endless, { comm: 'task' }));
  }

  #unregister(one: Breakpoint): void {
    this.kernel.breakpoints.unregister(one);
  }

  #isWide(one: Breakpoint): boolean {
    return this.#wides.some(({ members }) => [...members.values()].includes(one));
  }

  #told(one: Breakpoint, installed: boolean): void {
    // Of one that is still being registered the registration itself is the answer, unless it was told before.
    this.#notices++;
    const believed = this.#believes.get(one);
    if (believed !== undefined) assert.notEqual(installed, believed, `${one.owner} is told the same twice`);
    this.#believes.set(one, installed);
  }

  #check(): void {
    const registered = this.#registered;
    for (const one of registered) {
      const has = one.state !== 'waiting';
      const believed = this.#believes.get(one);
      if (believed === undefined) this.#believes.set(one, has);
      else assert.equal(believed, has, `${one.owner} was told what became of it`);
      if (one.state === 'active') assert.equal(this.kernel.breakpoints.occupants(one.onCpu)[one.register], one);
    }
    for (const one of [...this.#believes.keys()]) if (one.state === 'released') this.#believes.delete(one);
    for (const { index } of this.kernel.machine.cpus) {
      for (const occupant of this.kernel.breakpoints.occupants(index)) {
        assert.ok(
          occupant === undefined || (occupant.state === 'active' && occupant.onCpu === index),
          'who is armed is granted',
        );
      }
    }
    // What a child inherited follows the event of its parent, and says nothing of that in its attributes.
    checkRegisters(
      this.kernel,
      registered.filter(({ state }) => state !== 'waiting'),
      (one, kernel, cpu) => (one.parent === undefined ? belongs(one, kernel, cpu) : one.onCpu === cpu),
    );
  }
}

const nothing = program([]);
const store = { kind: 'write', address: 0x1000n, size: 4 } as const;
const endless = program(function* () {
  for (;;) yield { pc: 0x40_0000n, length: 4, accesses: [store] };
});
