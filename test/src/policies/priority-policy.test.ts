import assert from 'node:assert/strict';
import { x86 } from '@hwbp/arch-x86';
import {
  type Architecture,
  type Breakpoint,
  composeKernel,
  defineSlotPolicy,
  directScheduler,
  EVENTS,
  type Kernel,
  linuxSlotPolicy,
  PRIORITIES,
  perfEvents,
  priorities,
  program,
  registrationOf,
  type Task,
  WAITING,
} from '@hwbp/core';
import test from 'ava';
import fc from 'fast-check';
import { check } from '../property/support/check.js';
import { fakeArch } from '../property/support/fake-arch.js';
import { checkRegisters } from '../property/support/kernel-state.js';

const PTRACE = 4;

/** A kernel with this policy, and who was told what. */
class Rig {
  readonly kernel: Kernel;
  readonly notices: string[] = [];
  readonly a: Task;
  readonly b: Task;

  constructor(arch: Architecture, cpus = 1) {
    this.kernel = composeKernel({ arch, cpus, strict: true, slotPolicy: priorities() });
    this.a = this.#task('A');
    this.b = this.#task('B');
  }

  /** For a task, or for CPU 0. */
  claim(owner: string, priority: number, task?: Task, bp_type = 2): Breakpoint {
    const { breakpoints } = this.kernel;
    const options = {
      owner,
      priority,
      installed: () => this.notices.push(`+${owner}`),
      uninstalled: () => this.notices.push(`-${owner}`),
    };
    const attr = { bp_type, bp_addr: 0x1000n, bp_len: bp_type === 4 ? 8 : 4 };
    const handler = (): void => {};
    return task === undefined
      ? breakpoints.registerCpu(attr, handler, 0, options)
      : breakpoints.registerUser(attr, handler, task, options);
  }

  release(...claims: readonly Breakpoint[]): void {
    for (const claim of claims) this.kernel.breakpoints.unregister(claim);
  }

  told(): string[] {
    return this.notices.splice(0);
  }

  #task(comm: string): Task {
    const store = { kind: 'write', address: 0x1000n, size: 4 } as const;
    const endless = program(function* () {
      for (;;) yield { pc: 0x40_0000n, length: 4, accesses: [store] };
    });
    return this.kernel.machine.spawn(endless, { comm });
  }
}

const one = () => fakeArch({ data: 1, instruction: 1, shared: true });

test('a higher claim takes the register away with notice, and gives it back', (t) => {
  const rig = new Rig(one());
  const low = rig.claim('low', 0);
  const high = rig.claim('high', 1);
  t.is(low.state, 'waiting');
  t.is(high.state, 'active');
  t.deepEqual(rig.told(), ['-low'], 'the new one has its answer');
  rig.kernel.machine.run(5);
  t.deepEqual([low.hits, high.hits], [0, 5]);
  rig.release(high);
  t.deepEqual(rig.told(), ['+low']);
  rig.kernel.machine.run(5);
  t.is(low.hits, 5);
});

test('an equal or lower claim is not refused: it is registered and waits', (t) => {
  const rig = new Rig(one());
  const first = rig.claim('first', 3);
  const equal = rig.claim('equal', 3);
  const lower = rig.claim('lower', 2);
  t.deepEqual(
    [first, equal, lower].map(({ state }) => state),
    ['active', 'waiting', 'waiting'],
  );
  t.deepEqual(rig.told(), []);
  t.true(rig.kernel.breakpoints.isUsed);
});

test('waiting claims are granted by priority, and first come first served inside a level', (t) => {
  const rig = new Rig(one());
  const holder = rig.claim('holder', 9);
  const claims = [rig.claim('early 1', 1), rig.claim('first 5', 5), rig.claim('late 5', 5), rig.claim('late 1', 1)];
  rig.release(holder);
  t.deepEqual(rig.told(), ['+first 5']);
  const [early, first, late] = claims;
  if (early === undefined || first === undefined || late === undefined) throw new Error('impossible');
  rig.release(first);
  rig.release(late);
  rig.release(early);
  t.deepEqual(rig.told(), ['+late 5', '+early 1', '+late 1']);
});

test('A and B: a claim between two users of one register waits for the higher, and gets it when that exits (spec 10.1)', (t) => {
  const rig = new Rig(one());
  const { machine } = rig.kernel;
  const high = rig.claim('A', 6, rig.a);
  const low = rig.claim('B', 1, rig.b);
  t.deepEqual([high.state, low.state].includes('waiting'), false, 'tasks are independent');
  machine.hooks.exit.add((task) => {
    if (task === rig.a) rig.release(high);
  });
  const kernel = rig.claim('kernel', PTRACE);
  t.is(kernel.state, 'waiting', 'although B alone would have to give way');
  t.deepEqual(rig.told(), []);
  machine.exit(rig.a);
  t.deepEqual(rig.told(), ['-B', '+kernel']);
  t.is(kernel.state, 'active');
  rig.release(kernel);
  t.deepEqual(rig.told(), ['+B']);
});

test('three attitudes to ptrace can be expressed: break it, do not break it, get out of its way', (t) => {
  const rig = new Rig(x86());
  const polite = [1, 2].map((n) => rig.claim(`polite ${n}`, PTRACE - 1));
  const invasive = rig.claim('invasive', PTRACE + 1);
  const traced = [1, 2, 3].map((n) => rig.claim(`ptrace ${n}`, PTRACE, rig.a));
  t.deepEqual(rig.told(), ['-polite 2', '-polite 1']);
  t.true(traced.every(({ state }) => state !== 'waiting'));
  const another = rig.claim('invasive too', PTRACE + 1);
  t.deepEqual(rig.told(), ['-ptrace 3']);
  t.not(invasive.state, 'waiting');
  rig.release(another, ...traced);
  t.deepEqual(rig.told(), ['+ptrace 3', '+polite 1', '+polite 2']);
  rig.release(invasive, ...polite);
  t.false(rig.kernel.breakpoints.isUsed);
});

test('a disabled claim keeps its rank, is displaced like any other, and comes back disabled', (t) => {
  const rig = new Rig(one());
  const { breakpoints } = rig.kernel;
  const low = rig.claim('low', 0);
  breakpoints.disable(low);
  const high = rig.claim('high', 1);
  breakpoints.modify(low, { bp_addr: 0x2000n });
  rig.release(high);
  t.is(low.state, 'off');
  breakpoints.enable(low);
  t.is(low.state, 'active');
  t.is(registrationOf(low).info.address, 0x2000n, 'what was modified while it waited counts');
});

test('a request that is invalid leaves everything granted as it was, even where it would have displaced', (t) => {
  const rig = new Rig(one());
  const low = rig.claim('low', 0);
  t.throws(
    () => rig.kernel.breakpoints.registerCpu({ bp_type: 2, bp_addr: 1n, bp_len: 4 }, () => {}, 0, { priority: 5 }),
    {
      code: 'HWBP_ARCH_INVALID',
    },
  );
  t.is(low.state, 'active');
  rig.kernel.machine.run(3);
  t.is(low.hits, 3);
});

test('owners may call in from their notices: one that gives up when it is displaced, one that comes back at once', (t) => {
  const rig = new Rig(one());
  const { breakpoints } = rig.kernel;
  const attr = { bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
  const quitter = breakpoints.registerCpu(attr, () => {}, 0, { uninstalled: (self) => breakpoints.unregister(self) });
  const high = rig.claim('high', 5);
  t.is(quitter.state, 'released');
  let again: Breakpoint | undefined;
  const fighter = breakpoints.registerCpu(attr, () => {}, 0, {
    priority: 6,
    uninstalled: () => {
      again = breakpoints.registerCpu(attr, () => {}, 0, { priority: 9 });
    },
  });
  const higher = rig.claim('higher', 8);
  t.deepEqual([high.state, fighter.state, higher.state, again?.state], ['waiting', 'waiting', 'waiting', 'active']);
});

for (const [name, breakpointScheduler] of Object.entries({ direct: directScheduler(), events: perfEvents() })) {
  test(`an owner that is told changes what others are still to be told of: who is granted is in its register (${name})`, (t) => {
    const kernel = composeKernel({ arch: one(), cpus: 2, slotPolicy: priorities(), breakpointScheduler });
    const { breakpoints, machine } = kernel;
    const task = machine.spawn(program([{ pc: 0x40_0000n, length: 4 }]));
    const attr = { bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
    const told: string[] = [];
    const lows = [0, 1].map((cpu) =>
      breakpoints.registerCpu(attr, () => {}, cpu, {
        owner: `low ${cpu}`,
        installed: ({ owner }) => told.push(`+${owner}`),
        uninstalled: ({ owner }) => {
          told.push(`-${owner}`);
          // The newcomer goes before its own registration is done.
          for (const other of breakpoints.registered) if (other.priority > 0) breakpoints.unregister(other);
        },
      }),
    );
    const high = breakpoints.registerUser(attr, () => {}, task, { priority: 5 });
    t.is(high.state, 'released');
    t.deepEqual(
      lows.map(({ state }) => state),
      ['active', 'active'],
    );
    t.deepEqual(told, ['-low 0', '-low 1', '+low 0', '+low 1'], 'in the order in which it happened');
    checkRegisters(kernel, breakpoints.registered);
    for (const low of lows) breakpoints.unregister(low);
    machine.run();
    t.false(breakpoints.isUsed);
    t.deepEqual(breakpoints.registered, []);
    if (name === 'events') t.is(kernel.get(EVENTS).all.size, 0);
  });
}

test('a kernel debugger ranks before everybody, and is refused where it would have to wait', (t) => {
  const rig = new Rig(one());
  const low = rig.claim('low', 9);
  const { debugger: slots } = rig.kernel.breakpoints;
  const attr = { bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
  const reservation = slots.reserve(attr, () => {}, 0, 'first debugger');
  t.is(low.state, 'waiting');
  t.throws(() => slots.reserve(attr, () => {}, 0, 'second debugger'), {
    code: 'HWBP_NO_SLOT',
    message: /no register of 1 has only holders of a priority below its own .*: first debugger for CPU 0/,
  });
  t.true(reservation?.release());
  t.is(low.state, 'active');
  t.deepEqual(rig.told(), ['-low', '+low']);
});

test('a policy that would let a kernel debugger wait all the same is told that it cannot', (t) => {
  const slotPolicy = defineSlotPolicy('patient', (host) => {
    const inner = linuxSlotPolicy().create(host);
    return {
      name: inner.name,
      reserve(claim) {
        inner.reserve(claim);
        return WAITING;
      },
      change: (claim, slotClass) => inner.change(claim, slotClass),
      release: (claim) => inner.release(claim),
      place: () => -1,
      get isUsed() {
        return inner.isUsed;
      },
    };
  });
  const { breakpoints } = composeKernel({ arch: one(), slotPolicy });
  const attr = { bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
  t.throws(() => breakpoints.debugger.reserve(attr, () => {}, 0, 'debugger'), {
    code: 'HWBP_NO_SLOT',
    message: /would let debugger wait for a register of CPU 0, and it cannot wait/,
  });
  t.false(breakpoints.isUsed);
});

const step = fc.oneof(
  fc.record({ act: fc.constant('claim' as const), priority: fc.nat(3), who: fc.nat(3), execute: fc.boolean() }),
  fc.record({ act: fc.constant('release' as const), index: fc.nat(9) }),
  fc.record({ act: fc.constant('run' as const), index: fc.nat(9) }),
);

test('random claims: who is granted is in its register, and nobody waits for somebody of a lower priority', (t) => {
  const property = fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
    const rig = new Rig(fakeArch({ data: 2, instruction: 1, shared: false }), 2);
    const { breakpoints, machine } = rig.kernel;
    for (const each of steps) {
      if (each.act === 'run') machine.run(each.index);
      else if (each.act === 'release') breakpoints.unregister(breakpoints.registered[each.index]);
      else rig.claim('x', each.priority, [rig.a, rig.b][each.who], each.execute ? 4 : 2);
      const granted = breakpoints.registered.filter(({ state }) => state !== 'waiting');
      checkRegisters(rig.kernel, granted);
      for (const waiting of breakpoints.registered.filter(({ state }) => state === 'waiting')) {
        const limit = waiting.slotClass === 'data' ? 2 : 1;
        const before = granted.filter(
          ({ slotClass, priority }) => slotClass === waiting.slotClass && priority >= waiting.priority,
        );
        assert.ok(before.length >= limit, 'it waits for claims of its level or above');
      }
    }
  });
  check(t, property, 150);
});

for (const [name, breakpointScheduler] of Object.entries({ direct: directScheduler(), events: perfEvents() })) {
  test(`a change of class hands the old register to who waits for it (${name})`, (t) => {
    const arch = fakeArch({ data: 1, instruction: 1, shared: false });
    const kernel = composeKernel({ arch, cpus: 1, strict: true, slotPolicy: priorities(), breakpointScheduler });
    const { breakpoints } = kernel;
    const attr = { bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
    const first = breakpoints.registerCpu(attr, () => {}, 0, { owner: 'first' });
    const second = breakpoints.registerCpu(attr, () => {}, 0, { owner: 'second' });
    t.deepEqual([first.state, second.state], ['active', 'waiting']);
    breakpoints.modify(first, { bp_type: 4, bp_len: 8 });
    t.deepEqual([first.state, second.state], ['active', 'active']);
    t.deepEqual([first.register, second.register], [1, 0]);
    checkRegisters(kernel, [first, second]);
  });
}

for (const [name, breakpointScheduler] of Object.entries({ direct: directScheduler(), events: perfEvents() })) {
  test(`what is granted because a CPU goes is not armed on that CPU, and comes back with it (${name})`, (t) => {
    const kernel = composeKernel({ arch: one(), cpus: 2, strict: true, slotPolicy: priorities(), breakpointScheduler });
    const { breakpoints, machine } = kernel;
    const attr = { bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
    breakpoints.registerWide(attr, () => {}, { owner: 'wide' });
    const waits = breakpoints.registerCpu(attr, () => {}, 1, { owner: 'of CPU 1' });
    machine.setOnline(1, false);
    t.not(waits.state, 'active');
    t.deepEqual(breakpoints.occupants(1), [undefined]);
    machine.setOnline(1, true);
    t.is(waits.state, 'active');
    t.deepEqual([...breakpoints.registered].map(({ owner, state }) => [owner, state]).sort(), [
      ['of CPU 1', 'active'],
      ['wide', 'waiting'],
      ['wide', 'waiting'],
    ]);
  });
}

test('the maximum of a register does not fall as one of its users takes it from another', (t) => {
  const kernel = composeKernel({ arch: one(), slotPolicy: priorities({ counts: 'maximum' }) });
  const { breakpoints, machine } = kernel;
  const users = () => kernel.get(PRIORITIES).users(0).effective;
  const task = (comm: string): Task => machine.spawn(program([]), { comm, run: false });
  const attr = { bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
  const [a, b] = [task('A'), task('B')];
  const user = (of: Task, priority: number) => breakpoints.registerUser(attr, () => {}, of, { priority });
  const strong = user(b, 7);
  user(a, 1);
  breakpoints.unregister(strong);
  t.is(users(), 7);
  user(a, 2);
  t.is(users(), 7);
});

test('a request that is invalid disturbs nobody, not even those who would have found another register', (t) => {
  const kernel = composeKernel({
    arch: fakeArch({ data: 2, instruction: 2, shared: true }),
    slotPolicy: priorities(),
  });
  const { breakpoints, machine } = kernel;
  const task = (comm: string): Task => machine.spawn(program([]), { comm, run: false });
  const attr = { bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
  const [a, b] = [task('A'), task('B')];
  const told: string[] = [];
  const options = (priority: number) => ({
    priority,
    installed: () => told.push(`+${priority}`),
    uninstalled: () => told.push(`-${priority}`),
  });
  const first = breakpoints.registerUser(attr, () => {}, b, options(4));
  breakpoints.registerUser(attr, () => {}, b, options(5));
  breakpoints.unregister(first);
  const moves = breakpoints.registerUser(attr, () => {}, a, options(1));
  const registers = (): unknown => [0, 1].map((n) => [...kernel.get(PRIORITIES).users(n).counts]);
  t.deepEqual(registers(), [[[1, 1]], [[5, 1]]], 'a user of A in register 0, and one of B in register 1');
  t.throws(() => breakpoints.registerCpu({ ...attr, bp_type: 7 }, () => {}, 0, options(3)), { code: 'HWBP_BAD_TYPE' });
  t.throws(() =>
    breakpoints.registerCpu({ ...attr, exclude_kernel: true, bp_addr: 1n << 63n }, () => {}, 0, options(3)),
  );
  t.deepEqual([told, registers()], [[], [[[1, 1]], [[5, 1]]]]);
  breakpoints.registerCpu(attr, () => {}, 0, options(3));
  t.deepEqual(told, ['-1', '+1'], 'one that is valid makes it move');
  t.deepEqual(
    [moves.state, registers()],
    [
      'inactive',
      [
        [],
        [
          [5, 1],
          [1, 1],
        ],
      ],
    ],
  );
});
