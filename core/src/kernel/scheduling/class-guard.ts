import { coreError, shown } from '../../errors/index.js';
import type { CpuState } from '../cpu-state.js';
import { isTask, KernelTask, type Task } from '../task.js';
import type { Scheduling } from './scheduling.js';
import {
  type Admits,
  type DequeueReason,
  type EnqueueReason,
  EVERYBODY,
  type PlaceReason,
  type SchedulingClass,
} from './scheduling-class.js';
import type { SchedulingParameters } from './scheduling-parameters.js';

/** What is wrong with the answer that a task is next; `undefined`: nothing. */
function wrongWith(answer: unknown, { cpu, queue }: CpuState, admits: Admits): string | undefined {
  if (!isTask(answer)) return `${shown(answer)}, which is no task`;
  const task = answer as KernelTask;
  if (task.queue !== queue) {
    if (!task.alive) return `task ${task}, which has ended`;
    if (task.onCpu) return `task ${task}, which runs on CPU ${task.cpu}`;
    if (task.queue === undefined) return `task ${task}, which does not wait for a CPU: it is ${task.state}`;
    return `task ${task}, which waits for CPU ${task.cpu}, not for CPU ${cpu.index}`;
  }
  return admits(task) ? undefined : `task ${task}, which may not run now`;
}

/**
 * A scheduling class as the kernel calls it: what it throws and what it answers wrongly is reported, and the kernel
 * goes on as if it had not been asked.
 */
export class ClassGuard {
  readonly #class: SchedulingClass;
  readonly #scheduling: Scheduling;

  constructor(scheduling: Scheduling, schedulingClass: SchedulingClass) {
    this.#scheduling = scheduling;
    this.#class = schedulingClass;
  }

  place(task: KernelTask, why: PlaceReason): number {
    try {
      const cpu = this.#class.place(task, why);
      if (this.#scheduling.allows(task, cpu)) return cpu;
      this.#refuse('place', `${shown(cpu)}, which is no CPU that is online and that task ${task} may run on`);
    } catch (error) {
      this.#report('place', error);
    }
    return this.#scheduling.idlest(task);
  }

  enqueue(task: KernelTask, cpu: number, why: EnqueueReason): void {
    try {
      this.#class.enqueue(task, cpu, why);
    } catch (error) {
      this.#report('enqueue', error);
    }
  }

  dequeue(task: KernelTask, cpu: number, why: DequeueReason): void {
    try {
      this.#class.dequeue(task, cpu, why);
    } catch (error) {
      this.#report('dequeue', error);
    }
  }

  halt(task: KernelTask, cpu: number): void {
    try {
      this.#class.halt(task, cpu);
    } catch (error) {
      this.#report('halt', error);
    }
  }

  setParameters(task: KernelTask, parameters: SchedulingParameters): void {
    try {
      this.#class.parameters?.set(task, parameters);
    } catch (error) {
      this.#report('parameters.set', error);
    }
  }

  exit(task: KernelTask): void {
    try {
      this.#class.exit(task);
    } catch (error) {
      this.#report('exit', error);
    }
  }

  /** Who is next on a CPU for which somebody waits, and everybody may run. */
  next(state: CpuState): KernelTask | undefined {
    try {
      const answer = this.#class.pick(state.cpu.index, EVERYBODY);
      if (answer instanceof KernelTask && answer.queue === state.queue) return answer;
    } catch (error) {
      this.#report('pick', error);
      return state.queue.first();
    }
    return this.pick(state);
  }

  /** Who is next behind a task that has just begun to wait, of a class that has a short way for that. */
  exchange(state: CpuState, task: KernelTask, why: EnqueueReason): KernelTask {
    const { queue } = state;
    const { index } = state.cpu;
    try {
      const answer = this.#class.exchange?.(task, index, why);
      if (answer instanceof KernelTask && answer.queue === queue) return answer;
      this.#refuse('exchange', wrongWith(answer, state, EVERYBODY) ?? 'nobody');
    } catch (error) {
      this.#report('exchange', error);
    }
    const first = queue.first() as KernelTask;
    this.dequeue(first, index, 'runs');
    return first;
  }

  /** Who is next. `told` false: somebody only wants to know, and hears of what is wrong when it matters. */
  pick(state: CpuState, admits: Admits = EVERYBODY, told = true): KernelTask | undefined {
    const { queue } = state;
    if (queue.isEmpty) return undefined;
    try {
      const answer = this.#class.pick(state.cpu.index, admits);
      if (answer === undefined) {
        const first = queue.first(admits);
        if (first !== undefined && told) this.#refuse('pick', `nobody, although task ${first} waits`);
        return first;
      }
      const wrong = wrongWith(answer, state, admits);
      if (wrong === undefined) return answer as KernelTask;
      if (told) this.#refuse('pick', wrong);
    } catch (error) {
      if (told) this.#report('pick', error);
    }
    return queue.first(admits);
  }

  preempts(task: KernelTask, running: KernelTask, cpu: number): boolean {
    try {
      return this.#class.preempts(task, running, cpu) === true;
    } catch (error) {
      this.#report('preempts', error);
      return false;
    }
  }

  tick({ cpu: { index }, current, queue }: CpuState): boolean {
    try {
      return this.#class.tick(index, current) === true;
    } catch (error) {
      this.#report('tick', error);
      return queue.length > 0;
    }
  }

  /** A task that waits elsewhere and is to come. */
  pull({ cpu }: CpuState, why: 'idle' | 'tick', admits: Admits = EVERYBODY): KernelTask | undefined {
    const { balancing } = this.#class;
    if (balancing === undefined) return undefined;
    try {
      const task = balancing.pull(cpu.index, why, admits);
      if (task === undefined) return undefined;
      const wrong = this.#wrongToPull(task, cpu.index, admits);
      if (wrong === undefined) return task as KernelTask;
      this.#refuse('balancing.pull', wrong);
    } catch (error) {
      this.#report('balancing.pull', error);
    }
    return undefined;
  }

  #wrongToPull(task: Task, cpu: number, admits: Admits): string | undefined {
    const from = isTask(task) ? this.#scheduling.states[task.cpu] : undefined;
    if (from === undefined) return `${shown(task)}, which is no task`;
    if (from.cpu.index === cpu) return `task ${task}, which is on CPU ${cpu} already`;
    if (!this.#scheduling.allows(task, cpu)) return `task ${task}, which may not run on CPU ${cpu}`;
    return wrongWith(task, from, admits);
  }

  #refuse(method: string, answer: string): void {
    const { name } = this.#class;
    const message = `the scheduling class '${name}' has answered ${answer} (${method}); mend the class`;
    this.#report(method, coreError('TASK_SCHEDULER_WRONG', message, { class: name, method }));
  }

  #report(method: string, error: unknown): void {
    this.#scheduling.report(error, `the scheduling class '${this.#class.name}' (${method})`);
  }
}
