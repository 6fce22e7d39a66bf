import type { Task } from '@hwbp/core';
import { ATTR_FLAGS, PERF_TYPE_BREAKPOINT, type Perf, type PerfEventAttr, type PerfFile } from '@hwbp/perf';
import { countArgument, StepError, textArgument, wordArgument } from '../format/arguments.js';
import type { Step } from '../format/transcript.js';
import { attempt, type Results } from '../player/results.js';

/** What the ops on events need of the player. */
export interface PerfOpsHost {
  readonly perf: Perf;
  /** Who opens events: the recording program. */
  readonly recorder: Task;
  /** A task of the script by number. */
  task(index: number): Task | undefined;
}

const MOST_EVENTS = 100_000;
/** A pid that nothing has. */
const UNUSED_PID = 0x3f_ffff;

/** Ops on perf events, which are numbered in the order in which they were opened. */
export class PerfOps {
  readonly #host: PerfOpsHost;
  /** `undefined`: closed. */
  readonly #events: (PerfFile | undefined)[] = [];

  readonly ops: Readonly<Record<string, (step: Step) => Results>> = {
    perf_open: (step) => this.#open(step),
    close: (step) => this.#close(step),
    enable: (step) => attempt(() => void this.#file(step).enable()),
    disable: (step) => attempt(() => void this.#file(step).disable()),
    read: (step) => ({ count: count(this.#file(step)) }),
    modify: (step) => attempt(() => void this.#file(step).modify(attrOf(step), { as: this.#host.recorder })),
  };

  constructor(host: PerfOpsHost) {
    this.#host = host;
  }

  /** What every open event has counted. */
  counts(): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    for (const [h, file] of this.#events.entries()) if (file !== undefined) counts.set(h, count(file));
    return counts;
  }

  #open(step: Step): Results {
    const { perf, recorder } = this.#host;
    const cpu = step.cpu === -1 ? -1 : countArgument(step, 'cpu', MOST_EVENTS);
    const groupFd = step.group === undefined ? -1 : this.#named(step, 'group').fd;
    return attempt(() => {
      const file = perf.open(attrOf(step), { pid: this.#pid(step), cpu, groupFd, as: recorder });
      return { h: this.#events.push(file) - 1 };
    });
  }

  #close(step: Step): Results {
    this.#file(step).close();
    this.#events[countArgument(step, 'h', MOST_EVENTS)] = undefined;
    return { ret: 0 };
  }

  #file(step: Step): PerfFile {
    return this.#named(step, 'h');
  }

  #named(step: Step, argument: string): PerfFile {
    const h = countArgument(step, argument, MOST_EVENTS);
    const file = this.#events[h];
    if (file === undefined) throw new StepError(`op ${step.op}: no event ${h} is open`);
    return file;
  }

  #pid(step: Step): number {
    const who = textArgument(step, 'who');
    if (who === 'self') return 0;
    if (who === 'any') return -1;
    const index = /^t(\d{1,4})$/.exec(who)?.[1];
    const task = index === undefined ? undefined : this.#host.task(Number(index));
    if (task === undefined) throw new StepError(`op perf_open: there is no '${who}': tN, self or any`);
    return task.alive ? task.pid : UNUSED_PID;
  }
}

function count(file: PerfFile): number {
  const values = file.values();
  return values !== undefined && 'value' in values ? Number(values.value) : 0;
}

function attrOf(step: Step): PerfEventAttr {
  const flags = ATTR_FLAGS.filter((flag) => step[flag] !== undefined && step[flag] !== 0);
  return {
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
    type: PERF_TYPE_BREAKPOINT,
    bp_type: countArgument(step, 'bp_type', 0xffff_ffff),
    bp_addr: wordArgument(step, 'bp_addr'),
    bp_len: wordArgument(step, 'bp_len'),
    sample_period: step.sample_period === undefined ? 0n : wordArgument(step, 'sample_period'),
  };
}
