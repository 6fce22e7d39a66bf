export { briefly } from './briefly.js';
export { type Colouring, colouringOf } from './colouring.js';
export type {
  GuestHistory,
  HistoryChanges,
  HistoryCursor,
  HistoryData,
  HistoryEvent,
  HistoryHappening,
  HistoryMoment,
  HitHappening,
  Interval,
  IntervalEnd,
} from './data.js';
export { EVENT_MARKS, type EventMark } from './event-marks.js';
export { happened } from './happened.js';
export { History, type HistoryOptions, history } from './history.js';
export { type MachineHistory, machinesOf, nameIn } from './machines.js';
export { ownerColour, ownerInk, VEIL } from './palette.js';
export { SET_ASIDE, SetAside, type SetAsideSpan, setAsideOf } from './set-aside.js';
export { type TimelineOptions, timelineSvg } from './svg/timeline-svg.js';
export { type TaskRun, taskRuns } from './task-runs.js';
export {
  type InstantEvent,
  type MetadataEvent,
  type SliceEvent,
  type TraceEvent,
  type TraceEventFile,
  traceEvents,
} from './trace-events.js';
