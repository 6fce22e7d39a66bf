import { type Breakpoint, type DieRecord, NOTIFY_DONE, NOTIFY_STOP, program, type Verdict } from '@hwbp/core';
import test from 'ava';
import { DATA, Journal, kernelOf, stopAt, store, TEXT, taskOf, watch } from './support.js';

test('the die chain asks by priority, in order of registration among equals, until one says STOP', (t) => {
  const kernel = kernelOf();
  const { dieChain } = kernel.machine;
  const asked: string[] = [];
  const notifier = (name: string, verdict: Verdict) => (record: DieRecord) => {
    asked.push(`${name} ${record.event}`);
    return verdict;
  };
  dieChain.register(notifier('low', NOTIFY_DONE), -1);
  dieChain.register(notifier('first', NOTIFY_DONE));
  const takeAway = dieChain.register(notifier('second', NOTIFY_STOP));
  dieChain.register(notifier('high', NOTIFY_DONE), 5);
  const task = taskOf(kernel, { trap: 'breakpoint' }, { trap: 'breakpoint' });
  kernel.machine.run(1);
  t.deepEqual(asked.splice(0), ['high breakpoint', 'first breakpoint', 'second breakpoint']);
  t.is(task.pending.length, 0, 'STOP: no signal');
  takeAway();
  kernel.machine.run(1);
  t.deepEqual(asked, ['high breakpoint', 'first breakpoint', 'low breakpoint']);
  t.like(task.pending[0], { si_signo: 'SIGTRAP' });
});

test('a breakpoint’s hits are consumed first: a debugger behind it sees no bit of them', (t) => {
  const kernel = kernelOf();
  const seen: DieRecord[] = [];
  kernel.machine.dieChain.register((record) => {
    seen.push({ ...record });
    return NOTIFY_DONE;
  }, 0x7fff_fffe);
  const task = taskOf(kernel, { accesses: [store()] }, {});
  kernel.breakpoints.registerUser(watch(), () => {}, task);
  kernel.machine.run(1);
  t.deepEqual(seen, [], 'STOP: nobody else is asked');
  task.context.singleStep = true;
  kernel.machine.run(1);
  t.is(seen.length, 1, 'the step is somebody else’s');
  t.is((seen[0]?.status ?? 0) & 0xf, 0);
});

test('a handler suspends inside the exception; the next run goes on with the remaining handlers of the same exception', (t) => {
  const kernel = kernelOf({ cpus: 2, quantum: 2 });
  const { machine, breakpoints } = kernel;
  const seen: string[] = [];
  const journal = new Journal();
  const task = taskOf(kernel, { accesses: [store()] }, {}, {});
  machine.spawn(journal.spin('other'));
  const suspender = (name: string) =>
    breakpoints.registerUser(
      watch(),
      (hit) => {
        seen.push(`${name} ip ${hit.ip.toString(16)}`);
        hit.suspend(`${name} wants to look`, { name });
      },
      task,
    );
  suspender('a');
  breakpoints.registerUser(watch(), () => seen.push('b'), task);
  suspender('c');
  breakpoints.registerUser(watch(), () => seen.push('d'), task);

  t.like(machine.run(), { reason: 'suspended', message: 'a wants to look', detail: { name: 'a' }, cpu: 0 });
  t.deepEqual(seen.splice(0), ['a ip 400004']);
  t.true(machine.isSuspended(machine.cpu(0)));
  t.is(machine.run(0).reason, 'suspended', 'c suspends before anything else runs');
  t.deepEqual(seen.splice(0), ['b', 'c ip 400004']);
  t.deepEqual(journal.take(), [], 'the other CPU has not run either');
  t.is(task.context.pc, TEXT + 4n, 'still in front of the second instruction');
  machine.run(20);
  t.deepEqual(seen, ['d']);
  t.false(machine.isSuspended(machine.cpu(0)));
  t.false(task.alive, 'it went on to its end');
});

test('a notifier that suspends: whoever stands behind it in the chain is asked when the machine runs on', (t) => {
  const kernel = kernelOf();
  const { machine } = kernel;
  const asked: string[] = [];
  let verdict: Verdict = NOTIFY_DONE;
  machine.dieChain.register(
    {
      notify: () => ({ reason: 'debugger' }),
      resume: () => {
        asked.push('resumed');
        return verdict;
      },
    },
    1,
  );
  machine.dieChain.register(() => {
    asked.push('behind');
    return NOTIFY_STOP;
  });
  const task = taskOf(kernel, { trap: 'breakpoint' }, { trap: 'breakpoint' }, {});
  t.is(machine.run().reason, 'suspended');
  t.deepEqual(asked, []);
  t.is(machine.run().reason, 'suspended', 'the second trap');
  t.deepEqual(asked.splice(0), ['resumed', 'behind']);
  verdict = NOTIFY_STOP;
  machine.run();
  t.deepEqual(asked, ['resumed']);
  t.false(task.alive);
});

test('a handler may run the machine: the other CPUs go on, its own stays where it is', (t) => {
  const kernel = kernelOf({ cpus: 2, quantum: 3 });
  const { machine } = kernel;
  const journal = new Journal();
  const task = taskOf(kernel, { accesses: [store()] }, {}, {}, {});
  machine.spawn(journal.spin('other'));
  kernel.breakpoints.registerUser(
    watch(),
    (hit) => {
      t.is(machine.run(10).instructions, 10);
      t.is(hit.ip, TEXT + 4n);
      t.deepEqual(journal.take(), ['other@1 x10']);
    },
    task,
  );
  machine.run(1);
  t.is(task.context.pc, TEXT + 4n);
  t.is(machine.cpu(0).instructions, 1);
});

test('stop from a handler ends the run behind the instruction; the next run goes on', (t) => {
  const kernel = kernelOf();
  const { machine } = kernel;
  const task = taskOf(kernel, {}, { accesses: [store()] }, {});
  kernel.breakpoints.registerUser(watch(), () => machine.stop('enough', 5), task);
  t.deepEqual(machine.run(), { reason: 'stopped', message: 'enough', detail: 5, instructions: 2 });
  t.is(task.context.pc, TEXT + 8n);
  t.is(machine.run().reason, 'idle');
});

test('a handler that throws: the error is logged with the breakpoint named, the others still run, and the run goes on', (t) => {
  const messages: string[] = [];
  const kernel = kernelOf({ logger: { log: (level, message) => messages.push(`${level}: ${message}`) } });
  const task = taskOf(kernel, { accesses: [store()] }, {});
  kernel.breakpoints.registerUser(
    watch(),
    () => {
      throw new Error('oops');
    },
    task,
    { owner: 'mine' },
  );
  const second = kernel.breakpoints.registerUser(watch(), () => {}, task);
  t.is(kernel.machine.run().reason, 'idle');
  t.deepEqual(messages, [`error: the handler of mine's breakpoint at 0x1000 threw: Error: oops`]);
  t.is(second.hits, 1);
});

test('handlerErrors: stop ends the run and hands over the error; a function decides for each', (t) => {
  const error = new Error('oops');
  const asked: string[] = [];
  for (const handlerErrors of [
    'stop',
    (_: unknown, breakpoint: Breakpoint | undefined) => {
      asked.push(breakpoint?.owner ?? 'nobody');
      return breakpoint?.owner === 'grave' ? 'stop' : 'continue';
    },
  ] as const) {
    const kernel = kernelOf({ handlerErrors });
    const task = taskOf(kernel, { accesses: [store()] }, {});
    const handler = (): void => {
      throw error;
    };
    kernel.breakpoints.registerUser(watch(), handler, task, { owner: 'grave' });
    const result = kernel.machine.run();
    t.is(result.reason, 'stopped');
    t.is(result.detail, error);
    t.regex(result.message ?? '', /grave's breakpoint at 0x1000/);
  }
  t.deepEqual(asked, ['grave']);
});

test('released means silent, even for a hit in flight: a handler unregisters the next in the same exception', (t) => {
  const kernel = kernelOf();
  const task = taskOf(kernel, { accesses: [store()] });
  const { breakpoints } = kernel;
  let late = 0;
  breakpoints.registerUser(watch(), () => breakpoints.unregister(victim), task);
  const victim = breakpoints.registerUser(watch(), () => late++, task);
  breakpoints.registerUser(watch(), () => breakpoints.disable(sleeper), task);
  const sleeper = breakpoints.registerUser(watch(), () => late++, task);
  kernel.machine.run();
  t.is(late, 0);
  t.is(victim.state, 'released');
  t.is(sleeper.state, 'off');
});

test('hits from kernel mode: exclude_kernel drops them, exclude_user drops the others', (t) => {
  const kernel = kernelOf();
  const inKernel = { pc: 0xffff_ffff_8100_0000n, length: 4, accesses: [store()] };
  const task = taskOf(kernel, { accesses: [store()] }, { syscall: program([inKernel]) }, {});
  const seen: string[] = [];
  const register = (name: string, exclude: object) =>
    kernel.breakpoints.registerUser({ ...watch(), ...exclude }, (hit) => seen.push(`${name} in ${hit.mode}`), task);
  register('all', {});
  register('user', { exclude_kernel: true });
  register('kernel', { exclude_user: true });
  kernel.machine.run();
  t.deepEqual(seen, ['all in user', 'user in user', 'all in kernel', 'kernel in kernel']);
});

test('two runs of one composition are the same run: hits, times and instructions, however generators are sliced', (t) => {
  const play = (slice: number) => {
    const kernel = kernelOf({ cpus: 2, quantum: 3, tick: 7000 });
    const seen: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const task = taskOf(
        kernel,
        ...Array.from({ length: 9 }, (_, i) => (i % 3 === 0 ? { accesses: [store(DATA)] } : {})),
      );
      const note = (kind: string) => (hit: { cpu: { index: number; clock: { now: number } }; ip: bigint }) =>
        seen.push(`${name} ${kind} ${hit.cpu.index} ${hit.cpu.clock.now} ${hit.ip}`);
      kernel.breakpoints.registerUser(watch(), note('data'), task);
      kernel.breakpoints.registerUser(stopAt(TEXT + 8n), note('execute'), task);
    }
    while (kernel.machine.run(slice).reason !== 'idle');
    return [seen, kernel.machine.cpus.map(({ instructions, clock }) => [instructions, clock.now])];
  };
  const whole = play(Number.POSITIVE_INFINITY);
  t.is((whole[0] ?? []).length, 20);
  t.deepEqual(play(Number.POSITIVE_INFINITY), whole);
  for (const slice of [1, 2, 5]) t.deepEqual(play(slice), whole, `in slices of ${slice}`);
});
