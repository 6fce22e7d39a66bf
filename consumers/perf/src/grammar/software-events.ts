import {
  PERF_COUNT_SW_CONTEXT_SWITCHES,
  PERF_COUNT_SW_CPU_CLOCK,
  PERF_COUNT_SW_DUMMY,
  PERF_COUNT_SW_TASK_CLOCK,
} from '../attr/types.js';

/** `config` of each software event that has a name here. */
export const SOFTWARE_EVENTS: ReadonlyMap<string, number> = new Map([
  ['context-switches', PERF_COUNT_SW_CONTEXT_SWITCHES],
  ['cs', PERF_COUNT_SW_CONTEXT_SWITCHES],
  ['cpu-clock', PERF_COUNT_SW_CPU_CLOCK],
  ['task-clock', PERF_COUNT_SW_TASK_CLOCK],
  ['dummy', PERF_COUNT_SW_DUMMY],
]);
