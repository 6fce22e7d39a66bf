import type { Cpu, ExecutionContext, Machine, Task } from '@hwbp/core';

/** Who uses a lock: a task, or a handler on a CPU. */
export interface LockUser {
  /** `undefined`: a handler. */
  readonly task: Task | undefined;
  readonly cpu: number;
  readonly context: ExecutionContext;
  /** The name of the handler; of a task `undefined`. */
  readonly handler: string | undefined;
  /** Of a handler: the task that it has interrupted. */
  readonly interrupted: Task | undefined;
  /** It takes no interrupts. */
  readonly irqsOff: boolean;
  /** The same for everything that one task, or one kind of handler on one CPU, does. */
  readonly key: Task | string;
  /** For people: `worker-3 on CPU 1`. */
  toString(): string;
}

/** A lock as those see it who are told of what is done with it. */
export interface LockFacts {
  readonly name: string;
  readonly lockClass: string;
  readonly address: bigint;
  /** Bytes of its words. */
  readonly size: number;
  /** True for one whose users sleep while they wait. */
  readonly sleeps: boolean;
  /** True for one that nobody owns: whoever likes may give it back. */
  readonly ownerless: boolean;
  /** First come first served: nobody gets it before all who came earlier have had it. */
  readonly inOrder: boolean;
  /** Those that have it. */
  readonly holders: readonly LockUse[];
  /**
   * Those that want it, and do not have it yet, in the order in which they came. One that has ended meanwhile is among
   * those of a lock that is `inOrder`: it keeps all others.
   */
  readonly waiters: readonly LockUse[];
}

/** `shared`: with others, as readers have it. */
export type LockMode = 'exclusive' | 'shared';

/**
 * `waits`: until he has it. `tries`: would rather do without than wait. `passes`: waits until nobody has it, and does
 * not take it, as readers do of a sequence lock.
 */
export type LockManner = 'waits' | 'tries' | 'passes';

/** One use of a lock, from when somebody wants it until he gives it back. */
export interface LockUse {
  readonly lock: LockFacts;
  readonly user: LockUser;
  readonly mode: LockMode;
  /** The class of its lock, with the subclass that the user has named. */
  readonly lockClass: string;
  /** Where: the caller's instruction if he has said so, otherwise that of the lock's routine. */
  readonly pc: bigint;
  /** Instructions that the machine had retired by then. */
  readonly count: number;
  readonly manner: LockManner;
}

/** Who all handlers of a kind on a CPU are: one executes at a time. */
export function keyOf(context: ExecutionContext, cpu: number): string {
  return `${context} on CPU ${cpu}`;
}

/** Who executes on a CPU. */
export function userOn(machine: Machine, cpu: Cpu): LockUser {
  const { interrupts } = machine;
  const context = interrupts.contextOf(cpu);
  const current = machine.current(cpu);
  const handler = interrupts.handlerOf(cpu);
  const task = context === 'task' ? current : undefined;
  const { index } = cpu;
  return Object.freeze({
    task,
    cpu: index,
    context,
    handler,
    interrupted: task === undefined ? current : undefined,
    irqsOff: interrupts.irqsOff(cpu),
    key: task ?? keyOf(context, index),
    toString: () =>
      task === undefined ? `the ${context} handler ${handler} on CPU ${index}` : `${task} on CPU ${index}`,
  });
}
