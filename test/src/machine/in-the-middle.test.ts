import { X86DebugUnit, x86 } from '@hwbp/arch-x86';
import { type Cpu, composeKernel, type KernelOptions, type Program, program, type Task } from '@hwbp/core';
import test from 'ava';
import { DATA, kernelOf, lines, stopAt, store, TEXT, watch } from './support.js';

/** A program that executes instructions in a loop of its own, and does something before the n-th. */
function loop(count: number, at: number, action: (cpu: Cpu) => void): () => Program {
  return () => {
    let done = 0;
    return {
      get state() {
        return done < count ? 'ready' : 'done';
      },
      run(cpu, budget) {
        let retired = 0;
        while (retired < budget && done < count) {
          if (done === at) action(cpu);
          if (cpu.execute({ pc: TEXT + BigInt(4 * done), length: 4 }) !== undefined) {
            done++;
            retired++;
          }
          if (cpu.attention) break;
        }
        return retired;
      },
    };
  };
}

/** What running code does in the middle of a turn, and the count at which it shows. */
const CHANGES: Readonly<Record<string, (task: Task, log: () => void) => () => void>> = {
  'lets a pending signal through': (task, log) => {
    task.handlers.set('SIGUSR1', () => {
      log();
      return program(lines({}))();
    });
    task.blocked.add('SIGUSR1');
    task.pending.push({ si_signo: 'SIGUSR1', si_code: 0 });
    return () => void task.blocked.delete('SIGUSR1');
  },
  'lets all signals through': (task, log) => {
    task.handlers.set('SIGUSR2', () => {
      log();
      return program(lines({}))();
    });
    task.blocked.add('SIGUSR2');
    task.pending.push({ si_signo: 'SIGUSR2', si_code: 0 });
    return () => task.blocked.clear();
  },
  'leaves work for the task': (task, log) => () => task.work.push({ perform: log }),
};

for (const [name, prepare] of Object.entries(CHANGES)) {
  test(`code that ${name} is followed at the next instruction, however the run is cut and whoever watches`, (t) => {
    const seen = (slice: number, watched: boolean): number[] => {
      using kernel = kernelOf({ quantum: 100 });
      const { machine } = kernel;
      const log: number[] = [];
      let act = (): void => {};
      const task = machine.spawn(loop(60, 7, () => act()));
      act = prepare(task, () => log.push(machine.count));
      if (watched) kernel.breakpoints.registerUser(stopAt(TEXT + 8n), () => {}, task);
      while (machine.run(slice).reason === 'budget');
      return log;
    };
    const expected = seen(1, false);
    t.is(expected.length, 1);
    for (const slice of [2, 3, 7, 1000]) {
      t.deepEqual(seen(slice, false), expected, `slices of ${slice}`);
      t.deepEqual(seen(slice, true), expected, `slices of ${slice}, watched`);
    }
  });
}

test('a gate that running code adds holds at the next instruction', (t) => {
  for (const slice of [1, 3, 1000]) {
    using kernel = kernelOf();
    const { machine } = kernel;
    machine.spawn(loop(60, 7, () => machine.addGate({ cpu: () => false, task: () => false })));
    while (machine.run(slice).reason === 'budget');
    t.is(machine.count, 8, `slices of ${slice}: the instruction that was under way`);
  }
});

test('a program that ends its own turn, or takes its CPU away, executes as nobody else', (t) => {
  using kernel = kernelOf({ cpus: 2 });
  const { machine } = kernel;
  const other = machine.spawn(
    loop(5, -1, () => {}),
    { affinity: [0], comm: 'other' },
  );
  const errors: unknown[] = [];
  const task = machine.spawn(
    loop(6, 2, (cpu) => {
      machine.schedule(0);
      try {
        machine.setOnline(0, false);
      } catch (error) {
        errors.push(error);
      }
      cpu.execute({ pc: TEXT, length: 4, accesses: [store(DATA, 4, 77n)] });
    }),
    { affinity: [0], comm: 'task' },
  );
  machine.run();
  t.is(task.memory.readInteger(DATA, 4), 77n);
  t.is(other.memory.readInteger(DATA, 4), 0n);
  t.like(errors[0], { code: 'CPU_SUSPENDED', errno: 'EBUSY' });
  t.true(machine.cpu(0).online);
});

test('an interrupt that raises its own line lets the machine go on; stop holds the others back', (t) => {
  using kernel = kernelOf();
  const { machine } = kernel;
  const cpu = machine.cpu(0);
  const seen: string[] = [];
  machine.hooks.interrupt.add((_, line) => {
    seen.push(`${line} at ${machine.count}`);
    if (line === 3 && seen.length < 4) cpu.interrupts.raise(3);
    if (line === 5) machine.stop('enough');
  });
  cpu.interrupts.raise(3);
  machine.spawn(program(lines({}, {}, {}, {}, {}, {})));
  machine.run();
  t.is(seen.length, 4, 'the machine has gone on meanwhile');
  t.is(machine.count, 6);
  cpu.interrupts.raise(5);
  cpu.interrupts.raise(6);
  t.is(machine.run().reason, 'stopped');
  t.is(seen.at(-1), '5 at 6');
  t.true(cpu.interrupts.pending);
  machine.run();
  t.is(seen.at(-1), '6 at 6');
});

test('a breakpoint that was planted stays planted as the debug unit is lent and taken back', (t) => {
  for (const when of ['before', 'meanwhile'] as const) {
    using kernel = kernelOf();
    const { machine } = kernel;
    const cpu = machine.cpu(0);
    const traps: string[] = [];
    machine.dieChain.register(({ event }) => {
      traps.push(event);
      machine.hardware.planted.lift(TEXT);
      return 'stop';
    });
    const own = cpu.unit;
    if (when === 'before') machine.hardware.planted.plant(TEXT);
    cpu.unit = new X86DebugUnit();
    if (when === 'meanwhile') machine.hardware.planted.plant(TEXT);
    t.is(cpu.unit.filter.ranges.length, 1, `${when}: it is in the unit that is there`);
    t.deepEqual(own.filter.ranges, [], `${when}: and not in the one that is away`);
    cpu.unit = own;
    t.is(own.filter.ranges.length, 1, `${when}: taken back`);
    machine.spawn(program(lines({}, {})));
    machine.run();
    t.deepEqual(traps, ['breakpoint'], when);
    t.deepEqual(own.filter.ranges, []);
  }
});

const OPTIONS: Partial<KernelOptions> = { cpus: 2 };

/** Fails to start, when everything else is there. */
class Fails {
  static readonly plugin = { name: 'fails' };

  start(): void {
    throw new Error('planted');
  }

  stop(): void {}
}

test('hardware that a refused composition wanted stays armed for the kernel that has it', (t) => {
  using kernel = kernelOf(OPTIONS);
  const { machine, breakpoints } = kernel;
  const { hardware } = machine;
  const task = machine.spawn(program(lines({ accesses: [store()] }, { accesses: [store()] })));
  const breakpoint = breakpoints.registerUser(watch(), () => {}, task);
  machine.run(1);
  t.throws(() => composeKernel({ arch: x86(), hardware, plugins: [Fails] }), { message: /planted/ });
  t.false(breakpoints.isMuted(0));
  machine.run();
  t.is(breakpoint.hits, 2);
});

test('a kernel whose hardware another has taken ends without a hand on its debug registers', (t) => {
  const first = kernelOf(OPTIONS);
  first.breakpoints.registerWide(watch(0x7000n), () => {});
  using second = composeKernel({ arch: x86(), hardware: first.machine.hardware });
  const task = second.machine.spawn(program(lines({ accesses: [store()] }, { accesses: [store()] })));
  const breakpoint = second.breakpoints.registerUser(watch(), () => {}, task);
  second.machine.run(1);
  first[Symbol.dispose]();
  second.machine.run();
  t.is(breakpoint.hits, 2);
});

test('a debugger says who it is, and reserves nothing of a kernel that has ended', (t) => {
  const kernel = kernelOf();
  const { breakpoints } = kernel;
  const enter = breakpoints.debugger.enter.bind(breakpoints.debugger) as (owner?: unknown) => void;
  for (const owner of [undefined, '', 5]) t.throws(() => enter(owner), { instanceOf: TypeError, message: /name/ });
  t.false(breakpoints.isMuted(0));
  kernel[Symbol.dispose]();
  const error = t.throws(() => breakpoints.debugger.reserve(watch(), () => {}, 0, 'late'));
  t.like(error, { code: 'HWBP_DISPOSED' });
  t.false(breakpoints.isUsed);
});
