import { X86DebugUnit } from '@hwbp/arch-x86';
import { FILTER_PORT, type Instruction, program } from '@hwbp/core';
import test from 'ava';
import { DATA, Hits, kernelOf, lines, load, stopAt, store, TEXT, taskOf, watch } from './support.js';

test('data breakpoints trap behind the instruction, execute breakpoints fault in front of it: one of each, in that order', (t) => {
  const kernel = kernelOf();
  const hits = new Hits();
  const task = taskOf(kernel, {}, { accesses: [store()] }, {});
  kernel.breakpoints.registerUser(watch(), hits.note('data'), task);
  kernel.breakpoints.registerUser(stopAt(TEXT + 4n), hits.note('execute'), task);
  t.is(kernel.machine.run().instructions, 3);
  t.deepEqual(hits.seen, ['execute pc 400004 ip 400004', 'data pc 400004 ip 400008']);
});

test('the shadow of MOV SS: the trap of the shadowed instruction comes behind the next, with what that one hits', (t) => {
  const kernel = kernelOf();
  const hits = new Hits();
  const task = taskOf(kernel, { accesses: [load()], shadow: true }, { accesses: [store(DATA + 8n)] }, {});
  kernel.breakpoints.registerUser({ bp_type: 3, bp_addr: DATA, bp_len: 4 }, hits.note('stack'), task);
  kernel.breakpoints.registerUser(watch(DATA + 8n), hits.note('next'), task);
  kernel.machine.run();
  t.deepEqual(hits.seen, ['stack pc 400004 ip 400008', 'next pc 400004 ip 400008']);
});

test('nothing interrupts a shadow: a tick waits for the next instruction, and the hit is its task’s', (t) => {
  const kernel = kernelOf({ quantum: 1, tick: 1000 });
  const hits = new Hits();
  const task = taskOf(kernel, { accesses: [store()], shadow: true }, {}, {});
  const other = taskOf(kernel, {}, {}, {});
  kernel.breakpoints.registerUser(watch(), hits.note('mine'), task);
  kernel.breakpoints.registerUser(watch(DATA + 64n), hits.note('other'), other);
  kernel.machine.run();
  t.deepEqual(hits.seen, ['mine pc 400004 ip 400008']);
});

test('what a task matched and did not live to see is not reported to the next one on its CPU', (t) => {
  const kernel = kernelOf();
  const hits = new Hits();
  const task = taskOf(kernel, { accesses: [store()], shadow: true });
  const other = taskOf(kernel, {}, {});
  kernel.breakpoints.registerUser(watch(), hits.note('gone'), task);
  // It gets the same register.
  kernel.breakpoints.registerUser(watch(DATA + 64n), hits.note('false hit'), other);
  kernel.machine.run();
  t.deepEqual(hits.seen, []);
});

test('REP STOS: a data hit behind each iteration, an execute hit once in front of the first (spec 1.5, rules 7 and 10)', (t) => {
  const kernel = kernelOf();
  const hits = new Hits();
  const iterations = Array.from({ length: 4 }, (_, i) => ({
    pc: TEXT,
    length: 2,
    accesses: [store(DATA + BigInt(i), 1)],
    ...(i < 3 ? { repeat: true, next: TEXT } : {}),
  }));
  const task = kernel.machine.spawn(program(iterations));
  kernel.breakpoints.registerUser(watch(DATA + 1n, 1), hits.note('second byte'), task);
  kernel.breakpoints.registerUser(watch(DATA + 3n, 1), hits.note('fourth byte'), task);
  kernel.breakpoints.registerUser(stopAt(TEXT), hits.note('execute'), task);
  kernel.machine.run();
  t.deepEqual(
    hits.seen.filter((hit) => !hit.startsWith('execute')),
    ['second byte pc 400000 ip 400000', 'fourth byte pc 400000 ip 400002'],
  );
  t.is(hits.seen[0], 'execute pc 400000 ip 400000');
});

test('INT3 and INT1 raise SIGTRAP behind themselves; a single step raises it behind each instruction', (t) => {
  const { machine } = kernelOf();
  const raised: unknown[] = [];
  const spawn = (...parts: readonly Partial<Instruction>[]) => {
    const task = machine.spawn(program(lines(...parts)));
    task.handlers.set('SIGTRAP', ({ si_code, si_addr }) => {
      raised.push([si_code, si_addr]);
      return program([]);
    });
    return task;
  };
  spawn({ trap: 'breakpoint' }, { trap: 'debug' });
  machine.run();
  t.deepEqual(raised.splice(0), [
    [0x80, undefined],
    [1, TEXT + 8n],
  ]);
  spawn({}, {}).context.singleStep = true;
  machine.run();
  t.deepEqual(raised, [
    [2, TEXT + 4n],
    [2, TEXT + 8n],
  ]);
});

test('MOV DR: DR4 and DR5 are DR6 and DR7 without CR4.DE, and #UD with it', (t) => {
  const plain = new X86DebugUnit({ debuggingExtensions: false });
  t.is(plain.moveTo(5, 0x2n), undefined);
  t.is(plain.moveFrom(7), 0x402n);
  t.is(plain.moveFrom(4), 0xffff_0ff0n);
  const extended = new X86DebugUnit();
  t.deepEqual(extended.moveFrom(4), { fault: '#UD' });
  t.deepEqual(extended.moveTo(5, 0n), { fault: '#UD' });
  t.throws(() => extended.moveFrom(8), { instanceOf: TypeError });
});

test('MOV DR: GD faults with BD before anything moves, is cleared by that, and #UD comes first', (t) => {
  const unit = new X86DebugUnit();
  unit.moveTo(7, 0x2000n);
  t.deepEqual(unit.moveFrom(4), { fault: '#UD' });
  t.deepEqual(unit.moveTo(0, 5n), { exception: { vector: '#DB', timing: 'before' } });
  t.is(unit.address(0), 0n, 'nothing moved');
  t.is(unit.status & 0x2000, 0x2000, 'BD');
  t.is(unit.control & 0x2000, 0, 'GD');
  t.is(unit.moveTo(0, 5n), undefined);
  t.is(unit.moveFrom(0), 5n);
});

test('I/O breakpoints match ports while CR4.DE is set, and nothing without it; never memory', (t) => {
  const state = { mode: 'kernel', singleStep: false, resume: false } as const;
  const unit = new X86DebugUnit();
  unit.moveTo(0, 0x60n);
  unit.setControl(0x0002_0002);
  t.true(unit.filter.test(FILTER_PORT, 0x60, 1));
  unit.access(FILTER_PORT, 0, 0x60, 1, state);
  t.truthy(unit.retire(state));
  t.is(unit.status & 0xf, 1);
  unit.debuggingExtensions = false;
  t.deepEqual(unit.filter.ranges, []);

  const kernel = kernelOf();
  const cpu = kernel.machine.cpu(0);
  const seen: unknown[] = [];
  kernel.machine.dieChain.register((record) => {
    seen.push(record.status & 0xf);
    return 'stop';
  }, 0x7fff_ffff + 1);
  const port = { kind: 'read', address: 0x60n, size: 1, space: 'port' } as const;
  const task = kernel.machine.spawn(program(lines({ accesses: [load(0x60n, 1)] }, { accesses: [port] })), {
    mode: 'kernel',
  });
  if (!(cpu.unit instanceof X86DebugUnit)) throw new Error('no x86 unit');
  cpu.unit.moveTo(0, 0x60n);
  cpu.unit.setControl(0x0002_0002);
  kernel.machine.run();
  t.deepEqual(seen, [1]);
  t.false(task.alive);
});

test('completeDisarmed: the next instruction completes unseen, then its completion is called; the one after it is seen', (t) => {
  const kernel = kernelOf();
  const { machine } = kernel;
  const hits = new Hits();
  const task = taskOf(kernel, { accesses: [store()] }, { accesses: [store()] });
  kernel.breakpoints.registerUser(watch(), hits.note('watch'), task);
  kernel.breakpoints.registerUser(stopAt(TEXT), hits.note('execute'), task);
  machine.schedule(0);
  const [cpu] = machine.cpus;
  cpu?.completeDisarmed((where) =>
    hits.seen.push(`completed on CPU ${where.index}, pc ${where.context.pc.toString(16)}`),
  );
  machine.run();
  t.deepEqual(hits.seen, ['completed on CPU 0, pc 400004', 'watch pc 400004 ip 400008']);
});

test('completeDisarmed belongs to the task: it holds over a migration, and exec calls it off', (t) => {
  const kernel = kernelOf({ cpus: 2 });
  const { machine } = kernel;
  const done: number[] = [];
  const task = machine.spawn(program(lines({}, {})), { affinity: [0] });
  machine.schedule(0);
  machine.cpu(0).completeDisarmed((cpu) => done.push(cpu.index));
  machine.setAffinity(task, [1]);
  machine.run(1);
  t.deepEqual(done, [1]);
  machine.schedule(1);
  machine.cpu(1).completeDisarmed((cpu) => done.push(cpu.index));
  machine.exec(task, program(lines({})));
  machine.run();
  t.deepEqual(done, [1]);
});
