import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  type FrameKind,
  type Instruction,
  type InstructionSource,
  type KernelOptions,
  type Loaded,
  type Program,
  type ProgramFactory,
  perfEvents,
  program,
  type Task,
} from '@hwbp/core';
import test from 'ava';
import { DATA, Journal, kernelOf, lines, load, store, TEXT, taskOf } from './support.js';

const ONE: Instruction = { pc: TEXT, length: 4 };

// --- factories ---

test('a program is made of a generator function or a list, and begins anew each time', (t) => {
  using kernel = kernelOf();
  const { machine } = kernel;
  for (const factory of [program([ONE, ONE]), program(() => [ONE, ONE].values()), program(new Set(lines({}, {})))]) {
    for (let i = 0; i < 2; i++) {
      machine.spawn(factory);
      t.is(machine.run().instructions, 2);
    }
  }
});

test('a generator that can be run only once is refused, with what to pass', (t) => {
  const source = function* () {
    yield ONE;
  };
  const message = /pass the generator function to program, not what it returned/;
  t.throws(() => program(source()), { instanceOf: TypeError, message });
  const consumed = source();
  consumed.next();
  t.throws(() => program(consumed), { instanceOf: TypeError, message });
  t.throws(() => program([ONE].values()), { instanceOf: TypeError, message });
  for (const wrong of [undefined, null, 5, ONE]) {
    t.throws(() => program(wrong as unknown as Instruction[]), {
      instanceOf: TypeError,
      message: /generator function or a list/,
    });
  }
});

test('spawn, fork, exec and push take what makes a program: an object that is one is refused', (t) => {
  using kernel = kernelOf();
  const { machine } = kernel;
  const task = machine.spawn(program([ONE]), { run: false });
  const kind: FrameKind = { name: 'mine', end() {} };
  const made = program([ONE])() as unknown as ProgramFactory;
  const takers: ((factory: ProgramFactory) => unknown)[] = [
    (factory) => machine.spawn(factory),
    (factory) => machine.fork(task, factory),
    (factory) => machine.exec(task, factory),
    (factory) => machine.push(task, factory, kind),
  ];
  for (const take of takers) {
    t.throws(() => take(made), { instanceOf: TypeError, message: /pass \(\) => it, or program\(/ });
    const notOne = (() => 5) as unknown as ProgramFactory;
    t.throws(() => take(notOne), { instanceOf: TypeError, message: /function that makes a program/ });
    t.throws(() => take(undefined as unknown as ProgramFactory), { instanceOf: TypeError, message: /use program\(/ });
  }
  t.deepEqual([...machine.tasks.values()], [task]);
  t.is(task.stack.length, 1);
  t.true(task.alive);
});

test('a system call that is no factory is refused where its program is made', (t) => {
  const syscall = program([ONE])() as unknown as ProgramFactory;
  t.throws(() => program([ONE, { ...ONE, syscall }]), {
    instanceOf: TypeError,
    message: /^instruction 1 at 0x[0-9a-f]+: syscall is true, or what makes a program, got an object$/,
  });
});

/** What a program is: text only, to be composed again and again. */
const kernelStores = program([{ pc: 0xffff_ffff_8100_0000n, length: 4, accesses: [store(DATA + 8n, 4, 2n)] }]);
const text = program(function* (): InstructionSource {
  let sum = 0n;
  for (let i = 0; i < 40; i++) {
    const [value = 0n]: Loaded = yield { pc: TEXT + BigInt(4 * (i % 10)), length: 4, accesses: [load()] };
    sum += value;
    yield { pc: TEXT + 40n, length: 4, accesses: [store(DATA, 4, BigInt(i) + sum)], registers: { rax: sum } };
    if (i % 7 === 0) yield { pc: TEXT + 44n, length: 4, syscall: kernelStores };
  }
});

for (const [name, breakpointScheduler] of Object.entries({ direct: undefined, events: perfEvents() })) {
  test(`a kernel composed twice from one description ends twice in one state (${name})`, (t) => {
    const description: KernelOptions = {
      arch: x86(),
      cpus: 2,
      tick: 3000,
      quantum: 7,
      ...(breakpointScheduler === undefined ? {} : { breakpointScheduler }),
    };
    const play = (): unknown => {
      using kernel = composeKernel(description);
      const { machine, breakpoints } = kernel;
      const hits: unknown[] = [];
      const tasks = Array.from({ length: 3 }, () => machine.spawn(text));
      const watched = tasks.map((task) =>
        breakpoints.registerUser(
          { bp_type: 3, bp_addr: DATA, bp_len: 4 },
          ({ count, cpu, pc }) => hits.push([count, cpu.index, cpu.clock.now, pc]),
          task,
        ),
      );
      machine.run();
      return {
        hits,
        counts: watched.map((one) => one.hits),
        memory: tasks.map(({ memory }) => [memory.readInteger(DATA, 4), memory.readInteger(DATA + 8n, 4)]),
        registers: tasks.map(({ context, instructions }) => [context.get('rax'), context.pc, instructions]),
        cpus: machine.cpus.map(({ instructions, clock }) => [instructions, clock.now]),
      };
    };
    const first = play();
    t.deepEqual(play(), first);
    t.deepEqual((first as { counts: unknown }).counts, [80, 80, 80]);
  });
}

// --- frames of one's own ---

/** A kind of frame that notes how it ends, and puts back what it interrupted. */
function noting(name: string, ends: string[]): FrameKind {
  return {
    name,
    end(cpu, { context, stack }, interrupted) {
      const back = `back to ${interrupted.mode} ${(interrupted.pcLo - Number(TEXT)).toString()}`;
      ends.push(`${name} on CPU ${cpu.index} from ${context.mode} ${back}, ${stack.length} below`);
      context.restore(interrupted);
    },
  };
}

test('a program that is pushed executes on top of what a task executes, and ends in the way of its kind', (t) => {
  using kernel = kernelOf({ cpus: 2 });
  const { machine } = kernel;
  const ends: string[] = [];
  const modes: string[] = [];
  const task = taskOf(kernel, {}, {}, {});
  const inner = (name: string): ProgramFactory =>
    program(function* () {
      modes.push(`${name} ${task.context.mode}`);
      yield { pc: 0x70_0000n, length: 1, registers: { rax: 5n } };
    });
  machine.run(2);
  machine.push(task, inner('handler'), noting('handler', ends), 'user');
  machine.push(task, inner('call'), noting('call', ends));
  t.deepEqual(
    task.stack.map(({ kind }) => kind.name),
    ['program', 'handler', 'call'],
  );
  t.is(task.context.mode, 'kernel');
  t.is(task.resumePoint.pcLo, Number(TEXT) + 8, 'where user mode goes on');
  machine.run();
  t.deepEqual(ends, [
    'call on CPU 0 from kernel back to user 8, 2 below',
    'handler on CPU 0 from user back to user 8, 1 below',
  ]);
  t.deepEqual(modes, ['call kernel', 'handler user']);
  t.is(task.context.get('rax'), 0n, 'restored');
  t.deepEqual(task.exit, { code: 0 });
  t.is(task.instructions, 5);
});

test('a kind says itself what happens: one that restores nothing goes on from where its program ended', (t) => {
  using kernel = kernelOf();
  const { machine } = kernel;
  const task = taskOf(kernel, {}, {});
  machine.run(1);
  const seen: unknown[] = [];
  machine.push(task, program([{ pc: 0x70_0000n, length: 1, registers: { rax: 5n } }]), {
    name: 'upcall',
    end: (_cpu, { context }, interrupted) => {
      seen.push(interrupted.registers.get('rax'), context.get('rax'));
      context.mode = 'user';
    },
  });
  machine.run();
  t.deepEqual(seen, [undefined, 5n]);
  t.is(task.context.get('rax'), 5n);
  t.deepEqual(task.exit, { code: 0 });
});

test('signals wait until a frame in kernel mode has ended', (t) => {
  using kernel = kernelOf();
  const { machine } = kernel;
  const journal = new Journal();
  const task = machine.spawn(journal.spin('main', 2));
  task.handlers.set('SIGUSR1', journal.spin('signal', 1));
  machine.run(1);
  machine.push(task, journal.spin('work', 2), noting('work', []));
  machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
  machine.run();
  t.deepEqual(journal.take(), ['main@0 x1', 'work@0 x2', 'signal@0 x1', 'main@0 x1']);
});

test('a program can be pushed from a handler, in the middle of an instruction: it comes next', (t) => {
  using kernel = kernelOf();
  const { machine, breakpoints } = kernel;
  const journal = new Journal();
  const task: Task = taskOf(kernel, { accesses: [store()] }, {});
  breakpoints.registerUser(
    { bp_type: 2, bp_addr: DATA, bp_len: 4 },
    () => machine.push(task, journal.spin('pushed', 3), noting('pushed', [])),
    task,
  );
  machine.run(4);
  t.deepEqual(journal.take(), ['pushed@0 x3']);
  machine.run();
  t.deepEqual(task.exit, { code: 0 });
  t.is(task.instructions, 5);
});

test('a frame needs a kind, and a task that is alive', (t) => {
  using kernel = kernelOf();
  const { machine } = kernel;
  const task = taskOf(kernel, {});
  for (const kind of [undefined, {}, { name: 'x' }]) {
    t.throws(() => machine.push(task, program([ONE]), kind as FrameKind), { instanceOf: TypeError, message: /kind/ });
  }
  machine.exit(task);
  t.throws(() => machine.push(task, program([ONE]), noting('x', [])), { code: 'HWBP_TASK_GONE' });
});

test('a Program of one’s own is spawned by a function that returns it', (t) => {
  using kernel = kernelOf();
  let left = 3;
  const mine: Program = {
    get state() {
      return left > 0 ? ('ready' as const) : ('done' as const);
    },
    run(cpu) {
      left--;
      return cpu.execute(ONE) === undefined ? 0 : 1;
    },
  };
  kernel.machine.spawn(() => mine);
  t.is(kernel.machine.run().instructions, 3);
});
