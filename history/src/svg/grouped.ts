import type { HistoryData, HistoryEvent, Interval } from '../data.js';
import { type TaskRun, taskRuns } from '../task-runs.js';

/** What is drawn in each lane, found in one pass. */
export class Grouped {
  readonly #registers: number;
  readonly #runs = new Map<string, TaskRun[]>();
  readonly #stays = new Map<string, Interval[]>();
  readonly #hits = new Map<string, HistoryEvent[]>();
  readonly #happened = new Map<string, HistoryEvent[]>();

  /** Of `data` what lies between these counts. */
  constructor(data: HistoryData, from: number, to: number) {
    this.#registers = data.registers.length;
    for (const run of taskRuns(data)) if (run.from <= to && run.to >= from) add(this.#runs, `${run.cpu}`, run);
    for (const stay of data.intervals) {
      if (stay.from <= to && (stay.to ?? data.to) >= from) add(this.#stays, this.#place(stay.cpu, stay.register), stay);
    }
    for (const event of data.events) {
      if (event.count < from || event.count > to) continue;
      if (event.kind === 'hit') add(this.#hits, this.#place(event.cpu, event.register), event);
      else add(this.#happened, `${Math.max(event.cpu, 0)} ${event.kind}`, event);
    }
  }

  runs(cpu: number): readonly TaskRun[] {
    return this.#runs.get(`${cpu}`) ?? [];
  }

  stays(cpu: number, register: number): readonly Interval[] {
    return this.#stays.get(this.#place(cpu, register)) ?? [];
  }

  hits(cpu: number, register: number): readonly HistoryEvent[] {
    return this.#hits.get(this.#place(cpu, register)) ?? [];
  }

  /** What is about no CPU in particular is the first one's. */
  happened(cpu: number, kind: string): readonly HistoryEvent[] {
    return this.#happened.get(`${cpu} ${kind}`) ?? [];
  }

  #place(cpu: number, register: number): string {
    return `${cpu * this.#registers + register}`;
  }
}

function add<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [item]);
  else group.push(item);
}
