import { x86 } from '@hwbp/arch-x86';
import {
  type Cpu,
  composeKernel,
  type Hit,
  type Instruction,
  type Kernel,
  program,
  RingLogger,
  resumeKernel,
} from '@hwbp/core';
import test from 'ava';
import { kernelOf, store, watch } from './support.js';

const TEXT = 0xffff_ffff_8100_0000n;
const COUNTER = 0xffff_ffff_8200_0000n;
const at = (pc: bigint, more: Partial<Instruction> = {}): Instruction => ({ pc, length: 1, ...more });

/** A program of so many instructions, which says when it begins and ends. */
const spin = (log: string[], name: string, count = 3, pc = TEXT) =>
  program(function* () {
    log.push(`${name} {`);
    for (let i = 0; i < count; i++) yield at(pc + BigInt(i));
    log.push(`} ${name}`);
  });

const user = program(function* () {
  for (let i = 0n; ; i++) yield at(0x1000n + i);
});

test('a handler is a program in kernel mode, with registers of its own, between two instructions of a task', (t) => {
  const { machine } = kernelOf();
  const seen: unknown[] = [];
  const task = machine.spawn(
    program(function* () {
      yield at(0x1000n, { registers: { rax: 7n } });
      yield at(0x1001n);
      yield at(0x1002n);
    }),
  );
  const end = machine.interrupts.handle(4, {
    name: 'disk',
    program: program(function* ({ cpu, line }: { readonly cpu: Cpu; readonly line: number }) {
      yield at(TEXT, { registers: { rax: 8n } });
      seen.push([
        line,
        cpu.context.mode,
        cpu.context.get('rax'),
        task.context.get('rax'),
        machine.current(cpu) === task,
      ]);
      seen.push(machine.interrupts.contextOf(cpu), machine.interrupts.handlerOf(cpu));
      t.is(machine.interrupts.registersOf(task), cpu.context);
      yield at(TEXT + 1n);
    }),
  });
  t.deepEqual(machine.interrupts.handlersOf(4), ['disk']);
  machine.run(1);
  machine.interrupts.raise(4);
  t.is(machine.run().instructions, 4);
  t.deepEqual(seen, [[4, 'kernel', 8n, 7n, true], 'hardirq', 'disk']);
  t.is(task.instructions, 3, 'what a handler executes is not its task’s');
  end();
  t.deepEqual(machine.interrupts.handlersOf(4), []);
});

test('an idle CPU is interrupted too, and what it executes there is for hardirq', (t) => {
  const { machine, breakpoints } = kernelOf({ cpus: 2 });
  const hits: unknown[] = [];
  breakpoints.registerCpu(watch(COUNTER), ({ context, task, cpu }: Hit) => hits.push([context, task, cpu.index]), 1);
  machine.interrupts.handle(3, { name: 'timer', program: program([at(TEXT, { accesses: [store(COUNTER)] })]) });
  machine.interrupts.raise(3, machine.cpu(1));
  t.is(machine.run().instructions, 1);
  t.deepEqual(hits, [['hardirq', undefined, 1]]);
  t.is(machine.interrupts.contextOf(machine.cpu(1)), 'idle');
});

test('lines nest by priority: a higher one interrupts a handler, an equal one waits, the highest comes first', (t) => {
  const { machine } = kernelOf();
  const log: string[] = [];
  const { interrupts } = machine;
  for (const [line, priority] of [
    [1, 0],
    [2, 5],
    [3, 5],
    [4, 9],
  ] as const) {
    interrupts.setPriority(line, priority);
    interrupts.handle(line, { name: `line ${line}`, program: spin(log, String(line)) });
  }
  machine.spawn(user);
  for (const line of [1, 3, 2]) interrupts.raise(line);
  machine.run(2);
  t.deepEqual(log, ['2 {']);
  interrupts.raise(4);
  machine.run(30);
  t.deepEqual(log, ['2 {', '4 {', '} 4', '} 2', '3 {', '} 3', '1 {', '} 1']);
});

test('of several handlers of one line each has its turn; one that has ended is not called', (t) => {
  const { machine } = kernelOf();
  const log: string[] = [];
  const { interrupts } = machine;
  interrupts.handle(1, { name: 'a', program: spin(log, 'a', 1) });
  interrupts.handle(1, { name: 'b', action: ({ line }) => log.push(`b ${line}`) });
  const end = interrupts.handle(1, { name: 'gone', program: spin(log, 'gone') });
  interrupts.handle(1, { name: 'c', program: spin(log, 'c', 1) });
  end();
  end();
  interrupts.raise(1);
  machine.run();
  t.deepEqual(log, ['a {', '} a', 'b 1', 'c {', '} c']);
});

test('with interrupts off nothing is taken, no tick either; then all of it. They are loaded as they were', (t) => {
  const { machine } = kernelOf({ tick: 4000, quantum: 10 });
  const log: string[] = [];
  const loaded: unknown[] = [];
  machine.hooks.tick.add(() => log.push('tick'));
  machine.interrupts.handle(1, { name: 'line', action: () => log.push('line') });
  machine.spawn(
    program(function* () {
      loaded.push(yield at(TEXT, { irqs: 'off' }));
      machine.interrupts.raise(1);
      t.true(machine.interrupts.irqsOff(machine.cpu(0)));
      for (let i = 1n; i < 9n; i++) yield at(TEXT + i);
      loaded.push(yield at(TEXT + 9n, { irqs: 'off' }));
      t.deepEqual(log, []);
      loaded.push(yield at(TEXT + 10n, { irqs: 'on' }));
      t.deepEqual(log, ['tick', 'line']);
    }),
    { mode: 'kernel' },
  );
  machine.run();
  t.deepEqual(loaded, [[1n], [0n], [0n]]);
});

test('user mode may not turn interrupts off: it gets a signal, and they are on', (t) => {
  const { machine } = kernelOf();
  const task = machine.spawn(program([at(0x1000n, { irqs: 'off' })]));
  machine.run();
  t.deepEqual(task.exit, { signal: 'SIGSEGV' });
  t.false(machine.cpu(0).context.irqsOff);
});

test('a system call that forgets to turn interrupts on returns with them on', (t) => {
  const { machine } = kernelOf();
  const call = program([at(TEXT, { irqs: 'off' })]);
  const task = machine.spawn(program([at(0x1000n, { syscall: call }), at(0x1001n), at(0x1002n)]));
  machine.run(3);
  t.is(task.context.mode, 'user');
  t.false(task.context.irqsOff);
});

test('a masked line stays raised; masks are counted; a handler may begin with interrupts off', (t) => {
  const { machine } = kernelOf();
  const log: string[] = [];
  const { interrupts } = machine;
  interrupts.setPriority(2, 7);
  interrupts.handle(1, { name: 'one', program: spin(log, '1'), irqsOff: true });
  interrupts.handle(2, { name: 'two', action: () => log.push('2') });
  interrupts.mask(1);
  interrupts.mask(1);
  interrupts.raise(1);
  machine.spawn(user);
  machine.run(5);
  interrupts.unmask(1);
  machine.run(5);
  t.deepEqual(log, []);
  t.true(interrupts.isMasked(1));
  interrupts.unmask(1);
  machine.run(2);
  interrupts.raise(2);
  machine.run(5);
  t.deepEqual(log, ['1 {', '} 1', '2']);
  t.throws(() => interrupts.unmask(1), { message: 'line 1 is not masked' });
  interrupts.raise(1);
  interrupts.lower(1);
  machine.run(5);
  t.is(log.length, 3);
});

test('affinity says who is interrupted: the lowest that is online, anybody where none of them is', (t) => {
  const { machine } = kernelOf({ cpus: 3 });
  const seen: number[] = [];
  const { interrupts } = machine;
  interrupts.handle(1, { name: 'one', action: ({ cpu }) => seen.push(cpu.index) });
  const raise = (): void => {
    interrupts.raise(1);
    machine.run();
  };
  raise();
  interrupts.setAffinity(1, [2, 1]);
  raise();
  machine.setOnline(1, false);
  raise();
  machine.setOnline(2, false);
  raise();
  interrupts.setAffinity(1, undefined);
  raise();
  t.deepEqual(seen, [0, 1, 2, 0, 0]);
  t.throws(() => interrupts.setAffinity(1, [9]), { code: 'HWBP_NO_SUCH_CPU' });
  t.throws(() => interrupts.setAffinity(1, []), { code: 'HWBP_NO_SUCH_CPU' });
});

test('in a debug shadow nobody is interrupted', (t) => {
  const { machine } = kernelOf();
  const log: string[] = [];
  machine.interrupts.handle(1, { name: 'one', program: spin(log, '1', 1) });
  machine.spawn(
    program(function* () {
      yield at(0x1000n, { shadow: true });
      machine.interrupts.raise(1);
      yield at(0x1001n);
      log.push('behind');
      yield at(0x1002n);
    }),
  );
  machine.run();
  // The program is resumed before the interrupt: its next instruction waits for the handler.
  t.deepEqual(log, ['1 {', '} 1', 'behind']);
});

test('a softirq runs when the CPU is in no handler; lines interrupt it, the scheduler does not', (t) => {
  const { machine, breakpoints } = kernelOf({ tick: 3000 });
  const log: string[] = [];
  const { interrupts } = machine;
  breakpoints.registerCpu(watch(COUNTER), ({ context }: Hit) => log.push(`hit ${context}`), 0);
  const soft = program(function* () {
    log.push('soft {');
    yield at(TEXT, { accesses: [store(COUNTER)] });
    interrupts.raise(2);
    for (let i = 1n; i < 9n; i++) yield at(TEXT + i);
    log.push('} soft');
  });
  interrupts.handle(1, {
    name: 'one',
    program: program(function* ({ cpu }: { readonly cpu: Cpu }) {
      log.push('1 {');
      interrupts.softirq(cpu, { name: 'bottom half', program: soft });
      yield at(TEXT, { accesses: [store(COUNTER)] });
      log.push('} 1');
    }),
  });
  interrupts.handle(2, { name: 'two', program: spin(log, '2', 1) });
  for (let i = 0; i < 2; i++) machine.spawn(user);
  let switches = 0;
  machine.run(1);
  machine.hooks.contextSwitch.add(() => {
    t.is(interrupts.contextOf(machine.cpu(0)), 'task');
    switches++;
  });
  interrupts.raise(1);
  machine.run(20);
  t.deepEqual(log, ['1 {', 'hit hardirq', '} 1', 'soft {', 'hit softirq', '2 {', '} 2', '} soft']);
  t.true(switches > 0);
});

test('an NMI comes with interrupts off and in a handler, never in an NMI; x86 mutes until its program has ended', (t) => {
  const { machine, breakpoints } = kernelOf();
  const log: unknown[] = [];
  breakpoints.registerCpu(watch(COUNTER), ({ context }: Hit) => log.push(`hit ${context}`), 0);
  machine.interrupts.handleNonMaskable({
    name: 'watchdog',
    program: program(function* ({ cpu }: { readonly cpu: Cpu }) {
      cpu.interrupts.raiseNonMaskable();
      log.push([machine.interrupts.contextOf(cpu), breakpoints.isMuted(0)]);
      yield at(TEXT, { accesses: [store(COUNTER)] });
      yield at(TEXT + 1n);
      if (log.length > 2) cpu.interrupts.takeNonMaskable();
    }),
  });
  machine.interrupts.handle(1, {
    name: 'one',
    irqsOff: true,
    program: program(function* ({ cpu }: { readonly cpu: Cpu }) {
      cpu.interrupts.raiseNonMaskable();
      yield at(TEXT, { accesses: [store(COUNTER)] });
      log.push('behind');
    }),
  });
  machine.interrupts.raise(1);
  machine.run();
  t.deepEqual(log, ['hit hardirq', ['nmi', true], ['nmi', true], 'behind']);
  t.false(breakpoints.isMuted(0));
});

test('CPUs call each other: programs and functions, told when all have done it; nobody is called in part', (t) => {
  const { machine } = kernelOf({ cpus: 3 });
  const log: string[] = [];
  const { interrupts } = machine;
  const flush = program(function* ({ cpu }: { readonly cpu: Cpu }) {
    yield at(TEXT);
    log.push(`flush ${cpu.index} ${interrupts.contextOf(cpu)}`);
  });
  let back = false;
  machine.spawn(
    program(function* () {
      const call = interrupts.call([1, 2], { name: 'flush', program: flush, done: () => log.push('done') });
      t.deepEqual(call.left, [1, 2]);
      t.false(call.isDone);
      yield at(TEXT, { wait: call.wait() });
      t.true(call.isDone);
      back = true;
    }),
    { mode: 'kernel', affinity: [0] },
  );
  machine.run();
  t.deepEqual(log, ['flush 1 hardirq', 'flush 2 hardirq', 'done']);
  t.true(back);
  const twice = [0, 1].map((n) =>
    interrupts.call([0], { name: `${n}`, action: ({ cpu }) => log.push(`${n} on ${cpu.index}`) }),
  );
  machine.run();
  t.true(twice.every(({ isDone }) => isDone));
  t.deepEqual(log.slice(3), ['0 on 0', '1 on 0']);
  machine.setOnline(2, false);
  t.throws(() => interrupts.call([1, 2], { name: 'flush', program: flush }), { code: 'HWBP_CPU_OFFLINE' });
  t.false(machine.cpu(1).interrupts.pending);
  const lost = interrupts.call([1], { name: 'flush', program: flush });
  machine.setOnline(1, false);
  t.true(lost.isDone, 'a CPU that goes has nothing left to do');
  machine.run();
  t.is(log.length, 5);
});

test('what throws in a handler ends it and goes to the error channel with its name; the kernel goes on', (t) => {
  const { machine } = kernelOf();
  const reports: unknown[] = [];
  machine.hooks.error.add(({ what, error }) => reports.push([what, String(error)]));
  const { interrupts } = machine;
  const broken = program(function* () {
    yield at(TEXT);
    throw new Error('broken');
  });
  interrupts.handle(1, { name: 'disk', program: broken });
  interrupts.handle(2, {
    name: 'net',
    action: () => {
      throw new Error('torn');
    },
  });
  interrupts.handle(3, { name: 'made', program: (() => 5) as never });
  interrupts.handle(4, {
    name: 'sleeper',
    program: program(function* ({ cpu }: { readonly cpu: Cpu }) {
      yield at(TEXT, { wait: interrupts.call([], { name: 'nothing', action: () => {} }).wait() });
      yield at(TEXT + 1n, { wait: interrupts.call([cpu.index], { name: 'self', action: () => {} }).wait() });
    }),
  });
  for (const line of [1, 2, 3, 4]) interrupts.raise(line);
  const task = machine.spawn(program([at(0x1000n), at(0x1001n)]));
  const { instructions } = machine.run();
  t.is(instructions, 5);
  t.is(machine.count, 5);
  t.false(task.alive);
  t.deepEqual(reports, [
    ['the hardirq handler disk', 'Error: broken'],
    ['the hardirq handler net', 'Error: torn'],
    [
      'the hardirq handler made',
      'TypeError: its program is a function that makes a program; use program(generator function or list)',
    ],
    [
      'the hardirq handler sleeper',
      'KernelError: EDEADLK: CPU 0 executes an interrupt handler, which cannot wait for the call self',
    ],
  ]);
});

test('a handler makes no system call: it ends with an error, and the task that it came in the middle of is as it was', (t) => {
  for (const busy of [true, false]) {
    const logger = new RingLogger();
    const { machine } = kernelOf({ logger });
    let calls = 0;
    machine.hooks.systemCall.add(() => calls++);
    const inner = program([{ pc: 0xffff_ffff_8100_0010n, length: 4 }]);
    const calling = program([{ pc: 0xffff_ffff_8100_0000n, length: 2, syscall: inner }]);
    machine.interrupts.handle(5, { name: 'bell', program: calling });
    const task = machine.spawn(program(Array.from({ length: 4 }, (_, i) => ({ pc: 0x1000n + BigInt(i), length: 1 }))));
    machine.run(busy ? 2 : 9);
    machine.interrupts.raise(5);
    machine.run(50);
    t.is(calls, 0);
    t.deepEqual([task.alive, task.exit, task.instructions], [false, { code: 0 }, 4]);
    t.regex(
      logger.entries.map(({ message }) => message).join(),
      /^the hardirq handler bell threw: KernelError: EINVAL: CPU 0 executes an interrupt handler, which makes no system call/,
    );
  }
});

test('a handler that does what nobody may ends, and not the task that it has interrupted', (t) => {
  const { machine } = kernelOf();
  machine.interrupts.handle(1, {
    name: 'wild',
    program: program([at(TEXT, { accesses: [{ kind: 'write', address: 0x5000n, size: 4 }] }), at(TEXT + 1n)]),
  });
  const task = machine.spawn(program([at(0x1000n), at(0x1001n)]), { demandZero: false });
  machine.run(1);
  machine.interrupts.raise(1);
  const { oopses, instructions } = machine.run();
  t.deepEqual(oopses, [
    'the kernel may not store to 0x5000 at 0xffffffff81000000: the hardirq handler wild, which ends',
  ]);
  t.is(instructions, 1);
  t.deepEqual(task.exit, { code: 0 });
});

test('a CPU in a handler does not go offline, nor is an image made; a task on it may end', (t) => {
  const kernel: Kernel = kernelOf({ cpus: 2 });
  const { machine } = kernel;
  const log: string[] = [];
  machine.interrupts.handle(1, { name: 'long', program: spin(log, 'long', 10) });
  const task = machine.spawn(program(Array.from({ length: 90 }, (_, i) => at(0x1000n + BigInt(i)))), { affinity: [1] });
  const other = machine.spawn(program([at(0x1000n)]), { affinity: [1], run: false });
  machine.run(1);
  machine.interrupts.raise(1, machine.cpu(1));
  machine.run(3);
  const refusal = { code: 'CPU_SUSPENDED', message: /in the interrupt handler long/ };
  t.throws(() => machine.setOnline(1, false), refusal);
  t.throws(() => kernel.hibernate(), { message: /in the interrupt handler long/ });
  machine.exit(task);
  machine.wake(other);
  t.is(machine.interrupts.contextOf(machine.cpu(1)), 'hardirq');
  machine.run();
  t.deepEqual(log, ['long {', '} long']);
  t.false(other.alive);
});

test('an image has priorities, masks and affinities of lines; what interrupts have left for later it has not', (t) => {
  const options = { arch: x86(), strict: true, cpus: 2 };
  const kernel = composeKernel(options);
  const { interrupts } = kernel.machine;
  interrupts.setPriority(1, 5);
  interrupts.setAffinity(1, [1]);
  interrupts.mask(2);
  interrupts.mask(2);
  interrupts.softirq(kernel.machine.cpu(1), { name: 'late', action() {} });
  t.throws(() => kernel.hibernate(), { message: /CPU 1 is yet to do what interrupts have left for it/ });
  kernel.machine.run();
  interrupts.raise(2);
  const fresh = resumeKernel(options, kernel.hibernate());
  kernel.machine.power.resume();
  const seen = [kernel, fresh].map(({ machine }) => {
    const log: string[] = [];
    for (const line of [0, 1, 2]) {
      machine.interrupts.handle(line, { name: `${line}`, action: ({ cpu }) => log.push(`${line} on ${cpu.index}`) });
    }
    machine.interrupts.raise(0, machine.cpu(1));
    machine.interrupts.raise(1);
    machine.run();
    log.push(`masked ${machine.interrupts.isMasked(2)}`);
    machine.interrupts.unmask(2);
    machine.interrupts.unmask(2);
    machine.run();
    return log;
  });
  t.deepEqual(seen[0], ['1 on 1', '0 on 1', 'masked true', '2 on 0']);
  t.deepEqual(seen[1], seen[0]);
});

test('a run that is cut anywhere is the same run', (t) => {
  const trace = (budget: number): string[] => {
    const { machine } = kernelOf({ cpus: 2, tick: 7000, quantum: 5 });
    const log: string[] = [];
    machine.interrupts.setPriority(2, 1);
    for (const line of [1, 2]) {
      machine.interrupts.handle(line, {
        name: `${line}`,
        program: program(function* ({ cpu }: { readonly cpu: Cpu }) {
          for (let i = 0n; i < 4n; i++) {
            log.push(`${machine.count} line ${line} on ${cpu.index}`);
            yield at(TEXT + i);
            if (line === 1 && i === 2n) machine.interrupts.softirq(cpu, { name: 's', program: spin(log, 's', 2) });
          }
        }),
      });
    }
    const worker = program(function* () {
      for (let i = 0n; i < 60n; i++) {
        log.push(`${machine.count} task`);
        if (i % 7n === 3n) machine.interrupts.raise(1 + (Number(i) % 2), machine.cpu(Number(i) % 2));
        yield at(0x1000n + i);
      }
    });
    for (let i = 0; i < 3; i++) machine.spawn(worker);
    while (machine.run(budget).reason === 'budget');
    return log;
  };
  const whole = trace(Number.POSITIVE_INFINITY);
  t.true(whole.some((line) => line.includes('line 2')));
  for (const budget of [1, 2, 3, 7, 50]) t.deepEqual(trace(budget), whole);
});

test('wrong arguments are named, and change nothing', (t) => {
  const { interrupts } = kernelOf().machine;
  t.throws(() => interrupts.raise(63), { message: 'line 63 is for calls between CPUs; devices have 0 to 62' });
  t.throws(() => interrupts.raise(64), { instanceOf: TypeError });
  t.throws(() => interrupts.setPriority(1, Number.NaN), {
    message: 'priority is a whole number from -2147483648 to 2147483647, got NaN',
  });
  t.throws(() => interrupts.handle(1, { name: 'x' }), { message: 'x has a program or an action, and got neither' });
  t.throws(() => interrupts.handle(1, { name: 'x', action() {}, program: user as never }), {
    message: 'x has a program or an action, and not both',
  });
  t.throws(() => interrupts.handle(1, { action() {} } as never), { message: 'name is a string, got undefined' });
  t.throws(() => interrupts.handle(1, { name: 'x', action() {}, prio: 3 } as never), { message: /no option 'prio'/ });
  t.deepEqual(interrupts.handlersOf(1), []);
});
