import type { Quirk } from '@hwbp/core';

/** A refused modification leaves traces. */
export const REFUSED_MODIFY_LEAVES_TRACES: Quirk = Object.freeze({
  name: 'perf-refused-modify-leaves-traces',
  what: 'PERF_EVENT_IOC_MODIFY_ATTRIBUTES that is refused has stored sig_data all the same, and leaves an event whose attr.disabled is 0 enabled, even if it had been disabled by ioctl (and one whose attr.disabled is 1 disabled)',
  versions: 'Linux 5.13 to 6.18 (sig_data); 4.17 to 6.18 (enabling)',
  evidence: 'recordings H, rule H5',
  sane: 'a refused modification changes nothing',
});

export const PERF_QUIRKS: readonly Quirk[] = Object.freeze([REFUSED_MODIFY_LEAVES_TRACES]);
