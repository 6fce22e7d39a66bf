import type { HistoryData } from './data.js';

/** A task on a CPU, from count to count. */
export interface TaskRun {
  readonly cpu: number;
  readonly task: string;
  readonly from: number;
  readonly to: number;
}

/** Which task was on which CPU: what the context switches say. Behind what was lost, from the first switch on. */
export function taskRuns({ cpus, events, from: start, to: end }: HistoryData): readonly TaskRun[] {
  const runs: TaskRun[] = [];
  const began = new Array<number>(cpus).fill(start);
  const current = new Array<string | undefined>(cpus).fill(undefined);
  const close = (cpu: number, task: string | undefined, to: number): void => {
    const from = began[cpu] ?? start;
    if (task !== undefined && to > from) runs.push({ cpu, task, from, to });
  };
  for (const event of events) {
    if (event.kind !== 'switch') continue;
    close(event.cpu, event.from ?? current[event.cpu], event.count);
    began[event.cpu] = event.count;
    current[event.cpu] = event.to;
  }
  for (let cpu = 0; cpu < cpus; cpu++) close(cpu, current[cpu], end);
  return runs;
}
