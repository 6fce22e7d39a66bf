import type { ImageReader, ImageValue } from '../../image/index.js';
import type { KernelTask } from '../task.js';
import type { TaskScheduler } from '../task-scheduler.js';
import { RESCHEDULE_REASONS } from './reschedule-reason.js';

type Tasks = ReadonlyMap<number, KernelTask>;

function taskOf(one: ImageReader, tasks: Tasks): KernelTask {
  const task = tasks.get(one.number(1));
  if (task === undefined) throw one.invalid('the pid of a task of the image');
  return task;
}

/** Who waits for which CPU, with which parameters, and what the class has to say. */
export function saveScheduling(scheduler: TaskScheduler, tasks: Tasks): ImageValue {
  const { parameters, image } = scheduler.schedulingClass;
  return {
    cpus: scheduler.states.map(({ queue, reschedule }) => ({
      queue: [...queue].map(({ pid }) => pid),
      reschedule: reschedule ?? null,
    })),
    // What a class has made of a task's parameters is data: an image is no place to find out that it is not.
    parameters:
      parameters === undefined
        ? []
        : [...tasks.values()].map(({ pid, scheduling }) => ({ pid, scheduling: scheduling as ImageValue })),
    class: image?.save([...tasks.values()]) ?? null,
  };
}

/** The way back: tasks are there, and wait nowhere. */
export function restoreScheduling(scheduler: TaskScheduler, tasks: Tasks, from: ImageReader): void {
  const { image } = scheduler.schedulingClass;
  for (const one of from.field('parameters').list()) {
    const task = taskOf(one.field('pid'), tasks);
    const saved = one.field('scheduling');
    const given = Object.fromEntries(saved.entries().map(([name, value]) => [name, value.plain]));
    try {
      scheduler.adopt(task, scheduler.checkParameters(given, task));
    } catch (error) {
      throw saved.invalid(`parameters of a task (${String(error)})`);
    }
  }
  const cpus = from.field('cpus').list();
  for (const [index, state] of scheduler.states.entries()) {
    const saved = cpus[index];
    if (saved === undefined) throw from.field('cpus').invalid(`${scheduler.states.length} CPUs`);
    const waiting = saved.field('queue').list();
    scheduler.refill(
      state,
      waiting.map((one) => taskOf(one, tasks)),
    );
    const why = saved.field('reschedule');
    state.reschedule = why.absent ? undefined : why.oneOf(...RESCHEDULE_REASONS);
  }
  image?.restore(from.field('class'), (pid) => taskOf(pid, tasks));
}
