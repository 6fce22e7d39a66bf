import { program } from '@hwbp/core';
import type { Deadlock, LockProblem, LockReport, Locks, Steps } from '@hwbp/locks';
import { randomSchedule } from '@hwbp/schedulers';
import { Random } from '../random.js';
import { counterOf, increment, labOf } from './support.js';

/** What contends for a lock: what tasks do to have it alone, and what handlers do. */
export interface Contention {
  readonly name: string;
  /** One turn of a task: it has the lock alone while `body` runs. */
  task(body: () => Steps): Steps;
  /** One turn of a handler; absent: handlers do not take it. */
  hardirq?(body: () => Steps): Steps;
  softirq?(body: () => Steps): Steps;
}

/** How a run ended: nothing of it is left to chance but the seed. */
export interface Outcome {
  /** Everybody came to his end. */
  readonly done: boolean;
  /** Times that somebody had the lock and found another one in it. */
  readonly overlaps: number;
  /** Increments of the counter that are not there. */
  readonly lost: number;
  readonly problems: readonly LockProblem[];
  readonly deadlocks: readonly Deadlock[];
  readonly report: LockReport;
}

const ROUNDS = 8;
const LINE = 5;
const PATIENCE = 30_000;

/** Tasks on several CPUs, and interrupts of both kinds, contend for a lock under a schedule of chance. */
export function contend(make: (locks: Locks, address: bigint) => Contention, seed: number): Outcome {
  const taskScheduler = randomSchedule({ longest: 12 });
  const { kernel, locks, report, thread, address } = labOf({ cpus: 3, seed, taskScheduler });
  const { machine } = kernel;
  const contention = make(locks, address());
  const random = new Random(seed);
  let [inside, overlaps, turns] = [0, 0, 0];
  const alone = function* (): Steps {
    if (inside++ > 0) overlaps++;
    yield* increment();
    inside--;
    turns++;
  };
  const tasks = ['a', 'b', 'c', 'd', 'e'].map((comm) =>
    thread(comm, function* () {
      for (let i = 0; i < ROUNDS; i++) yield* contention.task(alone);
    }),
  );
  const { hardirq, softirq } = contention;
  if (hardirq !== undefined) {
    machine.interrupts.handle(LINE, { name: 'device', program: program(() => hardirq.call(contention, alone)) });
  }
  let executed = 0;
  while (tasks.some(({ alive }) => alive) && executed < PATIENCE) {
    const { instructions, reason } = machine.run(1 + random.below(40));
    executed += Math.max(1, instructions);
    const cpu = random.pick(machine.cpus);
    if (hardirq !== undefined && random.once(4)) machine.interrupts.raise(LINE, cpu);
    if (softirq !== undefined && random.once(4)) {
      machine.interrupts.softirq(cpu, { name: 'work', program: program(() => softirq.call(contention, alone)) });
    }
    if (reason === 'idle' && hardirq === undefined) break;
  }
  const done = tasks.every(({ alive }) => !alive);
  if (done) machine.run(5000);
  return {
    done,
    overlaps,
    lost: turns - counterOf(kernel),
    problems: report.problems,
    deadlocks: report.deadlocks,
    report,
  };
}
