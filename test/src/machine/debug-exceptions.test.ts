import { DB_FAULT, X86DebugUnit } from '@hwbp/arch-x86';
import { type Cpu, type ExecutionState, FILTER_PORT, type Instruction, type Kernel, program } from '@hwbp/core';
import test from 'ava';
import { DATA, Hits, kernelOf, lines, load, stopAt, store, TEXT, taskOf, watch } from './support.js';

const OUT = { kind: 'write', address: 0x60n, size: 1, space: 'port', value: 1n } as const;
const KERNEL: ExecutionState = { mode: 'kernel', singleStep: false, resume: false };

/** Is told of every instruction that completes disarmed, before the kernel is. */
function noteCompletions({ hardware }: Kernel, note: (cpu: Cpu, completion: object) => void): void {
  for (const cpu of hardware.cpus) {
    const owner = cpu.traps;
    cpu.traps = {
      trap(on, trap) {
        if (trap.kind === 'completed') note(on, trap.completion);
        owner.trap(on, trap);
      },
    };
  }
}

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
      return program([])();
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
  t.is(plain.move({ register: 'dr5', value: 0x2n }, KERNEL), 0x2n);
  t.is(plain.move({ register: 'dr7' }, KERNEL), 0x402n);
  t.is(plain.move({ register: 'dr4' }, KERNEL), 0xffff_0ff0n);
  const extended = new X86DebugUnit();
  t.is(extended.move({ register: 'dr4' }, KERNEL), 'undefined');
  t.is(extended.move({ register: 'dr5', value: 0n }, KERNEL), 'undefined');
  t.is(extended.move({ register: 'dr8' }, KERNEL), undefined, 'none of its registers');
});

test('MOV DR: GD faults with BD before anything moves, is cleared by that, and #UD comes first', (t) => {
  const unit = new X86DebugUnit();
  unit.move({ register: 'dr7', value: 0x2000n }, KERNEL);
  t.is(unit.move({ register: 'dr4' }, KERNEL), 'undefined');
  t.is(unit.move({ register: 'dr0', value: 5n }, KERNEL), DB_FAULT);
  t.is(unit.address(0), 0n, 'nothing moved');
  t.is(unit.status & 0x2000, 0x2000, 'BD');
  t.is(unit.control & 0x2000, 0, 'GD');
  t.is(unit.move({ register: 'dr0', value: 5n }, KERNEL), 5n);
  t.is(unit.move({ register: 'dr0' }, KERNEL), 5n);
});

test('I/O breakpoints match ports while CR4.DE is set, and nothing without it; never memory', (t) => {
  const unit = new X86DebugUnit();
  unit.move({ register: 'dr0', value: 0x60n }, KERNEL);
  unit.setControl(0x0002_0002);
  t.true(unit.filter.test(FILTER_PORT, 0x60, 1));
  unit.access(FILTER_PORT, 0, 0x60, 1, KERNEL);
  t.truthy(unit.retire(KERNEL));
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
  cpu.unit.move({ register: 'dr0', value: 0x60n }, KERNEL);
  cpu.unit.setControl(0x0002_0002);
  kernel.machine.run();
  t.deepEqual(seen, [1]);
  t.false(task.alive);
});

test('completeDisarmed: the next instruction completes unseen, then its completion is reported; the one after it is seen', (t) => {
  const kernel = kernelOf();
  const { machine } = kernel;
  const hits = new Hits();
  const task = taskOf(kernel, { accesses: [store()] }, { accesses: [store()] });
  kernel.breakpoints.registerUser(watch(), hits.note('watch'), task);
  kernel.breakpoints.registerUser(stopAt(TEXT), hits.note('execute'), task);
  machine.schedule(0);
  const mine = { name: 'mine' };
  noteCompletions(kernel, (cpu, completion) => {
    t.is(completion, mine);
    hits.seen.push(`completed on CPU ${cpu.index}, pc ${cpu.context.pc.toString(16)}`);
  });
  machine.cpu(0).completeDisarmed(mine);
  machine.run();
  t.deepEqual(hits.seen, ['completed on CPU 0, pc 400004', 'watch pc 400004 ip 400008']);
});

test('completeDisarmed belongs to the task: it holds over a migration, and exec calls it off', (t) => {
  const kernel = kernelOf({ cpus: 2 });
  const { machine } = kernel;
  const done: number[] = [];
  noteCompletions(kernel, ({ index }) => done.push(index));
  const task = machine.spawn(program(lines({}, {})), { affinity: [0] });
  machine.schedule(0);
  machine.cpu(0).completeDisarmed({});
  machine.setAffinity(task, [1]);
  machine.run(1);
  t.deepEqual(done, [1]);
  machine.schedule(1);
  machine.cpu(1).completeDisarmed({});
  machine.exec(task, program(lines({})));
  machine.run();
  t.deepEqual(done, [1]);
});

test('a breakpoint behind a shadow lets no tick in: that comes when it would have come', (t) => {
  const switches = (looking: boolean): string[] => {
    using kernel = kernelOf({ tick: 1000 });
    const { machine, breakpoints } = kernel;
    const task = taskOf(kernel, { shadow: true }, {}, {});
    taskOf(kernel, {}, {}, {});
    if (looking) breakpoints.registerUser(stopAt(TEXT + 4n), () => {}, task);
    const seen: string[] = [];
    machine.hooks.contextSwitch.add((_cpu, _from, to) => seen.push(`${to?.pid} at ${machine.count}`));
    machine.run();
    return seen;
  };
  t.deepEqual(switches(true), switches(false));
});

test('a breakpoint behind a shadow lets no signal in that was pending before', (t) => {
  using kernel = kernelOf();
  const { machine, breakpoints } = kernel;
  const task = taskOf(kernel, { accesses: [OUT], shadow: true }, {}, {});
  const at: bigint[] = [];
  task.handlers.set('SIGUSR1', () => {
    at.push(task.context.pc - TEXT);
    return program([])();
  });
  const write = (): void => machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
  kernel.hardware.bus.attach(0x60, 1, { read: () => 0n, write });
  breakpoints.registerUser(stopAt(TEXT + 4n), (hit) => hit.suspend('looking'), task);
  while (machine.run().reason !== 'idle');
  t.deepEqual(at, [8n]);
});

test('a signal that a breakpoint behind a shadow sends comes before the instruction', (t) => {
  using kernel = kernelOf();
  const { machine, breakpoints } = kernel;
  const task = taskOf(kernel, { shadow: true }, {}, {});
  const at: bigint[] = [];
  task.handlers.set('SIGUSR1', () => {
    at.push(task.context.pc - TEXT);
    return program([])();
  });
  const send = (): void => machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
  breakpoints.registerUser(stopAt(TEXT + 4n), send, task);
  machine.run();
  t.deepEqual(at, [4n]);
});
