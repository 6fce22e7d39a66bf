import type { Provider } from '@hwbp/core';
import { DEFAULT_PERF_SETTINGS, PERF_SETTINGS, type PerfSettings } from '@hwbp/perf';

/** What a composition is given for perf: settings that differ from the defaults. */
export function perfSettings(changes: Partial<PerfSettings>): readonly Provider[] {
  return [{ token: PERF_SETTINGS, value: { ...DEFAULT_PERF_SETTINGS, ...changes } }];
}
