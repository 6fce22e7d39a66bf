import {
  type Instruction,
  type Kernel,
  type Logger,
  type Machine,
  type Program,
  program,
  RingLogger,
  type SpawnOptions,
  type Task,
} from '@hwbp/core';
import { fail } from '../assert/index.js';

/** More than any case needs: whoever uses it up is in an endless loop. */
const BUDGET = 200_000;

const NOP: Instruction = Object.freeze({ pc: 0x1000n, length: 4 });
const ENDLESS = program(function* () {
  for (;;) yield NOP;
});

/** A kernel with the class under test, in which one case happens. */
export class SchedulingLab {
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly #log = new RingLogger();

  constructor(compose: (logger: Logger) => Kernel) {
    this.kernel = compose(this.#log);
    this.machine = this.kernel.machine;
  }

  /** A task that never ends by itself. */
  endless(options: SpawnOptions = {}): Task {
    return this.machine.spawn(ENDLESS, options);
  }

  /** What a task executes that has nothing to do. */
  get nothing(): Program {
    return ENDLESS();
  }

  /** A task of so many instructions. */
  task(instructions: number, options: SpawnOptions = {}): Task {
    const list = Array.from({ length: instructions }, () => NOP);
    return this.machine.spawn(program(list), options);
  }

  /** Who executes the next instructions, one for each: `pid@cpu`. Ends early where nobody can. */
  steps(count: number): string[] {
    const seen: string[] = [];
    while (seen.length < count) {
      const before = [...this.machine.tasks.values()].map((task): [Task, number] => [task, task.instructions]);
      const { reason } = this.machine.run(1);
      for (const [task, had] of before) if (task.instructions > had) seen.push(`${task.pid}@${task.cpu}`);
      if (reason !== 'budget') break;
    }
    return seen;
  }

  /** Lets exactly so many instructions execute, in calls of at most `step`; fewer where nobody can go on. */
  advance(count: number, step: number): void {
    const end = this.machine.count + count;
    while (this.machine.count < end) {
      if (this.machine.run(Math.min(step, end - this.machine.count)).reason !== 'budget') return;
    }
  }

  /** Every task: how much it has executed, where it is, and whether it runs there. */
  get state(): string {
    const tasks = [...this.machine.tasks.values()];
    return tasks
      .map(({ pid, cpu, onCpu, instructions }) => `${pid}@${cpu}${onCpu ? '!' : ''}:${instructions}`)
      .join(' ');
  }

  /** Instructions that tasks retire meanwhile. */
  shares(tasks: readonly Task[], instructions: number): number[] {
    const before = tasks.map((task) => task.instructions);
    this.machine.run(instructions);
    return tasks.map((task, i) => task.instructions - (before[i] ?? 0));
  }

  /** Runs until everybody has ended, or has had more than enough. */
  runToTheEnd(): void {
    const { reason, message } = this.machine.run(BUDGET);
    const left = [...this.machine.tasks.values()].map(String).join(', ');
    if (left !== '') fail(`these never come to their end (${reason} ${message ?? ''}): ${left}`);
  }

  /** Fails if the kernel's error channel has something. */
  finish(): void {
    const error = this.#log.entries.find(({ level }) => level === 'error');
    if (error !== undefined) fail(`the kernel reports: ${error.message}`);
  }
}
