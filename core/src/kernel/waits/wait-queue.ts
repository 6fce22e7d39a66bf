import { checkOptions, coreError, FUNCTION, requireKind, TEXT } from '../../errors/index.js';
import type { Cpu } from '../../hardware/index.js';
import type { Sleep, Waiting } from '../../programs/index.js';
import { type KernelTask, kernelTask, type Task } from '../task.js';

/** What waits need of the machine that the tasks are on. */
export interface WaitHost {
  current(cpu: Cpu): Task | undefined;
  wake(task: Task): void;
  hasSignal(task: Task): boolean;
}

/** How a task waits. */
export interface QueueWait {
  /** Asked before the task sleeps, and each time it is woken: true lets it go on. Default: being woken is enough. */
  readonly until?: () => boolean;
  /** False: no signal ends the wait but one that kills (Linux: TASK_KILLABLE). Default true. */
  readonly interruptible?: boolean;
}

/** What a queue is like. */
export interface WaitQueueOptions {
  /** Who could bring what is waited for, such as the owner of a mutex: for reports of who waits for whom. */
  readonly owners?: () => Iterable<Task>;
}

const NOBODY = (): Iterable<Task> => [];

/** One task in a queue. */
export class Waiter implements Sleep {
  readonly what: string;
  readonly task: KernelTask;
  /** The queue that it is in. */
  readonly queue: WaitQueue;
  /** Somebody woke it. */
  woken = false;
  readonly #waits: WaitHost;
  readonly #wait: QueueWait;
  readonly #left: (waiter: Waiter) => void;

  constructor(queue: WaitQueue, task: KernelTask, waits: WaitHost, wait: QueueWait, left: (waiter: Waiter) => void) {
    this.queue = queue;
    this.what = queue.name;
    this.task = task;
    this.#waits = waits;
    this.#wait = wait;
    this.#left = left;
  }

  /** True for one that waits, and whom nobody woke, or who found since that it came to nothing. */
  get sleeps(): boolean {
    return !this.woken || this.task.state === 'waiting';
  }

  get over(): boolean {
    return this.#hasCome || (this.#wait.interruptible !== false && this.#waits.hasSignal(this.task));
  }

  end(): bigint {
    const come = this.#hasCome;
    const { sleeps } = this.task;
    const at = sleeps.indexOf(this);
    if (at >= 0) sleeps.splice(at, 1);
    this.#left(this);
    return come ? 0n : 1n;
  }

  get #hasCome(): boolean {
    return this.woken && this.#wait.until?.() !== false;
  }
}

/**
 * Tasks that wait for something, in the order in which they came. A program waits with an instruction whose `wait` is
 * one of {@link wait}; whoever brings what they wait for wakes them.
 */
export class WaitQueue {
  /** What for, for people. */
  readonly name: string;
  readonly #waits: WaitHost;
  readonly #waiters = new Set<Waiter>();

  readonly #owners: () => Iterable<Task>;

  /** `machine`: whose tasks wait. */
  constructor(machine: WaitHost, name: string, options: WaitQueueOptions = {}) {
    requireKind('name', name, TEXT);
    checkOptions('a wait queue', options, { owners: FUNCTION });
    this.#owners = options.owners ?? NOBODY;
    this.#waits = machine;
    this.name = name;
  }

  /** Tasks that wait, those that were woken and have not run since included. */
  get length(): number {
    return this.#waiters.size;
  }

  /** Those, in order. */
  get tasks(): readonly Task[] {
    return Array.from(this.#waiters, ({ task }) => task);
  }

  /** Who could bring what they wait for, as far as whoever made the queue says. */
  get owners(): readonly Task[] {
    return [...this.#owners()];
  }

  /** For an instruction's `wait`. */
  wait(options: QueueWait = {}): Waiting {
    const { until } = options;
    if (until !== undefined) requireKind('until', until, FUNCTION);
    return { begin: (cpu) => (until?.() === true ? undefined : this.#enter(cpu, options)) };
  }

  /** Wakes up to `count` of those that sleep, the first first; returns how many it woke. */
  wake(count = 1): number {
    let woken = 0;
    for (const waiter of this.#waiters) {
      if (woken >= count) break;
      if (!waiter.sleeps) continue;
      woken++;
      this.#wakeOne(waiter);
    }
    return woken;
  }

  /** Wakes all of them; returns how many. */
  wakeAll(): number {
    return this.wake(Number.POSITIVE_INFINITY);
  }

  #wakeOne(waiter: Waiter): void {
    waiter.woken = true;
    // One that was stopped meanwhile stays so: it finds out when it goes on.
    if (waiter.task.state === 'waiting') this.#waits.wake(waiter.task);
  }

  #enter(cpu: Cpu, options: QueueWait): Sleep {
    const task = sleeper(this.#waits, cpu, this.name);
    const waiter = new Waiter(this, task, this.#waits, options, (one) => this.#leave(one));
    this.#waiters.add(waiter);
    task.sleeps.push(waiter);
    return waiter;
  }

  /** One that was woken and ends before it has run: it was for somebody who could have used it. */
  #leave(waiter: Waiter): void {
    if (this.#waiters.delete(waiter) && waiter.woken && !waiter.task.alive) this.wake();
  }
}

/** The task that is about to wait. Throws EDEADLK where there is none that could, and with interrupts off. */
export function sleeper(waits: WaitHost, cpu: Cpu, what: string): KernelTask {
  const task = waits.current(cpu);
  if (task !== undefined && cpu.context === task.context) {
    if (!task.context.irqsOff) return kernelTask(task);
    throw coreError('WAIT_WITHOUT_TASK', `task ${task} has interrupts off, and would wait for ${what} for ever`, {
      cpu: cpu.index,
    });
  }
  const where = cpu.context === cpu.idle ? 'no task' : 'an interrupt handler';
  throw coreError('WAIT_WITHOUT_TASK', `CPU ${cpu.index} executes ${where}, which cannot wait for ${what}`, {
    cpu: cpu.index,
  });
}
