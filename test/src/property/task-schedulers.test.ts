import {
  type Kernel,
  KernelError,
  type Plugin,
  program,
  RingLogger,
  roundRobin,
  SCHEDULING,
  type SchedulingParameters,
  type Task,
} from '@hwbp/core';
import { earliestDeadline, fair, fixedPriority, randomSchedule } from '@hwbp/schedulers';
import test from 'ava';
import fc from 'fast-check';
import { composed } from '../schedulers/support.js';

const CPUS = 3;
const US = 1_000;

type Operation =
  | { readonly kind: 'spawn' | 'set'; readonly which: number; readonly parameters: number }
  | { readonly kind: 'exit' | 'halt' | 'wake' | 'yield' | 'fork'; readonly which: number }
  | { readonly kind: 'affinity'; readonly which: number; readonly cpus: readonly number[] }
  | { readonly kind: 'hotplug'; readonly which: number; readonly online: boolean }
  | { readonly kind: 'run'; readonly which: number };

const which = fc.nat(40);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('spawn' as const), which, parameters: which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('set' as const), which, parameters: which }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('exit' as const, 'halt', 'wake', 'wake', 'yield', 'fork'), which }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('affinity' as const),
      which,
      cpus: fc.uniqueArray(fc.nat(CPUS - 1), { minLength: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hotplug' as const), which, online: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('run' as const), which: fc.integer({ min: 1, max: 90 }) }) },
);

const ENDLESS = program(function* () {
  for (;;) yield { pc: 0x1000n, length: 4 };
});

/** What a task is, and what it may, as a table: whatever the class, the kernel has to agree with that. */
interface Entry {
  readonly task: Task;
  stopped: boolean;
  affinity: ReadonlySet<number> | undefined;
}

/** What a class promises beside what all do. */
interface Promises {
  readonly taskScheduler: () => Plugin;
  readonly parameters: readonly SchedulingParameters[];
  /** Of tasks that are equal. */
  readonly neutral: SchedulingParameters;
  check?(tasks: readonly Task[], cpu: number, running: Task | undefined): string | undefined;
  /** True if a task with these parameters may not be made beside the others. */
  refuses?(tasks: readonly Task[], parameters: SchedulingParameters): boolean;
}

class Model {
  readonly #promise: Promises;
  readonly #kernel: Kernel;
  readonly #log = new RingLogger();
  #entries: Entry[] = [];
  readonly #offline = new Set<number>();

  constructor(promise: Promises) {
    this.#promise = promise;
    const options = { cpus: CPUS, tick: 20_000, quantum: 7, logger: this.#log, seed: 3 };
    this.#kernel = composed(promise.taskScheduler(), options);
  }

  apply(operation: Operation): void {
    const { machine } = this.#kernel;
    const entry = this.#entries[operation.which % Math.max(1, this.#entries.length)];
    if (operation.kind === 'spawn') {
      const make = (scheduling: SchedulingParameters): Task => machine.spawn(ENDLESS, { scheduling });
      this.#make(this.#parameters(operation.parameters), make);
    } else if (operation.kind === 'run') this.#run(operation.which);
    else if (operation.kind === 'hotplug') this.#hotplug(operation.which % CPUS, operation.online);
    else if (entry !== undefined) this.#change(operation, entry);
  }

  #change(operation: Operation, entry: Entry): void {
    const { machine } = this.#kernel;
    const { task } = entry;
    switch (operation.kind) {
      case 'fork':
        this.#make(task.scheduling, () => machine.fork(task, ENDLESS), entry.affinity);
        break;
      case 'exit':
        machine.exit(task);
        this.#entries = this.#entries.filter((one) => one !== entry);
        break;
      case 'halt':
        machine.halt(task);
        entry.stopped = true;
        break;
      case 'wake':
        machine.wake(task);
        entry.stopped = false;
        break;
      case 'yield':
        machine.schedule(task.cpu);
        break;
      case 'affinity':
        if (operation.cpus.every((cpu) => this.#offline.has(cpu))) break;
        machine.setAffinity(task, operation.cpus);
        entry.affinity = new Set(operation.cpus);
        break;
      case 'set':
        this.#set(task, this.#parameters(operation.parameters));
        break;
      default:
    }
  }

  /** Everything holds that does so at any time. */
  holds(): void {
    const { machine } = this.#kernel;
    const error = this.#log.entries.find(({ level }) => level === 'error');
    if (error !== undefined) throw new Error(error.message);
    if (machine.tasks.size !== this.#entries.length) throw new Error('the kernel has other tasks');
    const running = machine.cpus.map((cpu) => machine.current(cpu));
    for (const { task, stopped, affinity } of this.#entries) {
      const on = running.filter((one) => one === task).length;
      if (on > 1 || (on === 1) !== task.onCpu) throw new Error(`${task} runs on ${on} CPUs and says ${task.onCpu}`);
      if (stopped && on > 0) throw new Error(`${task} is stopped, and runs`);
      if ((task.state === 'stopped') !== stopped) throw new Error(`${task} is ${task.state}`);
      const may = affinity === undefined || task.affinity === undefined || affinity.has(task.cpu);
      if (!stopped && (!may || this.#offline.has(task.cpu))) throw new Error(`${task} is on CPU ${task.cpu}`);
    }
  }

  /** And what holds once every CPU has had a turn since the last change. */
  settled(): void {
    const { machine } = this.#kernel;
    this.#run(40 * CPUS);
    const tasks = this.#entries.filter(({ stopped }) => !stopped).map(({ task }) => task);
    for (const cpu of machine.onlineCpus) {
      const here = tasks.filter((task) => task.cpu === cpu.index);
      const running = machine.current(cpu);
      if (running === undefined && here.length > 0)
        throw new Error(`CPU ${cpu.index} idles, and ${here[0]} waits for it`);
      const wrong = this.#promise.check?.(here, cpu.index, running);
      if (wrong !== undefined) throw new Error(wrong);
    }
  }

  /** Once all are equal, and may run anywhere, everybody gets on. */
  everybodyGetsOn(): void {
    const { machine } = this.#kernel;
    for (let cpu = 0; cpu < CPUS; cpu++) this.#hotplug(cpu, true);
    for (const entry of this.#entries) {
      machine.setAffinity(entry.task, undefined);
      entry.affinity = undefined;
      this.#kernel.get(SCHEDULING).set(entry.task, this.#promise.neutral);
      machine.wake(entry.task);
      entry.stopped = false;
    }
    const before = this.#tasks.map(({ instructions }) => instructions);
    this.#run(2_000 * Math.max(10, this.#entries.length));
    const starved = this.#tasks.find(({ instructions }, i) => instructions === before[i]);
    if (starved !== undefined) throw new Error(`${starved} does not get on`);
    this.holds();
  }

  #parameters(i: number): SchedulingParameters {
    const { parameters } = this.#promise;
    return parameters[i % parameters.length] ?? {};
  }

  #make(
    scheduling: SchedulingParameters,
    make: (scheduling: SchedulingParameters) => Task,
    affinity?: ReadonlySet<number>,
  ): void {
    const refused = this.#promise.refuses?.(this.#tasks, scheduling) ?? false;
    const task = this.#attempt(() => make(scheduling), refused);
    if (task !== undefined) this.#entries.push({ task, stopped: false, affinity });
  }

  #set(task: Task, scheduling: SchedulingParameters): void {
    const others = this.#tasks.filter((one) => one !== task);
    const refused = this.#promise.refuses?.(others, { ...task.scheduling, ...scheduling }) ?? false;
    this.#attempt(() => this.#kernel.get(SCHEDULING).set(task, scheduling), refused);
  }

  #attempt<T>(action: () => T, refused: boolean): T | undefined {
    const before = this.#tasks.map(({ scheduling }) => scheduling);
    try {
      const result = action();
      if (refused) throw new Error('the model says that this has to be refused');
      return result;
    } catch (error) {
      if (!refused || !(error instanceof KernelError)) throw error;
      const after = this.#tasks.map(({ scheduling }) => scheduling);
      if (after.some((one, i) => one !== before[i])) throw new Error('what was refused has changed something');
      return undefined;
    }
  }

  get #tasks(): readonly Task[] {
    return this.#entries.map(({ task }) => task);
  }

  #run(count: number): void {
    const { machine } = this.#kernel;
    const before = this.#entries.map(({ task }) => task.instructions);
    const start = machine.count;
    machine.run(count);
    let ran = 0;
    for (const [i, { task, stopped }] of this.#entries.entries()) {
      const own = task.instructions - (before[i] ?? 0);
      if (stopped && own > 0) throw new Error(`${task} is stopped, and has executed ${own} instructions`);
      ran += own;
    }
    if (ran !== machine.count - start) throw new Error('somebody has executed whom nobody knows');
    if (ran === 0 && this.#entries.some(({ stopped }) => !stopped)) throw new Error('nobody gets on');
  }

  #hotplug(cpu: number, online: boolean): void {
    const { machine } = this.#kernel;
    if (!online && machine.onlineCpus.length === 1) return;
    machine.setOnline(cpu, online);
    if (online) this.#offline.delete(cpu);
    else this.#offline.add(cpu);
    // An affinity that leaves no CPU is lifted as the task is placed.
    for (const entry of this.#entries) entry.affinity = entry.task.affinity;
  }
}

const shareOf = ({ runtime, period, deadline }: SchedulingParameters): number => {
  const whole = period ?? deadline;
  return runtime === undefined || whole === undefined ? 0 : runtime / whole;
};

const PROMISES: Readonly<Record<string, Promises>> = {
  'round robin': { taskScheduler: roundRobin, parameters: [{}], neutral: {} },
  'fixed priority': {
    taskScheduler: fixedPriority,
    neutral: { priority: 1, policy: 'rr' },
    parameters: [
      {},
      { priority: 5 },
      { priority: 5, policy: 'fifo' },
      { priority: 50 },
      { priority: 99, policy: 'fifo' },
    ],
    check: (here, cpu, running) => {
      const highest = Math.max(0, ...here.map(({ scheduling }) => scheduling.priority ?? 0));
      const runs = running?.scheduling.priority ?? 0;
      return runs < highest ? `CPU ${cpu} runs priority ${runs}, and ${highest} waits` : undefined;
    },
  },
  fair: {
    taskScheduler: () => fair({ latency: 200 * US, granularity: 20 * US, wakeupGranularity: 30 * US }),
    parameters: [{}, { nice: -10 }, { nice: 10 }],
    neutral: { nice: 0 },
  },
  'earliest deadline': {
    taskScheduler: earliestDeadline,
    neutral: { runtime: undefined, deadline: undefined, period: undefined },
    parameters: [{}, { runtime: 20 * US, period: 100 * US }, { runtime: 45 * US, deadline: 50 * US, period: 60 * US }],
    refuses: (tasks, parameters) => {
      const share = shareOf(parameters);
      if (share === 0) return false;
      const others = tasks.reduce((sum, task) => sum + shareOf(task.scheduling), 0);
      return others + share > 0.95 * CPUS + 1e-9;
    },
  },
  'random schedule': { taskScheduler: () => randomSchedule({ longest: 12 }), parameters: [{}], neutral: {} },
};

for (const [name, promise] of Object.entries(PROMISES)) {
  test(`whatever happens to tasks and CPUs, ${name} agrees with a plain model`, (t) => {
    t.notThrows(() =>
      fc.assert(
        fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
          const model = new Model(promise);
          for (const [i, one] of operations.entries()) {
            model.apply(one);
            model.holds();
            if (i % 8 === 7) model.settled();
          }
          model.settled();
          model.holds();
          model.everybodyGetsOn();
        }),
        { numRuns: 150 },
      ),
    );
  });
}
