import type { Machine, Task, TaskState } from '../../kernel/index.js';
import { EventContext } from './context.js';
import type { PmuEvent } from './event.js';
import { Lane, type LaneParts } from './lane.js';
import { EVENT_STATE } from './state.js';

/** The contexts of tasks and CPUs, and which of them are on which CPU. */
export class Lanes {
  readonly #machine: Machine;
  readonly #parts: LaneParts;
  readonly #contexts: TaskState<EventContext>;
  /** By CPU, made when the first event concerns it. */
  readonly #lanes: (Lane | undefined)[];

  constructor(machine: Machine, parts: LaneParts) {
    this.#machine = machine;
    this.#parts = parts;
    this.#contexts = machine.defineTaskState((task) => this.#createContext(task));
    this.#lanes = machine.cpus.map(() => undefined);
  }

  /** The context of a task, made on first use. */
  contextOf(task: Task): EventContext {
    return this.#contexts.get(task);
  }

  /** The context of a task, if it ever had an event. */
  peekContext(task: Task): EventContext | undefined {
    return this.#contexts.peek(task);
  }

  /** What a CPU counts; made on first use. */
  lane(cpu: number): Lane {
    const known = this.#lanes[cpu];
    if (known !== undefined) return known;
    const lane = new Lane(this.#machine.cpu(cpu), this.#parts);
    this.#lanes[cpu] = lane;
    return lane;
  }

  /** What a CPU counts, if it ever counted anything. */
  peek(cpu: number): Lane | undefined {
    return this.#lanes[cpu];
  }

  /** Where a context is now. */
  laneOf({ cpu }: EventContext): Lane | undefined {
    return cpu === undefined ? undefined : this.lane(cpu.index);
  }

  /**
   * Lets an event that may count do so at once, if its context is on a CPU that it allows. A member that was enabled waits for its leader;
   * one that was added gives every group another try, its own included.
   */
  schedule(event: PmuEvent, added = false): void {
    const { context, leader, cpu } = event;
    const lane = context === undefined ? undefined : this.laneOf(context);
    if (lane === undefined || (cpu >= 0 && cpu !== lane.cpu.index)) return;
    if (!added && leader !== event && leader.state !== EVENT_STATE.ACTIVE) return;
    lane.reschedule(event);
  }

  /** Takes an event off; a leader takes its group along. */
  off(event: PmuEvent): void {
    const { context } = event;
    if (context === undefined || event.state !== EVENT_STATE.ACTIVE) return;
    const lane = this.laneOf(context);
    if (event.leader === event) lane?.groupOut(event);
    else lane?.eventOut(event);
  }

  #createContext(task: Task): EventContext {
    const context = new EventContext(task);
    if (task.onCpu) this.lane(task.cpu).switch(context);
    return context;
  }
}
