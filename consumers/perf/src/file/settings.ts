import { checkOptions, FLAG, type Kind, kind, Token } from '@hwbp/core';

/** Facts of the environment that decide what perf_event_open allows: data of the composition. */
export interface PerfSettings {
  /**
   * kernel.perf_event_paranoid: without privilege, above 2 nothing can be profiled (which distributions' kernels have,
   * such as Debian's), above 1 not the kernel, above 0 no CPU. Default 2.
   */
  readonly perf_event_paranoid: number;
  /**
   * A group whose leader's task has ended is refused as such, ENODEV, before anything else is looked at: kernels since
   * 6.15. Earlier ones find that the leader is of another task, EINVAL, after all other checks. Default true.
   */
  readonly refusesEndedLeader?: boolean;
}

export const DEFAULT_PERF_SETTINGS: Required<PerfSettings> = Object.freeze({
  perf_event_paranoid: 2,
  refusesEndedLeader: true,
});

const SETTINGS: Readonly<Record<keyof PerfSettings, Kind>> = {
  perf_event_paranoid: kind('a whole number', Number.isInteger),
  refusesEndedLeader: FLAG,
};

/** The settings with their defaults. Throws a TypeError for one that there is not, and for one of a wrong type. */
export function resolvePerfSettings(settings: Partial<PerfSettings>): PerfSettings {
  checkOptions('perf', settings, SETTINGS);
  const {
    perf_event_paranoid = DEFAULT_PERF_SETTINGS.perf_event_paranoid,
    refusesEndedLeader = DEFAULT_PERF_SETTINGS.refusesEndedLeader,
  } = settings;
  return Object.freeze({ perf_event_paranoid, refusesEndedLeader });
}

/** The settings of a composition: `perf({ perf_event_paranoid: 1 })` provides them. */
export const PERF_SETTINGS = new Token<PerfSettings>('PerfSettings', 'compose the kernel with perf({ ... })');
