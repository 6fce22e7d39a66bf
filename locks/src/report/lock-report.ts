import {
  type Consumer,
  type ExecutionContext,
  LOGGER,
  type Logger,
  MACHINE,
  type Machine,
  SYMBOLS,
  type SymbolTable,
  type Task,
} from '@hwbp/core';
import type { LockRelease } from '../lock-host.js';
import type { LockUse, LockUser } from '../lock-use.js';
import { LOCKS, type Locks } from '../locks.js';
import { LockOrders } from './lock-orders.js';
import { describeProblem, type LockProblem, type LockProblemKind, type LockWitness, witness } from './lock-problem.js';
import { type Deadlock, deadlocks, type LockWait, lockWaits } from './lock-waits.js';

/** How the locks of one class were used, as far as interrupts are concerned. */
interface IrqUsage {
  inHandler?: LockUse;
  irqsOn?: LockUse;
}

const NOTHING: readonly LockUse[] = Object.freeze([]);
/** Where an interrupt handler can come in between. */
const INTERRUPTED: ReadonlySet<ExecutionContext> = new Set<ExecutionContext>(['task', 'softirq']);

/**
 * Watches how the locks of a kernel are used, as Linux's lockdep does: whatever can end in a deadlock is told the first
 * time that it is done, whether or not it has ended in one; and at any time who waits for whom.
 */
export class LockReport implements Consumer {
  static readonly plugin = { name: 'lock report' };
  static readonly inject = [LOCKS, MACHINE, SYMBOLS, LOGGER];
  readonly #locks: Locks;
  readonly #machine: Machine;
  readonly #symbols: SymbolTable;
  readonly #logger: Logger;
  readonly #problems: LockProblem[] = [];
  readonly #told = new Set<string>();
  readonly #orders = new LockOrders();
  readonly #irqUsage = new Map<string, IrqUsage>();
  /** By who has them, in the order in which they were taken. */
  readonly #held = new Map<Task | string, LockUse[]>();
  #ends: (() => void)[] = [];

  constructor(locks: Locks, machine: Machine, symbols: SymbolTable, logger: Logger) {
    this.#locks = locks;
    this.#machine = machine;
    this.#symbols = symbols;
    this.#logger = logger;
  }

  start(): void {
    if (this.#ends.length > 0) return;
    const { wanted, taken, released } = this.#locks.hooks;
    const { contextSwitch, exit } = this.#machine.hooks;
    this.#ends = [
      wanted.add((use) => this.#wanted(use)),
      taken.add((use) => void this.#of(use.user).push(use)),
      released.add((release) => this.#released(release)),
      contextSwitch.add((_cpu, previous) => this.#switched(previous)),
      exit.add((task) => this.#exited(task)),
    ];
  }

  stop(): void {
    for (const end of this.#ends) end();
    this.#ends = [];
  }

  /** What is wrong, in the order in which it was found. */
  get problems(): readonly LockProblem[] {
    return [...this.#problems];
  }

  /** Everybody who waits now. */
  get waits(): readonly LockWait[] {
    return lockWaits(this.#locks.all, this.#machine, this.#symbols);
  }

  /** Those who wait for each other now, and will for ever. */
  get deadlocks(): readonly Deadlock[] {
    return deadlocks(this.waits);
  }

  /** A problem as lines of text. */
  describe(problem: LockProblem): string {
    return describeProblem(problem);
  }

  /** All of it as text; empty if there is nothing to say. */
  toString(): string {
    const told = this.#problems.map((problem) => this.describe(problem));
    return [...told, ...this.deadlocks.map(({ message }) => `deadlock: ${message}`)].join('\n');
  }

  #wanted(use: LockUse): void {
    const { lock, user, lockClass, manner } = use;
    const held = this.#held.get(user.key) ?? NOTHING;
    if (!lock.sleeps) this.#noteIrqs(use);
    if (manner === 'tries') return;
    if (lock.sleeps) this.#mightSleep(use, held);
    if (lock.ownerless) return;
    for (const other of held) {
      if (other.lock.ownerless) continue;
      if (other.lock === lock || other.lockClass === lockClass) this.#again(other, use);
      else this.#order(other, use);
    }
  }

  #again(held: LockUse, use: LockUse): void {
    const same = held.lock === use.lock;
    const message = same
      ? `${use.lock.name} is taken by who has it already`
      : `${use.lock.name} is taken by who has ${held.lock.name}, and nothing says which of the class ${use.lockClass} comes first`;
    this.#tell('recursive', [use.lockClass], message, [
      this.#witness(`takes ${held.lock.name}`, held),
      this.#witness(`takes ${use.lock.name}`, use),
    ]);
  }

  #order(held: LockUse, taken: LockUse): void {
    const back = this.#orders.add(held, taken);
    if (back === undefined) return;
    const orders = [...back, { held, taken }];
    const classes = orders.map((order) => order.held.lockClass);
    const circle = [...classes, classes[0]].join(' -> ');
    const witnesses = orders.map((order) =>
      this.#witness(`takes ${order.taken.lock.name} with ${order.held.lock.name} held`, order.taken),
    );
    this.#tell('lock-order', classes, `locks are taken in a circle, ${circle}`, witnesses);
  }

  /** A handler that interrupts whoever has the lock waits for it for ever. */
  #noteIrqs(use: LockUse): void {
    const usage = this.#irqUsage.get(use.lockClass) ?? {};
    this.#irqUsage.set(use.lockClass, usage);
    const { user, manner } = use;
    if (user.context === 'hardirq' && manner !== 'tries') usage.inHandler ??= use;
    if (INTERRUPTED.has(user.context) && !user.irqsOff && manner !== 'passes') usage.irqsOn ??= use;
    const { inHandler, irqsOn } = usage;
    if (inHandler === undefined || irqsOn === undefined) return;
    const { name } = use.lock;
    this.#tell('irq-unsafe', [use.lockClass], `${name} is taken in an interrupt handler, and with interrupts on`, [
      this.#witness(`takes ${inHandler.lock.name} in the handler`, inHandler),
      this.#witness(`takes ${irqsOn.lock.name} with interrupts on`, irqsOn),
    ]);
  }

  /** A lock that sleeps may be free, this time. */
  #mightSleep(use: LockUse, held: readonly LockUse[]): void {
    const { lock, user } = use;
    const spinning = held.find((other) => !other.lock.sleeps);
    if (spinning !== undefined) {
      const message = `${lock.name}, whose users sleep, is taken with ${spinning.lock.name} held, whose users spin`;
      this.#tell('atomic-sleep', [spinning.lockClass, use.lockClass], message, [
        this.#witness(`takes ${spinning.lock.name}`, spinning),
        this.#witness(`takes ${lock.name}`, use),
      ]);
    } else if (user.context !== 'task' || user.irqsOff) {
      const where = user.context === 'task' ? 'with interrupts off' : 'outside of a task';
      this.#tell('atomic-sleep', [use.lockClass], `${lock.name}, whose users sleep, is taken ${where}`, [
        this.#witness(`takes ${lock.name}`, use),
      ]);
    }
  }

  #released({ lock, by, use, ended, pc, count }: LockRelease): void {
    if (ended !== undefined) this.#drop(ended);
    if (lock.ownerless || use !== undefined) return;
    const had = ended === undefined ? 'nobody has' : `${ended.user.key} has`;
    const witnesses = [this.#witness(`gives ${lock.name} back`, { user: by, pc, count })];
    if (ended !== undefined) witnesses.unshift(this.#witness(`takes ${lock.name}`, ended));
    const { lockClass } = lock;
    this.#tell('foreign-unlock', [lockClass], `${lock.name}, which ${had}, is given back by ${by.key}`, witnesses);
  }

  /** A task that goes to sleep, for whatever it is. */
  #switched(previous: Task | undefined): void {
    if (previous?.state !== 'waiting') return;
    const spinning = this.#held.get(previous)?.find(({ lock }) => !lock.sleeps);
    if (spinning === undefined) return;
    const what = previous.waitsFor ?? 'input';
    const message = `${previous} sleeps, for ${what}, with ${spinning.lock.name} held, whose users spin`;
    const { user } = spinning;
    this.#tell('atomic-sleep', [spinning.lockClass], message, [
      this.#witness(`takes ${spinning.lock.name}`, spinning),
      this.#witness('sleeps', { user, pc: previous.context.pc, count: this.#machine.count }),
    ]);
  }

  #exited(task: Task): void {
    const held = this.#held.get(task) ?? NOTHING;
    this.#held.delete(task);
    for (const use of held) {
      const { lock, lockClass } = use;
      if (lock.ownerless) continue;
      this.#tell('held-at-exit', [lockClass], `${task} has ended with ${lock.name}, which nobody gives back`, [
        this.#witness(`takes ${lock.name}`, use),
      ]);
    }
  }

  #tell(kind: LockProblemKind, classes: readonly string[], message: string, witnesses: readonly LockWitness[]): void {
    const key = [kind, ...classes].join('\n');
    if (this.#told.has(key)) return;
    this.#told.add(key);
    const problem = Object.freeze({ kind, classes, message, witnesses });
    this.#problems.push(problem);
    this.#logger.log('warn', describeProblem(problem));
  }

  #witness(what: string, of: Pick<LockUse, 'user' | 'pc' | 'count'>): LockWitness {
    return witness(this.#symbols, what, of);
  }

  #of({ key }: LockUser): LockUse[] {
    const held = this.#held.get(key) ?? [];
    this.#held.set(key, held);
    return held;
  }

  #drop(use: LockUse): void {
    const held = this.#held.get(use.user.key);
    if (held === undefined) return;
    const at = held.indexOf(use);
    if (at >= 0) held.splice(at, 1);
    if (held.length === 0) this.#held.delete(use.user.key);
  }
}
