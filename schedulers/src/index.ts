export { type EarliestDeadlineOptions, earliestDeadline } from './deadline/earliest-deadline.js';
export { SCHEDULER_ERRORS, type SchedulerErrorCode } from './errors.js';
export { type FairOptions, fair } from './fair/fair.js';
export { type FixedPriorityOptions, fixedPriority } from './fixed-priority.js';
export { type RandomScheduleOptions, randomSchedule } from './schedule/random-schedule.js';
export type { RecordedSchedule } from './schedule/recorded-schedule.js';
export { replaySchedule } from './schedule/replay-schedule.js';
export { SCHEDULE, type Schedule } from './schedule/schedule.js';
