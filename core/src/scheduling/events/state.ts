/** States of an event, with Linux's numbers (include/linux/perf_event.h). */
export const EVENT_STATE = Object.freeze({
  /** Closed, for good. */
  DEAD: -4,
  /** Its task has exited, or exec removed it. It can still be read. */
  EXIT: -3,
  /** Pinned, and there was no room. Reading it gives nothing; enabling it tries again. */
  ERROR: -2,
  /** Disabled. */
  OFF: -1,
  /** Enabled, not counting now. */
  INACTIVE: 0,
  /** Counting. */
  ACTIVE: 1,
});

export type EventState = (typeof EVENT_STATE)[keyof typeof EVENT_STATE];

/** The name of a state, such as `ACTIVE`. */
export function stateName(state: EventState): string {
  for (const [name, value] of Object.entries(EVENT_STATE)) if (value === state) return name;
  return String(state);
}
