import { x86 } from '@hwbp/arch-x86';
import {
  type Architecture,
  composeKernel,
  type Kernel,
  type PrioritiesOptions,
  priorities,
  program,
  resumeKernel,
  type Task,
} from '@hwbp/core';
import { Ptrace } from '@hwbp/ptrace';
import test from 'ava';
import fc from 'fast-check';
import { check } from '../property/support/check.js';
import { fakeArch } from '../property/support/fake-arch.js';
import { StoreQueue } from '../property/support/store-queue.js';
import { both } from './both.js';
import { KERNEL_DATA, Rig, USER_DATA } from './support.js';

/*
 * Row 002-11 of docs/sources.md: the case where processes that need a register do not run, or begin to; with the switch
 * `priorities({ users: 'running' })`, under which those alone count that do.
 */

const PTRACE = 4;
const ONE: Architecture = fakeArch({ data: 1, instruction: 1, shared: true });
const running = (options: PrioritiesOptions = {}) => ({ slotPolicy: priorities({ users: 'running', ...options }) });

/** A task that stores to what users watch, and is on its CPU from {@link begin} to {@link end}. */
class Worker {
  readonly task: Task;
  readonly #queue = new StoreQueue();
  readonly #rig: Rig;

  constructor(rig: Rig, cpu = 0) {
    this.#rig = rig;
    this.task = rig.kernel.machine.spawn(() => this.#queue, { affinity: [cpu] });
    rig.kernel.machine.run();
  }

  begin(): void {
    this.#queue.store(USER_DATA);
    for (let i = 0; i < 9; i++) this.#queue.store(USER_DATA + 0x100n);
    this.#rig.kernel.machine.wake(this.task);
    this.#rig.kernel.machine.run(3);
  }

  end(): void {
    this.#rig.kernel.machine.run();
  }
}

both(
  '002-11: users that do not run keep nothing from the kernel, and have their register as they begin to',
  (t, scheduler) => {
    const rig = new Rig({ ...scheduler, ...running(), arch: ONE, cpus: 2 });
    const worker = new Worker(rig);
    const user = rig.user('user', worker.task, PTRACE);
    const kernel = rig.wide('kernel', { priority: 1, address: KERNEL_DATA });
    t.true(user.installed, 'it has its register whenever it runs');
    t.true(kernel.installed);
    t.is(rig.priorities.users(0).effective, undefined);
    t.deepEqual([rig.registers(0), rig.registers(1)], [['kwatch'], ['kwatch']]);
    worker.begin();
    t.deepEqual(rig.told(), ['-kernel', '!user'], 'told at the context switch, before the first hit');
    t.is(rig.priorities.users(0).effective, PTRACE);
    t.deepEqual(rig.registers(1), [undefined], 'on every CPU');
    t.deepEqual([user.installed, kernel.installed], [true, false]);
    worker.end();
    t.deepEqual(rig.told(), ['+kernel'], 'available again, from a context switch');
    t.deepEqual([rig.registers(0), rig.registers(1)], [['kwatch'], ['kwatch']]);
  },
);

both(
  '002-11: a stronger request of the kernel is in the way of a process that begins to run, which is told then',
  (t, scheduler) => {
    const rig = new Rig({ ...scheduler, ...running(), arch: ONE });
    const worker = new Worker(rig);
    const user = rig.user('user', worker.task, PTRACE);
    const strong = rig.wide('strong', { priority: 7, address: KERNEL_DATA });
    t.deepEqual([strong.installed, user.installed, rig.told()], [true, true, []]);
    worker.begin();
    t.deepEqual([strong.installed, user.installed, rig.told()], [true, false, ['-user']]);
    worker.end();
    rig.kwatch.unregister(strong);
    t.deepEqual([user.installed, rig.told()], [false, []], 'it is not looked at again before it runs');
    worker.begin();
    t.deepEqual(
      rig.told(),
      ['+user', '!user'],
      'from the context switch that brings it, in time for its first instruction',
    );
    worker.end();
    worker.begin();
    t.deepEqual([user.hits, rig.told()], [2, ['!user']]);
    rig.wide('stronger', { priority: 8, address: KERNEL_DATA });
    t.deepEqual(rig.told(), ['-user'], 'while it runs it is displaced as ever');
  },
);

both(
  '002-11: users of one register count as they run, each by its own level; with a maximum until none runs',
  (t, scheduler) => {
    for (const counts of ['exact', 'maximum'] as const) {
      const rig = new Rig({ ...scheduler, ...running({ counts }), arch: ONE, cpus: 2, quantum: 1 });
      const [low, high] = [new Worker(rig, 0), new Worker(rig, 1)];
      rig.user('low', low.task, 1);
      rig.user('high', high.task, 6);
      const level = () => rig.priorities.users(0).effective;
      t.is(level(), undefined);
      low.begin();
      t.is(level(), 1);
      high.begin();
      t.deepEqual([low.task.onCpu, high.task.onCpu, level()], [true, true, 6]);
      rig.kernel.machine.exit(high.task);
      t.deepEqual([low.task.onCpu, level()], [true, counts === 'exact' ? 1 : 6]);
      low.end();
      t.is(level(), undefined);
      rig.kernel.dispose();
    }
  },
);

test('a debugger’s watch takes the register as its task runs, and gives it up as it stops', (t) => {
  const rig = new Rig({ ...running(), plugins: [Ptrace] });
  const { kernel } = rig;
  const task = rig.task('tracee', USER_DATA);
  const tracer = kernel.get(Ptrace).tracer();
  tracer.attach(task);
  tracer.wait(task);
  const watches = [0, 1, 2, 3].map((i) => rig.wide(`kernel ${i}`, { attitude: 'step-aside' }));
  for (const [register, value] of [
    [0, USER_DATA],
    [7, 0xd_0001n],
  ] as const) {
    tracer.pokeUser(task, tracer.debugOffset(register), value);
  }
  t.true(
    watches.every(({ installed }) => installed),
    'it is stopped: nobody has made room',
  );
  tracer.cont(task);
  const status = tracer.wait(task);
  t.is(status?.kind === 'signal' && status.info.si_signo, 'SIGTRAP');
  t.deepEqual(rig.told(), ['-kernel 3', '+kernel 3'], 'while it ran');
});

test('who is on a CPU has what it is granted, whoever comes and goes', (t) => {
  const step = fc.record({
    act: fc.constantFrom('user', 'wide', 'cpu', 'drop', 'run', 'begin', 'end', 'exit'),
    who: fc.nat(3),
    level: fc.integer({ min: -1, max: 6 }),
  });
  const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const rig = new Rig({ ...running(), arch: fakeArch({ data: 2, instruction: 2, shared: true }), cpus: 2 });
    const { machine, breakpoints } = rig.kernel;
    const workers = [0, 1, 2, 3].map((i) => new Worker(rig, i % 2));
    const drops: (() => void)[] = [];
    for (const { act, who, level } of steps) {
      const worker = workers[who] as Worker;
      const { task } = worker;
      const attr = { bp_type: 2, bp_addr: USER_DATA + 64n, bp_len: 4 };
      if (act === 'user' && task.alive) {
        const made = breakpoints.registerUser(attr, () => {}, task, { priority: level });
        drops.push(() => breakpoints.unregister(made));
      } else if (act === 'wide') {
        const made = breakpoints.registerWide(attr, () => {}, { priority: level });
        drops.push(() => breakpoints.unregisterWide(made));
      } else if (act === 'cpu') {
        const made = breakpoints.registerCpu(attr, () => {}, who % 2, { priority: level });
        drops.push(() => breakpoints.unregister(made));
      } else if (act === 'drop') drops.splice(who % Math.max(1, drops.length), 1)[0]?.();
      else if (act === 'run') machine.run(who + 1);
      else if (act === 'begin' && task.alive) worker.begin();
      else if (act === 'end') worker.end();
      else if (act === 'exit' && who === 3 && task.alive) machine.exit(task);
      for (const one of breakpoints.registered) {
        const there = one.task === undefined ? true : one.task.onCpu;
        if (one.state === 'waiting') continue;
        if ((one.state === 'active') !== there)
          throw new Error(`${one.owner} of ${one.task ?? one.cpu} is ${one.state}`);
      }
      for (const cpu of machine.cpus) {
        const occupants = breakpoints.occupants(cpu.index).filter((one) => one !== undefined);
        if (occupants.length !== cpu.unit.filter.ranges.length) throw new Error('what is armed is who is there');
      }
      for (const register of [0, 1]) {
        const all = machine.cpus.map(({ index }) => breakpoints.occupants(index)[register]);
        const users = all.filter((one) => one?.task !== undefined);
        const kernels = all.filter((one) => one !== undefined && one.task === undefined);
        if (users.length > 0 && kernels.length > 0) throw new Error('a user and the kernel share a register');
      }
    }
    for (const drop of drops) drop();
    if (breakpoints.isUsed) throw new Error('every slot is given back');
    rig.kernel.dispose();
  });
  check(t, property, 300);
});

test('with the option absent, nothing is looked at in a context switch', (t) => {
  const hooks = (options: PrioritiesOptions) => {
    using kernel = new Rig({ arch: x86(), slotPolicy: priorities(options) }).kernel;
    return kernel.machine.hooks.contextSwitch.size;
  };
  t.is(hooks({ users: 'running' }) - hooks({}), 2);
  t.throws(() => priorities({ users: 'some' as 'all' }), { code: 'COMPOSE_INVALID_OPTION' });
});

test('an image keeps who has which register, in the middle of a user’s turn', (t) => {
  for (const instructions of [0, 3, 9, 30]) {
    const code = { onHit: () => {} };
    const options = () => ({
      arch: fakeArch({ data: 1, instruction: 1, shared: true }),
      cpus: 2,
      quantum: 5,
      strict: true,
      code,
      ...running(),
    });
    const kernel = composeKernel(options());
    const list = Array.from({ length: 40 }, (_, i) => ({ pc: 0x40_0000n + BigInt(4 * i), length: 4 }));
    const [a, b] = ['a', 'b'].map((comm) => kernel.machine.spawn(program(list), { comm, affinity: [0] }));
    const attr = { bp_type: 2, bp_addr: USER_DATA, bp_len: 4 };
    kernel.breakpoints.registerUser(attr, code.onHit, a as Task, { priority: PTRACE, owner: 'user' });
    kernel.breakpoints.registerWide(attr, code.onHit, { priority: 1, owner: 'kernel' });
    kernel.machine.run(instructions);
    const resumed = resumeKernel(options(), kernel.hibernate());
    kernel.resume();
    const look = ({ machine, breakpoints }: Kernel) => [
      machine.cpus.map(({ index }) => breakpoints.occupants(index).map((one) => one?.owner)),
      breakpoints.registered.map(({ owner, cpu, state }) => [owner, cpu, state]),
    ];
    for (let step = 0; step < 30; step++) {
      t.deepEqual(look(resumed), look(kernel), `after ${instructions} and ${step}`);
      for (const one of [kernel, resumed]) one.machine.run(3);
    }
    t.deepEqual([a?.exit, b?.exit], [{ code: 0 }, { code: 0 }]);
    resumed.dispose();
    kernel.dispose();
  }
});
