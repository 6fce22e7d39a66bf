import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import {
  architecture,
  composeKernel,
  defineTaskScheduler,
  type Instruction,
  nullBackend,
  program,
  RingLogger,
  type SchedulingClass,
  type Task,
  type Turn,
} from '@hwbp/core';
import test from 'ava';

const TEXT = 0x1000_0000n;
const MISSING = 0x6000_0000n;
const load: Instruction = { pc: TEXT, length: 4, accesses: [{ kind: 'read', address: MISSING, size: 4 }] };
const store: Instruction = { pc: TEXT, length: 4, accesses: [{ kind: 'write', address: MISSING, size: 4 }] };
/** A scheduling class of one CPU: first come, first served. */
function firstCome(): SchedulingClass {
  const queue: Task[] = [];
  return {
    name: 'first come',
    place: () => 0,
    enqueue: (task) => void queue.push(task),
    dequeue: (task) => void queue.splice(queue.indexOf(task), 1),
    pick: () => queue.shift(),
    halt() {},
    preempts: () => false,
    tick: () => false,
    exit() {},
  };
}

/** Behind the last byte of all physical memory. */
const BEYOND = 0x10_0000_0000n;

for (const [name, arch] of [
  ['x86', x86()],
  ['ppc64', ppc64()],
  ['arm64', arm64()],
  ['an architecture without registers', architecture(nullBackend())],
] as const) {
  test(`${name}: a page fault of the kernel is an oops: the log and the run say so, its task ends, others go on`, (t) => {
    const logger = new RingLogger();
    using kernel = composeKernel({ arch, logger });
    const { machine } = kernel;
    const kernelText = machine.layout.directMap;
    const inCall = machine.spawn(program([{ pc: TEXT, length: 4, syscall: program([{ ...store, pc: kernelText }]) }]), {
      demandZero: false,
    });
    const address = machine.layout.directMap + BEYOND;
    const thread = machine.spawn(
      program([{ pc: kernelText, length: 4, accesses: [{ kind: 'read', address, size: 8 }] }]),
      { mode: 'kernel', comm: 'kthread' },
    );
    const other = machine.spawn(program([{ pc: TEXT, length: 4 }]));
    const { oopses = [], ...result } = machine.run();
    t.deepEqual(result, { reason: 'idle', instructions: 2 });
    t.deepEqual(inCall.exit, { signal: 'SIGSEGV' });
    t.deepEqual(thread.exit, { signal: 'SIGSEGV' });
    t.deepEqual(other.exit, { code: 0 });
    t.is(oopses.length, 2);
    t.regex(oopses[0] ?? '', /may not store to 0x60000000 at 0x[0-9a-f]+: task task-1, which ends/);
    t.regex(oopses[1] ?? '', /may not load from 0x[0-9a-f]+ at 0x[0-9a-f]+: task kthread-2, which ends/);
    t.deepEqual(
      logger.entries.map(({ level, message }) => `${level}: ${message}`),
      oopses.map((message) => `error: ${message}`),
    );
    machine.spawn(program([{ pc: TEXT, length: 4 }]));
    t.is(machine.run().oopses, undefined, 'another run');
  });

  test(`${name}: kernel code without a task that faults is a panic for whoever has it executed`, (t) => {
    using kernel = composeKernel({ arch });
    const { machine } = kernel;
    const address = machine.layout.directMap + BEYOND;
    const broken = (): void => {
      machine.aside(machine.cpu(0), (cpu) => {
        while (cpu.execute({ ...load, accesses: [{ kind: 'read', address, size: 8 }] }) === undefined);
      });
    };
    t.throws(broken, { code: 'KERNEL_PANIC', message: /may not load from .*: code without a task/ });
    machine.hooks.interrupt.add(broken);
    machine.spawn(program([{ pc: TEXT, length: 4 }]));
    machine.cpu(0).interrupts.raise(1);
    t.throws(() => machine.run(), { code: 'KERNEL_PANIC' });
    t.deepEqual(machine.run(), { reason: 'idle', instructions: 1 });
  });
}

test('what a hook throws goes to the error channel with its name, and nobody else notices', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const { machine } = kernel;
  const reported: string[] = [];
  const called: string[] = [];
  machine.hooks.exit.add(() => {
    throw new Error('broken');
  });
  machine.hooks.exit.add(() => called.push('exit'));
  machine.hooks.error.add(({ what }) => {
    reported.push(what);
    throw new Error('broken too');
  });
  machine.spawn(program([{ pc: TEXT, length: 4 }]));
  t.deepEqual(machine.run(), { reason: 'idle', instructions: 1 });
  t.deepEqual([reported, called], [["a hook of 'exit'"], ['exit']]);
});

test('an order of turns that answers what is no turn is told so, with what it has answered', (t) => {
  for (const [turn, message] of [
    [undefined, /a CPU from 0 to 0, got undefined/],
    [{ cpu: 3, length: 1 }, /a CPU from 0 to 0, got 3/],
    [{ cpu: 0, length: 0.5 }, /1 or more, got 0.5/],
  ] as const) {
    const turns = { next: () => turn as Turn, begin() {}, ended: () => false };
    const taskScheduler = defineTaskScheduler('odd turns', (): SchedulingClass => ({ ...firstCome(), turns }));
    using kernel = composeKernel({ arch: x86(), taskScheduler });
    kernel.machine.spawn(program([{ pc: TEXT, length: 4 }]));
    t.throws(() => kernel.machine.run(), { instanceOf: TypeError, message });
  }
});

test('x86: an address that is not canonical is an oops in the kernel, too', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const accesses = [{ kind: 'write', address: 0x8000_0000_0000_0000n, size: 1 }] as const;
  kernel.machine.kernelMemory.map(0x8000_0000_0000_0000n, 1, { permissions: { read: false, write: false } });
  kernel.machine.spawn(program([{ ...store, accesses }]), { mode: 'kernel' });
  t.regex(kernel.machine.run().oopses?.[0] ?? '', /may not store to 0x8000000000000000/);
});

test('an instruction that raises one exception after the other ends the run, unless others get on', (t) => {
  const logger = new RingLogger();
  using kernel = composeKernel({ arch: x86(), cpus: 2, logger });
  const { machine } = kernel;
  // Its handler has nothing to execute, and mends nothing.
  const stuck = machine.spawn(program([store]), { demandZero: false, affinity: [0] });
  stuck.handlers.set('SIGSEGV', program([]));
  const worker = machine.spawn(program(Array.from({ length: 500 }, () => ({ pc: TEXT, length: 4 }))), {
    affinity: [1],
  });
  const result = machine.run();
  t.is(result.reason, 'stopped');
  t.regex(
    result.message ?? '',
    /CPU 0 takes one exception after the other at 0x10000000 and gets nowhere: task task-1/,
  );
  t.deepEqual(worker.exit, { code: 0 }, 'who gets on was not kept from it');
  t.is(logger.entries.length, 1, 'it is said once');
  t.is(machine.run().reason, 'stopped', 'and again, if it is let go on');
  stuck.memory.map(MISSING, 4);
  t.deepEqual(machine.run(), { reason: 'idle', instructions: 1 });
});

test('an execute breakpoint that nobody lets pass ends the run', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(program([{ pc: TEXT, length: 4 }]));
  breakpoints.registerUser({ bp_type: 4, bp_addr: TEXT, bp_len: 8 }, () => (task.context.resume = false), task);
  t.regex(machine.run().message ?? '', /at 0x10000000 and gets nowhere/);
});
