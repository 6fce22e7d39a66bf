import type { Quirk } from '../../quirks/index.js';

/** A limit of overflows that is used up stops an event for good. */
export const USED_UP_STAYS_STOPPED: Quirk = Object.freeze({
  name: 'events-used-up-stays-stopped',
  what: 'an event whose number of overflows (refresh) is used up stays stopped: neither refresh nor enable, modify or exec brings it back, only a new period while it is on a CPU',
  versions: 'Linux 6.18; presumably since software PMUs are stopped on overflow',
  evidence: 'recordings H, rule H2',
  sane: 'the event counts again when it is enabled or refreshed',
});

/** A new period of an event that counts lets the next occurrence overflow. */
export const PERIOD_CHANGE_OVERFLOWS: Quirk = Object.freeze({
  name: 'events-period-change-overflows',
  what: 'after a new period for an event that is on a CPU the next occurrence overflows at once, and the interval behind it still has the old length',
  versions: 'Linux 2.6.32 to 6.18',
  evidence: 'recordings H, rule H3',
  sane: 'the new period begins with the change',
});

/** Every quirk of the events engine. */
export const EVENT_QUIRKS: readonly Quirk[] = Object.freeze([USED_UP_STAYS_STOPPED, PERIOD_CHANGE_OVERFLOWS]);
