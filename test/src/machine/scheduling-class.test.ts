import {
  defineTaskScheduler,
  RingLogger,
  RoundRobin,
  roundRobin,
  SCHEDULING,
  type SchedulingClass,
  type SchedulingHost,
  type SchedulingParameters,
  TASK_SCHEDULER,
  type Task,
} from '@hwbp/core';
import test, { type ExecutionContext } from 'ava';
import { Journal, kernelOf } from './support.js';

type Change = (host: SchedulingHost, inner: SchedulingClass) => Partial<SchedulingClass>;

/** Round robin, with some of its methods replaced. */
function composed(change: Change, options: Parameters<typeof kernelOf>[0] = {}) {
  const logger = new RingLogger();
  const taskScheduler = defineTaskScheduler('mine', (host) => {
    const inner = new RoundRobin(host);
    const own: SchedulingClass = {
      name: 'mine',
      place: (task) => inner.place(task),
      enqueue() {},
      dequeue() {},
      pick: (cpu, admits) => inner.pick(cpu, admits),
      halt() {},
      preempts: () => false,
      tick: (cpu) => inner.tick(cpu),
      exit() {},
    };
    return { ...own, ...change(host, inner) };
  });
  const kernel = kernelOf({ cpus: 2, quantum: 5, tick: 10_000, logger, taskScheduler, ...options });
  const errors = () => logger.entries.filter(({ level }) => level === 'error').map(({ message }) => message);
  return { kernel, machine: kernel.machine, errors };
}

/** Everybody gets to his end all the same, whatever the class does, and it is said what that is. */
const goesOn = test.macro((t: ExecutionContext, change: Change, message: RegExp) => {
  const { machine, errors } = composed(change);
  const journal = new Journal();
  for (const comm of ['a', 'b', 'c', 'd']) {
    machine.spawn(journal.spin(comm, 30), { comm });
    machine.run(1);
  }
  t.is(machine.run().reason, 'idle');
  t.is(machine.tasks.size, 0);
  t.is(journal.entries.length, 4 * 30);
  t.regex(errors().join('\n'), message);
  t.regex(errors()[0] ?? '', /scheduling class 'mine'/);
});

const thrown = (): never => {
  throw new Error('out of order');
};
for (const method of ['place', 'enqueue', 'dequeue', 'pick', 'halt', 'preempts', 'tick', 'exit'] as const) {
  const change: Change = () => ({ [method]: thrown });
  test(
    `what ${method} throws is reported, and round robin decides`,
    goesOn,
    change,
    new RegExp(`\\(${method}\\) threw`),
  );
}
test('what pull throws is reported', goesOn, () => ({ balancing: { pull: thrown } }), /\(balancing.pull\) threw/);

test('what exchange throws is reported', goesOn, () => ({ exchange: thrown }), /\(exchange\) threw/);
test('an exchange for nobody', goesOn, () => ({ exchange: () => undefined }), /answered undefined, which is no task/);
test(
  'an exchange for one that waits elsewhere',
  goesOn,
  (host) => ({ exchange: (previous, cpu) => host.waiting(1 - cpu).first() ?? previous }),
  /which waits for CPU [01], not for CPU [01] \(exchange\)/,
);
test('a class with a short way is told nothing else of a usual switch, and without it the three', (t) => {
  for (const short of [true, false]) {
    const told: string[] = [];
    const { machine } = composed(
      (host) => ({
        enqueue: (task, _cpu, why) => void told.push(`+${task.comm} ${why}`),
        dequeue: (task, _cpu, why) => void told.push(`-${task.comm} ${why}`),
        ...(short
          ? {
              exchange: (previous: Task, cpu: number, why: string) => {
                told.push(`~${previous.comm} ${why}`);
                return host.waiting(cpu).first();
              },
            }
          : {}),
      }),
      { cpus: 1 },
    );
    const journal = new Journal();
    for (const comm of ['a', 'b']) machine.spawn(journal.spin(comm), { comm });
    machine.run(1);
    told.length = 0;
    machine.schedule(0);
    t.is(machine.current(machine.cpu(0))?.comm, 'b');
    t.deepEqual(told, short ? ['~a yielded'] : ['+a yielded', '-b runs']);
    machine.setAffinity(machine.tasks.get(2) as Task, [0]);
    told.length = 0;
    machine.schedule(0);
    t.deepEqual(told, ['+b yielded', '-a runs'], 'one with an affinity goes the long way');
  }
});
test('exchange is a function, if there is one', (t) => {
  const wrong = (host: SchedulingHost) => Object.assign(new RoundRobin(host), { exchange: true });
  t.throws(() => kernelOf({ taskScheduler: defineTaskScheduler('half', (host) => wrong(host) as never) }), {
    message: /the TaskScheduler that the plugin 'half' provides is a scheduling class: .*exchange/,
  });
});

const seen: Task[] = [];
const noting: Partial<SchedulingClass> = { enqueue: (task) => void seen.push(task) };
test(
  'nobody, although somebody waits',
  goesOn,
  () => ({ pick: () => undefined }),
  /answered nobody, although task a-1/,
);
test(
  'a task that runs',
  goesOn,
  (host) => ({ ...noting, pick: (cpu) => host.running(1 - cpu) ?? [...seen][0] }),
  /which runs on CPU/,
);
test('no task', goesOn, () => ({ pick: () => 5 as never }), /answered 5, which is no task \(pick\); mend the class/);
test('a CPU that there is not', goesOn, () => ({ place: () => 2 }), /answered 2, which is no CPU that is online/);
test('no CPU at all', goesOn, () => ({ place: () => undefined as never }), /answered undefined, which is no CPU/);
test(
  'one that waits for another CPU',
  goesOn,
  (host, inner) => ({ pick: (cpu, admits) => host.waiting(1 - cpu).first() ?? inner.pick(cpu, admits) }),
  /which waits for CPU 0, not for CPU 1/,
);

test('a task that has ended, or is stopped, is not put on a CPU', (t) => {
  let favourite: Task | undefined;
  const { machine, errors } = composed((_host, inner) => ({
    pick: (cpu, admits) => favourite ?? inner.pick(cpu, admits),
  }));
  const journal = new Journal();
  const [dead, stopped, other] = ['dead', 'stopped', 'other'].map((comm) =>
    machine.spawn(journal.spin(comm), { comm, affinity: [0] }),
  ) as [Task, Task, Task];
  machine.exit(dead);
  machine.halt(stopped);
  for (const [task, said] of [
    [dead, /task dead-1, which has ended/],
    [stopped, /task stopped-2, which does not wait for a CPU: it is stopped/],
  ] as const) {
    favourite = task;
    machine.halt(other);
    machine.wake(other);
    machine.run(5);
    t.deepEqual(journal.take(), ['other@0 x5']);
    t.regex(errors().at(-1) ?? '', said);
  }
});

test('affinity and CPUs that are offline hold against any class', (t) => {
  const { machine, errors } = composed(() => ({ place: () => 1 }));
  const journal = new Journal();
  t.is(machine.spawn(journal.spin('a'), { affinity: [0], comm: 'a' }).cpu, 0);
  t.regex(errors().join(), /answered 1, which is no CPU that is online and that task a-1 may run on/);
  machine.setOnline(1, false);
  t.is(machine.spawn(journal.spin('b')).cpu, 0);
});

test('an error stops the run if the composition says so', (t) => {
  const { machine } = composed(() => ({ tick: thrown }), { handlerErrors: 'stop' });
  machine.spawn(new Journal().spin('a'));
  const { reason, message } = machine.run(100);
  t.is(reason, 'stopped');
  t.regex(message ?? '', /scheduling class 'mine' \(tick\) threw/);
});

test('a class is told what a task does, and why', (t) => {
  const told: string[] = [];
  const { machine } = composed(
    () => ({
      enqueue: (task, cpu, why) => void told.push(`+${task.comm}@${cpu} ${why}`),
      dequeue: (task, cpu, why) => void told.push(`-${task.comm}@${cpu} ${why}`),
      halt: (task, cpu) => void told.push(`halt ${task.comm}@${cpu}`),
      exit: (task) => void told.push(`exit ${task.comm}`),
    }),
    { cpus: 2 },
  );
  const journal = new Journal();
  const take = (): string[] => told.splice(0);
  const a = machine.spawn(journal.spin('a'), { comm: 'a' });
  const b = machine.spawn(journal.spin('b'), { comm: 'b', affinity: [0] });
  t.deepEqual(take(), ['+a@0 new', '+b@0 new']);
  machine.run(15);
  t.deepEqual(take(), ['-a@0 runs', '+a@0 expired', '-b@0 runs'], 'a tick');
  machine.schedule(0);
  t.deepEqual(take(), ['+b@0 yielded', '-a@0 runs']);
  machine.setAffinity(a, [1]);
  t.deepEqual(take(), ['halt a@0', '+a@1 moved', '-b@0 runs']);
  machine.halt(b);
  t.deepEqual(take(), ['halt b@0']);
  machine.wake(b);
  t.deepEqual(take(), ['+b@0 woken']);
  machine.run(10);
  take();
  machine.setOnline(0, false);
  t.deepEqual(take(), ['+b@0 displaced', '-b@0 moves', '+b@1 moved']);
  machine.exit(b);
  t.deepEqual(take(), ['-b@1 halts', 'exit b']);
  machine.run(5);
  take();
  machine.exit(a);
  t.deepEqual(take(), ['halt a@1', 'exit a']);
});

test('parameters are for a class that has some', (t) => {
  const { machine, kernel } = composed(() => ({}));
  const nothing = new Journal().spin('a');
  const message = /scheduling.priority: the scheduling class 'mine' has no parameters/;
  t.throws(() => machine.spawn(nothing, { scheduling: { priority: 5 } }), { instanceOf: TypeError, message });
  t.throws(() => machine.spawn(nothing, { scheduling: 5 as never }), { message: /scheduling is an object of/ });
  t.is(machine.tasks.size, 0);
  const task = machine.spawn(nothing, { scheduling: {} });
  t.deepEqual(task.scheduling, {});
  t.throws(() => machine.fork(task, nothing, { scheduling: { priority: 5 } }), { message });
  t.throws(() => kernel.get(SCHEDULING).set(task, { priority: 5 }), { message });
  t.throws(() => kernel.get(SCHEDULING).set(5 as never, {}), { message: /task is a task/ });
  machine.exit(task);
  t.throws(() => kernel.get(SCHEDULING).set(task, {}), { code: 'HWBP_TASK_GONE' });
});

test('they are checked, inherited, and changed where a task waits, runs and sleeps', (t) => {
  const told: string[] = [];
  const check = (given: SchedulingParameters): SchedulingParameters => {
    if (given.shares === 0) throw new TypeError("scheduling.shares of 'mine' is 1 or more");
    return { shares: given.shares ?? 1 };
  };
  const { machine, kernel } = composed(
    () => ({
      parameters: { check, set: (task, { shares }) => void told.push(`${task.comm} ${shares}`) },
      enqueue: (task, _cpu, why) => void told.push(`+${task.comm} ${why}`),
      dequeue: (task, _cpu, why) => void told.push(`-${task.comm} ${why}`),
    }),
    { cpus: 1 },
  );
  const scheduling = kernel.get(SCHEDULING);
  const journal = new Journal();
  const a = machine.spawn(journal.spin('a'), { comm: 'a', scheduling: { shares: 3 } });
  const b = machine.fork(a, journal.spin('b'));
  const c = machine.fork(a, journal.spin('c'), { scheduling: { shares: 7 }, run: false });
  t.deepEqual(
    [a, b, c].map((task) => task.scheduling),
    [{ shares: 3 }, { shares: 3 }, { shares: 7 }],
  );
  machine.run(1);
  told.length = 0;
  scheduling.set(b, { shares: 4 });
  t.deepEqual(
    told.splice(0),
    ['-a changes', 'a 4', '+a changed'],
    'one that waits (a child has the name of its parent)',
  );
  scheduling.set(a, { shares: 5 });
  t.deepEqual(told.splice(0), ['a 5', '+a changed', '-a runs'], 'one that runs');
  scheduling.set(c, {});
  t.deepEqual(told.splice(0), ['a 7'], 'one that is stopped');
  t.throws(() => scheduling.set(a, { shares: 0 }), { message: /shares/ });
  t.throws(() => machine.spawn(journal.spin('d'), { scheduling: { shares: 0 } }), { message: /shares/ });
  t.deepEqual([told, a.scheduling], [[], { shares: 5 }], 'nothing has happened');
});

test('who is composed is in the description, and in the container', (t) => {
  const { kernel } = composed(() => ({}));
  t.is(kernel.describe().taskScheduler, 'mine');
  t.regex(String(kernel.describe()), /^tasks {9}mine$/m);
  t.is(kernel.get(TASK_SCHEDULER).name, 'mine');
  t.is(kernel.get(SCHEDULING).className, 'mine');
  t.is(kernelOf({ taskScheduler: roundRobin() }).describe().taskScheduler, 'round robin');
  const wrong = /taskScheduler is what a package exports for it, called: roundRobin\(\)/;
  t.throws(() => kernelOf({ taskScheduler: roundRobin as never }), { message: wrong });
  t.throws(() => kernelOf({ taskScheduler: defineTaskScheduler('half', () => ({ pick() {} }) as never) }), {
    message: /the TaskScheduler that the plugin 'half' provides is a scheduling class: an object with place, enqueue/,
  });
});

test('what is kept with tasks goes with them', (t) => {
  const made: string[] = [];
  let read = (_task: Task): unknown => undefined;
  const { machine } = composed((host) => {
    const [first, second] = ['first', 'second'].map((kind) =>
      host.perTask((task) => {
        made.push(`${kind} of ${task.comm}`);
        return { kind };
      }),
    );
    read = (task) => [second?.get(task), first?.get(task), second?.get(task)];
    return {};
  });
  const task = machine.spawn(new Journal().spin('a'), { comm: 'a' });
  t.deepEqual(read(task), [{ kind: 'second' }, { kind: 'first' }, { kind: 'second' }]);
  t.deepEqual(made, ['second of a', 'first of a']);
});
