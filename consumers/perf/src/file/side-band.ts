import { Disposables, EVENT_STATE, type Machine, type PmuEvent, type Task } from '@hwbp/core';
import type { PerfEventAttr } from '../attr/perf-event-attr.js';
import type { PerfRecord } from '../records/perf-record.js';
import {
  PERF_RECORD_COMM,
  PERF_RECORD_EXIT,
  PERF_RECORD_FORK,
  PERF_RECORD_MISC_COMM_EXEC,
  PERF_RECORD_MISC_SWITCH_OUT,
  PERF_RECORD_SWITCH,
} from '../records/record-types.js';
import type { PerfFile } from './perf-file.js';
import { sampleIdOf } from './sample-of.js';

/** What happens to tasks, as records in the rings of events that ask for it: names, births, ends, switches. */
export class SideBand {
  readonly #machine: Machine;
  readonly #files: ReadonlyMap<number, PerfFile>;
  readonly #hooks = new Disposables();

  constructor(machine: Machine, files: ReadonlyMap<number, PerfFile>) {
    this.#machine = machine;
    this.#files = files;
  }

  start(): void {
    if (!this.#hooks.empty) return;
    const { hooks } = this.#machine;
    this.#hooks.add(
      hooks.fork.add((parent, child) => this.#task(PERF_RECORD_FORK, child, parent, parent)),
      // Before the engine ends the task's events: they still hear of it.
      hooks.exit.add((task) => this.#task(PERF_RECORD_EXIT, task, task.parent, task), { first: true }),
      hooks.exec.add((task) => this.#comm(task)),
      hooks.contextSwitch.add((cpu, previous, next) => {
        if (this.#files.size === 0) return;
        // Nobody is woken in the middle of it, and a CPU's event wakes once.
        this.#machine.uninterrupted(cpu, () => {
          if (previous !== undefined) this.#switched(previous, PERF_RECORD_MISC_SWITCH_OUT);
          if (next !== undefined) this.#switched(next, 0);
        });
      }),
    );
  }

  stop(): void {
    this.#hooks[Symbol.dispose]();
  }

  #task(type: typeof PERF_RECORD_FORK | typeof PERF_RECORD_EXIT, task: Task, parent: Task | undefined, on: Task): void {
    const wants = ({ task: tasks, comm, mmap, mmap2, mmap_data }: PerfEventAttr): boolean =>
      Boolean(tasks || comm || mmap || mmap2 || mmap_data);
    const ids = { pid: task.tgid, tid: task.pid, ppid: parent?.tgid ?? 0, ptid: parent?.pid ?? 0 };
    this.#tell(on, wants, (time) => ({ type, misc: 0, ...ids, time }));
  }

  #comm(task: Task): void {
    this.#tell(
      task,
      ({ comm }) => comm === true,
      (_time, { comm_exec }) => ({
        type: PERF_RECORD_COMM,
        misc: comm_exec ? PERF_RECORD_MISC_COMM_EXEC : 0,
        pid: task.tgid,
        tid: task.pid,
        comm: task.comm,
      }),
    );
  }

  #switched(task: Task, misc: number): void {
    this.#tell(
      task,
      ({ context_switch }) => context_switch === true,
      () => ({ type: PERF_RECORD_SWITCH, misc }),
    );
  }

  /** The events of the task, and of the CPU on which it happens, that are enabled. */
  #tell(
    task: Task,
    wants: (attr: PerfEventAttr) => boolean,
    make: (time: bigint, attr: PerfEventAttr) => PerfRecord,
  ): void {
    const { cpu } = task;
    const { now } = this.#machine.cpu(cpu).clock;
    for (const file of this.#files.values()) {
      if (!wants(file.attr)) continue;
      for (const event of [file.event, ...file.event.children]) {
        if (event.state < EVENT_STATE.INACTIVE || !concerns(event, task)) continue;
        const sample_id = sampleIdOf(event, task, cpu, now);
        file.record({ ...make(sample_id.time ?? 0n, file.attr), sample_id } as PerfRecord, event, cpu, now, task);
      }
    }
  }
}

function concerns(event: PmuEvent, task: Task): boolean {
  if (event.task !== undefined && event.task !== task) return false;
  return event.cpu < 0 || event.cpu === task.cpu;
}
