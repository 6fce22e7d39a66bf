import { AddressSpace, type Hardware, INTERRUPT_LINES } from '../../hardware/index.js';
import { type ImageReader, type ImageValue, notWritable } from '../../image/index.js';
import type { Code } from '../../programs/index.js';
import type { Gates } from '../execution-gate.js';
import type { Interrupts } from '../interrupts/index.js';
import type { Oopses } from '../oopses.js';
import type { Power } from '../power.js';
import type { ProcessTable } from '../process-table.js';
import type { RunLoop } from '../run-loop.js';
import { restoreScheduling, saveScheduling } from '../scheduling/scheduling-image.js';
import type { KernelTask, Task } from '../task.js';
import type { TaskScheduler } from '../task-scheduler.js';
import type { TaskState } from '../task-state.js';
import { ImageParts } from './image-parts.js';
import { loadProcess, saveProcess } from './process-image.js';
import { loadTask, saveTask, type TaskImageParts, taskOptions } from './task-image.js';

/** What the image of a machine is taken of. */
export interface HibernationParts {
  readonly hardware: Hardware;
  readonly kernelMemory: AddressSpace;
  readonly scheduler: TaskScheduler;
  readonly processes: ProcessTable;
  readonly loop: RunLoop;
  readonly gates: Gates;
  readonly interrupts: Interrupts;
  readonly oopses: Oopses;
  readonly power: Power;
  readonly code: Code;
  readonly traps: Pick<TaskImageParts, 'systemCall'>;
  readonly states: readonly TaskState<unknown>[];
}

/** A machine's state as data: for an image of its kernel, and back. */
export class Hibernation {
  readonly #parts: HibernationParts;
  /** Whoever has state beside the machine's. Tasks come first. */
  readonly parts = new ImageParts();
  readonly #spokenFor = new Set<Task>();

  /** Use `machine.hibernation`. */
  constructor(parts: HibernationParts) {
    this.#parts = parts;
    this.parts.register('tasks', {
      begin: () => this.#spokenFor.clear(),
      save: () => this.#saveTasks(),
      restore: (from) => this.#loadTasks(from),
    });
  }

  /** Whoever traces a task writes down himself what that means, in the image that is being made. */
  speakFor(task: Task): void {
    this.#spokenFor.add(task);
  }

  /** The functions that an image can refer to. */
  get code(): Code {
    return this.#parts.code;
  }

  /** Throws EBUSY while a debugger keeps tasks from executing, and for an alarm that is nobody's known. */
  requireWritable(): void {
    const { gates, hardware, scheduler, loop, power, interrupts } = this.#parts;
    if (power.underWay) throw notWritable('the machine is being suspended, or is suspended');
    if (loop.stopping) throw notWritable('a stop is still to be reported: run the machine once more');
    if (interrupts.unwritable !== undefined) throw notWritable(interrupts.unwritable);
    if (!gates.open)
      throw notWritable('somebody, such as a debugger, keeps tasks from executing: let them go on first');
    for (const { index, alarms } of hardware.cpus) {
      const ticks = scheduler.ticks[index]?.due === Number.POSITIVE_INFINITY ? 0 : 1;
      if (alarms.size <= ticks) continue;
      throw notWritable(`an alarm beside the tick is set on CPU ${index}: let it expire first`, { cpu: index });
    }
  }

  /** What decides who executes next, and the hardware. */
  save(): ImageValue {
    const { scheduler, loop, hardware, processes, oopses, power, interrupts } = this.#parts;
    return {
      hardware: hardware.save(),
      loop: loop.save(),
      oopses: oopses.save(),
      wakers: [...power.wakers],
      lines: interrupts.image.save(),
      scheduling: saveScheduling(scheduler, processes.tasks),
      cpus: scheduler.states.map(({ cpu, called, asleep }, index) => ({
        online: cpu.online || asleep,
        called,
        tick: scheduler.ticks[index]?.due ?? 0,
      })),
    };
  }

  /** The way back, of a machine that is suspended. */
  restore(from: ImageReader): void {
    const { scheduler, loop, hardware, processes, oopses, power, interrupts } = this.#parts;
    const cpus = from.field('cpus').list();
    hardware.restore(from.field('hardware'));
    this.#claimFrames(from.field('hardware'));
    loop.restore(from.field('loop'));
    oopses.restore(from.field('oopses'), hardware.cpus);
    interrupts.image.restore(from.field('lines'));
    for (const line of from.field('wakers').list()) {
      const wanted = line.number(0, INTERRUPT_LINES - 1);
      if (!power.wakers.includes(wanted)) power.wakesAt(wanted);
    }
    restoreScheduling(scheduler, processes.tasks, from.field('scheduling'));
    for (const [index, state] of scheduler.states.entries()) {
      const saved = cpus[index];
      if (saved === undefined) throw from.field('cpus').invalid(`${hardware.cpus.length} CPUs`);
      state.called = saved.field('called').flag();
      const tick = scheduler.ticks[index];
      if (tick !== undefined) tick.due = saved.field('tick').number();
    }
  }

  /** Gives address spaces the frames that they say. Throws EINVAL where the memory knows nothing of that. */
  #claimFrames(from: ImageReader): void {
    const { hardware, kernelMemory, processes } = this.#parts;
    const counts = new Map<number, number>();
    const spaces = new Set([kernelMemory, ...[...processes.tasks.values()].map(({ memory }) => memory)]);
    for (const { claims } of spaces) {
      for (const frame of claims) counts.set(frame, (counts.get(frame) ?? 0) + 1);
    }
    for (const [frame, count] of counts) {
      if (count <= hardware.memory.holdersOf(frame)) continue;
      throw from
        .field('memory')
        .invalid(`memory in which page frame ${frame} is had ${count} time(s), as tasks have it`);
    }
    for (const space of spaces) space.claim();
  }

  /** The CPUs that an image has online. */
  online(from: ImageReader): readonly number[] {
    const flags = from
      .field('cpus')
      .list()
      .map((one) => one.field('online').flag());
    return flags.flatMap((on, index) => (on ? [index] : []));
  }

  // --- tasks ---

  #references(spaces: readonly AddressSpace[]): TaskImageParts {
    const { code, traps, states } = this.#parts;
    return { code, systemCall: traps.systemCall, states, spaces };
  }

  #saveTasks(): ImageValue {
    const { kernelMemory, processes } = this.#parts;
    const tasks = [...processes.tasks.values()];
    const spaces = [kernelMemory, ...new Set(tasks.map(({ memory }) => memory))];
    const parts = this.#references(spaces);
    return {
      nextPid: processes.nextPid,
      spaces: spaces.map((space) => space.save()),
      tasks: tasks.map((task) => {
        if (task.tracer === undefined || this.#spokenFor.has(task)) return saveTask(task, parts);
        throw notWritable(`task ${task} is traced by somebody who does not write that down: detach first`);
      }),
      processes: [...new Set(tasks.map(({ process }) => process))].map(saveProcess),
    };
  }

  #loadTasks(from: ImageReader): void {
    const { kernelMemory, processes, hardware } = this.#parts;
    const [kernelSpace, ...saved] = from.field('spaces').list();
    if (kernelSpace === undefined) throw from.field('spaces').invalid('the kernel’s address space, and those of tasks');
    kernelMemory.restore(kernelSpace);
    const spaces = saved.map((space) => {
      const made = new AddressSpace(hardware.memory, { demandZero: space.field('demandZero').flag() });
      made.restore(space);
      return made;
    });
    const parts = this.#references([kernelMemory, ...spaces]);
    const list = from.field('tasks').list();
    const made: (readonly [KernelTask, ImageReader])[] = [];
    // Parents come before their children.
    for (const one of list) {
      const options = taskOptions(
        one,
        parts,
        (pid) => processes.tasks.get(pid),
        (tgid) => processes.processOf(tgid),
      );
      if (processes.tasks.has(options.pid)) throw one.field('pid').invalid('a pid that no other task has');
      made.push([processes.revive(options), one]);
    }
    for (const [task, one] of made) loadTask(task, one, parts);
    const known = new Map(made.map(([{ tgid, process }]) => [tgid, process]));
    for (const one of from.field('processes').list()) loadProcess(one, (tgid) => known.get(tgid));
    processes.nextPid = from.field('nextPid').number(1);
  }
}
