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

/** Events of CPUs do not survive a suspend. */
export const SUSPEND_LOSES_CPU_EVENTS: Quirk = Object.freeze({
  name: 'events-suspend-loses-cpu-events',
  what: "a suspend takes the secondary CPUs down, which lose their events as on any hotplug; the last CPU's are silently dead: their breakpoints still say that they are enabled, and are in no register until they are enabled anew",
  versions: 'Linux 2.6.33 to 6.18',
  evidence:
    'spec 12: the rewrite on top of events took the debug registers out of what a suspend saves (power/cpu.c), and resume relies on context switches, which schedule the events of tasks; no recording of a suspend',
  sane: 'whatever was armed is armed after the resume, from the software copy',
});

/** Every quirk of the events engine. */
export const EVENT_QUIRKS: readonly Quirk[] = Object.freeze([
  USED_UP_STAYS_STOPPED,
  PERIOD_CHANGE_OVERFLOWS,
  SUSPEND_LOSES_CPU_EVENTS,
]);
