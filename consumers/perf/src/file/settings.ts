/** Facts of the environment that decide what perf_event_open allows: data of the composition. */
export interface PerfSettings {
  /**
   * kernel.perf_event_paranoid: without privilege, above 1 the kernel cannot be profiled, above 0 no CPU. Default 2.
   */
  readonly perf_event_paranoid: number;
  /**
   * A group whose leader's task has ended is refused as such, ENODEV, before anything else is looked at: kernels since 6.15. Earlier
   * ones find that the leader is of another task, EINVAL, after all other checks. Default true.
   */
  readonly refusesEndedLeader?: boolean;
}

export const DEFAULT_PERF_SETTINGS: PerfSettings = Object.freeze({ perf_event_paranoid: 2, refusesEndedLeader: true });

/** Provides other settings: `providers: [{ token: PERF_SETTINGS, value: { perf_event_paranoid: 1 } }]`. */
export const PERF_SETTINGS: unique symbol = Symbol('PerfSettings');
