import assert from 'node:assert/strict';
import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import {
  type Architecture,
  type Breakpoint,
  type Breakpoints,
  composeKernel,
  directScheduler,
  type Hit,
  type HwBreakpointAttr,
  type Kernel,
  KernelError,
  type Machine,
  type Plugin,
  perfEvents,
  type Task,
} from '@hwbp/core';
import test from 'ava';
import fc from 'fast-check';
import { check } from './support/check.js';
import { fakeArch } from './support/fake-arch.js';
import { checkRegisters } from './support/kernel-state.js';
import { storingWorker, WORKER_DATA, WORKER_TEXT } from './support/storing-worker.js';

const CPUS = 2;

const attr: fc.Arbitrary<HwBreakpointAttr> = fc.oneof(
  fc.record({
    bp_type: fc.constantFrom(2, 3),
    bp_addr: fc.nat(7).map((n) => WORKER_DATA + BigInt(8 * n)),
    bp_len: fc.constantFrom(4, 8),
  }),
  fc.record({
    bp_type: fc.constant(4),
    bp_addr: fc.nat(7).map((n) => WORKER_TEXT + BigInt(4 * n)),
    bp_len: fc.constant(8),
  }),
);

/** What a handler finds around it when it is called. */
interface Scene {
  readonly chaos: Chaos;
  readonly machine: Machine;
  readonly breakpoints: Breakpoints;
  readonly hit: Hit;
  readonly me: Breakpoint;
  /** Any other breakpoint, a task, a CPU, a request. */
  readonly other: Breakpoint;
  readonly task: Task;
  readonly cpu: number;
  readonly request: HwBreakpointAttr;
}

/** What handlers do in the middle of a hit. */
const ACTIONS: Readonly<Record<string, (scene: Scene) => unknown>> = {
  nothing: () => undefined,
  'unregister me': ({ chaos, me }) => chaos.release(me),
  'unregister another': ({ chaos, other }) => chaos.release(other),
  'modify me': ({ breakpoints, me, request }) => breakpoints.modify(me, request),
  'modify another': ({ breakpoints, other, request }) => breakpoints.modify(other, request),
  'register for a task': ({ chaos, breakpoints, request, task }) =>
    breakpoints.registerUser(request, chaos.handler, task),
  'register for a CPU': ({ chaos, breakpoints, request, cpu }) => breakpoints.registerCpu(request, chaos.handler, cpu),
  'register wide': ({ chaos, breakpoints, request }) => breakpoints.registerWide(request, chaos.handler),
  'disable me': ({ breakpoints, me }) => breakpoints.disable(me),
  'disable another': ({ breakpoints, other }) => breakpoints.disable(other),
  'enable another': ({ breakpoints, other }) => breakpoints.enable(other),
  exit: ({ machine, task }) => machine.exit(task),
  fork: ({ chaos, machine, task }) => chaos.tasks.push(machine.fork(task, storingWorker(20))),
  exec: ({ machine, task }) => machine.exec(task, storingWorker(20)),
  'send a signal': ({ machine, task }) => machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 }),
  'stop a task': ({ machine, task }) => machine.halt(task),
  'wake a task': ({ machine, task }) => machine.wake(task),
  'move a task': ({ machine, task, cpu }) => machine.setAffinity(task, [cpu]),
  throw: () => {
    throw DELIBERATE;
  },
  suspend: ({ hit }) => hit.suspend('a handler suspended'),
  'run the machine': ({ machine, cpu }) => machine.run(5 * (cpu + 1)),
  'stop the machine': ({ machine }) => machine.stop('a handler stopped'),
  'take a CPU away': ({ machine, cpu }) => machine.setOnline(cpu, false),
  'bring a CPU up': ({ machine, cpu }) => machine.setOnline(cpu, true),
};

const DELIBERATE = new Error('a handler threw');

const action = fc.record({ what: fc.constantFrom(...Object.keys(ACTIONS)), request: attr, index: fc.nat(9) });
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** A kernel whose handlers do what a script says. */
class Chaos {
  readonly kernel: Kernel;
  readonly tasks: Task[];
  calls = 0;
  readonly #script: Action[];
  readonly #released = new Set<Breakpoint>();
  /** What handlers threw that they should not: the kernel swallows it. */
  readonly #errors: unknown[] = [];

  constructor(arch: Architecture, scheduler: Plugin, script: readonly Action[], attrs: readonly HwBreakpointAttr[]) {
    const handlerErrors = (error: unknown): 'continue' => {
      if (error !== DELIBERATE) this.#errors.push(error);
      return 'continue';
    };
    this.kernel = composeKernel({
      arch,
      breakpointScheduler: scheduler,
      cpus: CPUS,
      quantum: 3,
      tick: 5000,
      strict: true,
      handlerErrors,
    });
    this.#script = [...script];
    const { machine, breakpoints } = this.kernel;
    this.tasks = [0, 1, 2].map(() => machine.spawn(storingWorker(60)));
    for (const task of this.tasks) task.handlers.set('SIGUSR1', storingWorker(9));
    for (const [i, each] of attrs.entries()) {
      const task = this.tasks[i % 4];
      refusable(() =>
        task === undefined
          ? breakpoints.registerCpu(each, this.handler, i % CPUS)
          : breakpoints.registerUser(each, this.handler, task),
      );
    }
  }

  /** Runs to the end; after every slice the registers are as they should be. */
  play(): void {
    const { machine, breakpoints } = this.kernel;
    for (let slice = 0; slice < 2000; slice++) {
      const { reason } = machine.run(4);
      assert.deepEqual(this.#errors, []);
      // In the middle of an exception in kernel mode nothing is armed.
      if (machine.cpus.some((cpu) => machine.isSuspended(cpu))) continue;
      checkRegisters(this.kernel, breakpoints.registered);
      if (reason === 'idle') break;
    }
    for (const breakpoint of [...breakpoints.registered]) breakpoints.unregister(breakpoint);
    assert.equal(breakpoints.isUsed, false);
    for (const { unit } of machine.cpus) assert.deepEqual(unit.filter.ranges, [], 'nothing is armed');
  }

  release(breakpoint: Breakpoint): void {
    this.kernel.breakpoints.unregister(breakpoint);
    this.#released.add(breakpoint);
  }

  readonly handler = (hit: Hit): void => {
    this.calls++;
    assert.ok(!this.#released.has(hit.breakpoint), 'released means silent');
    const next = this.#script.shift();
    if (next !== undefined) refusable(() => ACTIONS[next.what]?.(this.#scene(next, hit)));
  };

  #scene({ request, index }: Action, hit: Hit): Scene {
    const { machine, breakpoints } = this.kernel;
    const { registered } = breakpoints;
    const other = registered[index % registered.length] ?? hit.breakpoint;
    const task = this.tasks[index % this.tasks.length] as Task;
    const { breakpoint: me } = hit;
    return { chaos: this, machine, breakpoints, hit, me, other, task, cpu: index % CPUS, request };
  }
}

/** A kernel may refuse; anything but a refusal is a bug. */
function refusable(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
  }
}

const SUBJECTS: Readonly<Record<string, readonly [() => Architecture, Plugin]>> = {
  x86: [x86, directScheduler()],
  'a fake with two pools': [() => fakeArch({ data: 2, instruction: 2, shared: false }), directScheduler()],
  'x86, as perf events': [x86, perfEvents()],
  'power10, as perf events': [() => ppc64(), perfEvents()],
  'arm64, as perf events': [() => arm64({ brps: 2, wrps: 2 }), perfEvents()],
};

for (const [name, [arch, scheduler]] of Object.entries(SUBJECTS)) {
  test(`handlers that call anything in the middle of a hit never corrupt slots or registers (${name})`, (t) => {
    let calls = 0;
    const property = fc.property(
      fc.array(action, { maxLength: 40, size: 'max' }),
      fc.array(attr, { minLength: 1, maxLength: 8, size: 'max' }),
      (script, attrs) => {
        const chaos = new Chaos(arch(), scheduler, script, attrs);
        const { kernel } = chaos;
        chaos.play();
        calls += chaos.calls;
        kernel.dispose();
      },
    );
    check(t, property, 300);
    t.true(calls > (arch().backend.manifest.slots.data > 2 ? 3000 : 2000), `the handlers were called: ${calls}`);
  });
}
