import assert from 'node:assert/strict';
import {
  type CountingMethod,
  composeKernel,
  directScheduler,
  type Kernel,
  KernelError,
  perfEvents,
  priorities,
  program,
  type Task,
} from '@hwbp/core';
import { Kwatch, type Watch } from '@hwbp/kwatch';
import test from 'ava';
import fc from 'fast-check';
import { check } from './support/check.js';
import { fakeArch } from './support/fake-arch.js';

const ACTS = ['kernel', 'kernel', 'user', 'user', 'unregister', 'exit', 'exec', 'power', 'run'] as const;
const step = fc.record({
  act: fc.constantFrom(...ACTS),
  priority: fc.nat(4),
  waits: fc.nat(4).map((n) => n !== 0),
  index: fc.nat(40),
});

/** Watches to which anything happens, and what their owners think of them. */
class WatchChaos {
  readonly kernel: Kernel;
  readonly #kwatch: Kwatch;
  readonly #tasks: Task[] = [];
  readonly #believes = new Map<Watch, { installed: boolean; hits: number }>();

  constructor(counts: CountingMethod, scheduler: 'direct' | 'events') {
    this.kernel = composeKernel({
      arch: fakeArch({ data: 2, instruction: 2, shared: true }),
      cpus: 3,
      strict: true,
      slotPolicy: priorities({ counts }),
      breakpointScheduler: scheduler === 'direct' ? directScheduler() : perfEvents(),
      plugins: [Kwatch],
    });
    this.#kwatch = this.kernel.get(Kwatch);
    for (let i = 0; i < 3; i++) this.#spawn();
  }

  act({
    act,
    priority,
    waits,
    index,
  }: {
    act: (typeof ACTS)[number];
    priority: number;
    waits: boolean;
    index: number;
  }): void {
    const { machine } = this.kernel;
    const task = this.#tasks[index % this.#tasks.length] as Task;
    const watch = [...this.#believes.keys()][index % Math.max(1, this.#believes.size)];
    const cpu = index % 3;
    if (act === 'kernel') this.#register(undefined, priority, waits);
    else if (act === 'user') this.#register(task, priority, waits);
    else if (act === 'run') machine.run(index);
    else if (act === 'exec') machine.exec(task, endless);
    else if (act === 'unregister' && watch !== undefined) {
      this.#kwatch.unregister(watch);
      this.#believes.delete(watch);
    } else if (act === 'exit') {
      this.#tasks.splice(this.#tasks.indexOf(task), 1);
      machine.exit(task);
      this.#spawn();
    } else if (act === 'power' && (machine.onlineCpus.length > 1 || !machine.cpu(cpu).online)) {
      machine.setOnline(cpu, !machine.cpu(cpu).online);
    }
    this.#check();
  }

  end(): void {
    this.#kwatch.stop();
    assert.equal(this.kernel.breakpoints.isUsed, false);
    for (const [watch] of this.#believes) assert.equal(watch.status, 0);
    this.kernel.dispose();
  }

  #register(task: Task | undefined, priority: number, waits: boolean): void {
    const told = (installed: boolean) => (watch: Watch) => {
      const believed = this.#believes.get(watch);
      assert.ok(believed !== undefined, 'only who is registered is told');
      assert.notEqual(believed.installed, installed, 'nobody is told the same twice');
      believed.installed = installed;
    };
    const request = {
      address: 0x1000n,
      length: 4,
      type: 2,
      priority,
      waits,
      triggered: (watch: Watch) => {
        const believed = this.#believes.get(watch);
        assert.ok(believed?.installed, 'only who has a register is hit');
        believed.hits++;
      },
      installed: told(true),
      uninstalled: told(false),
    };
    try {
      const watch =
        task === undefined ? this.#kwatch.registerKernel(request) : this.#kwatch.registerUser(task, request);
      this.#believes.set(watch, { installed: watch.installed, hits: 0 });
    } catch (error) {
      if (!(error instanceof KernelError) || error.errno !== 'ENOSPC') throw error;
      assert.equal(waits, false, 'who can wait is not refused');
    }
  }

  #check(): void {
    for (const [watch, { installed, hits }] of this.#believes) {
      assert.equal(watch.installed, installed, 'what its owner was told is how it is');
      assert.equal(watch.hits, hits);
      if (!watch.registered) this.#believes.delete(watch);
    }
    assert.deepEqual(new Set(this.#kwatch.watches), new Set(this.#believes.keys()));
    // A watch of the kernel is everywhere, in one register, or nowhere.
    const { breakpoints, machine } = this.kernel;
    const online = machine.onlineCpus.length;
    const armed = machine.cpus.flatMap(({ index }) => breakpoints.occupants(index));
    const kernels = armed.filter((one) => one !== undefined && one.task === undefined);
    const installed = this.#kwatch.watches.filter((watch) => watch.task === undefined && watch.installed);
    assert.equal(kernels.length, installed.length * online);
    for (const { index } of machine.onlineCpus) {
      const registers = (cpu: number) =>
        breakpoints.occupants(cpu).map((one) => one !== undefined && one.task === undefined);
      assert.deepEqual(registers(index), registers(machine.onlineCpus[0]?.index ?? 0));
    }
  }

  #spawn(): void {
    this.#tasks.push(this.kernel.machine.spawn(endless, { comm: 'task' }));
  }
}

const store = { kind: 'write', address: 0x1000n, size: 4 } as const;
const endless = program(function* () {
  for (;;) yield { pc: 0x40_0000n, length: 4, accesses: [store] };
});

for (const counts of ['exact', 'maximum'] as const) {
  for (const scheduler of ['direct', 'events'] as const) {
    test(`random watches: owners know how things are, and watches of the kernel are everywhere or nowhere (${counts}, ${scheduler})`, (t) => {
      const property = fc.property(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), (script) => {
        const chaos = new WatchChaos(counts, scheduler);
        for (const one of script) chaos.act(one);
        chaos.end();
      });
      check(t, property, 60);
    });
  }
}
