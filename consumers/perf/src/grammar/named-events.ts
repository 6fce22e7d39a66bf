import {
  PERF_COUNT_HW_INSTRUCTIONS,
  PERF_COUNT_SW_CONTEXT_SWITCHES,
  PERF_COUNT_SW_CPU_CLOCK,
  PERF_COUNT_SW_DUMMY,
  PERF_COUNT_SW_TASK_CLOCK,
  PERF_TYPE_HARDWARE,
  PERF_TYPE_SOFTWARE,
} from '../attr/types.js';

/** What an event that has a name is. */
interface NamedEvent {
  readonly type: number;
  readonly config: number;
}

const software = (config: number): NamedEvent => ({ type: PERF_TYPE_SOFTWARE, config });

/** The events that have a name here, of the hardware one: the PMU of retired instructions has no others. */
export const NAMED_EVENTS: ReadonlyMap<string, NamedEvent> = new Map([
  ['instructions', { type: PERF_TYPE_HARDWARE, config: PERF_COUNT_HW_INSTRUCTIONS }],
  ['context-switches', software(PERF_COUNT_SW_CONTEXT_SWITCHES)],
  ['cs', software(PERF_COUNT_SW_CONTEXT_SWITCHES)],
  ['cpu-clock', software(PERF_COUNT_SW_CPU_CLOCK)],
  ['task-clock', software(PERF_COUNT_SW_TASK_CLOCK)],
  ['dummy', software(PERF_COUNT_SW_DUMMY)],
]);
