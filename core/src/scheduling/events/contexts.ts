import type { Machine, Task, TaskState } from '../../kernel/index.js';
import { CpuContext, type CpuContextParts } from './cpu-context.js';
import { EventContext } from './event-context.js';
import type { EventRecord } from './event-record.js';
import { EVENT_STATE } from './state.js';

/** The contexts of tasks and CPUs, and which of them are on which CPU. */
export class Contexts {
  readonly #machine: Machine;
  readonly #parts: CpuContextParts;
  readonly #contexts: TaskState<EventContext>;
  /** By CPU, made when the first event concerns it. */
  readonly #cpus: (CpuContext | undefined)[];

  /** Events that have come to a CPU that is going. */
  readonly #late = new WeakSet<EventRecord>();

  constructor(machine: Machine, parts: CpuContextParts) {
    this.#machine = machine;
    this.#parts = parts;
    this.#contexts = machine.defineTaskState((task) => this.#createContext(task), 'elsewhere');
    this.#cpus = machine.cpus.map(() => undefined);
  }

  /** The context of a task, made on first use. */
  task(task: Task): EventContext {
    return this.#contexts.get(task);
  }

  /** The context of a task, if it ever had an event. */
  peekTask(task: Task): EventContext | undefined {
    return this.#contexts.peek(task);
  }

  /** What a CPU counts; made on first use. */
  cpu(cpu: number): CpuContext {
    const known = this.#cpus[cpu];
    if (known !== undefined) return known;
    const own = new CpuContext(this.#machine.cpu(cpu), this.#parts);
    this.#cpus[cpu] = own;
    return own;
  }

  /** What a CPU counts, if it ever counted anything. */
  peek(cpu: number): CpuContext | undefined {
    return this.#cpus[cpu];
  }

  /** Forgets a context without events, as if there had never been one. */
  forget(context: EventContext): void {
    if (context.task === undefined) this.#cpus[this.numberOf(context)] = undefined;
    else this.#contexts.forget(context.task);
  }

  /** The CPU whose context it is; -1 for a task's. */
  numberOf(context: EventContext): number {
    return this.#cpus.findIndex((cpu) => cpu?.own === context);
  }

  /** Every context that was ever made: of CPUs, then of tasks that live. */
  all(): readonly EventContext[] {
    const own = this.#cpus.flatMap((cpu) => (cpu === undefined ? [] : [cpu.own]));
    const tasks = [...this.#machine.tasks.values()].map((task) => this.peekTask(task));
    return [...own, ...tasks.filter((context) => context !== undefined)];
  }

  /** True for an event that may count since its CPU has begun to go: it waits for its return. Asked once. */
  takeLate(event: EventRecord): boolean {
    return this.#late.delete(event);
  }

  /** Where a context is now. */
  cpuOf({ cpu }: EventContext): CpuContext | undefined {
    return cpu === undefined ? undefined : this.cpu(cpu.index);
  }

  /**
   * Lets an event that may count do so at once, if its context is on a CPU that it allows. A member that was enabled
   * waits for its leader; one that was added gives every group another try, its own included.
   */
  schedule(event: EventRecord, added = false): void {
    const { context, leader, cpu } = event;
    const own = context === undefined ? undefined : this.cpuOf(context);
    if (own === undefined || (cpu >= 0 && cpu !== own.cpu.index)) return;
    if (this.#machine.hotplug.isLeaving(own.cpu)) {
      this.#late.add(event);
      return;
    }
    if (!added && leader !== event && leader.state !== EVENT_STATE.ACTIVE) return;
    own.reschedule(event);
  }

  /** Takes an event off; a leader takes its group along. */
  off(event: EventRecord): void {
    const { context } = event;
    if (context === undefined || event.state !== EVENT_STATE.ACTIVE) return;
    const own = this.cpuOf(context);
    if (event.leader === event) own?.groupOut(event);
    else own?.eventOut(event);
  }

  #createContext(task: Task): EventContext {
    const context = new EventContext(task);
    if (task.onCpu) this.cpu(task.cpu).switch(context);
    return context;
  }
}
