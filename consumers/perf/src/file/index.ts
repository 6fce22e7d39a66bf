export {
  PERF_FLAG_FD_CLOEXEC,
  PERF_FLAG_FD_NO_GROUP,
  PERF_FLAG_FD_OUTPUT,
  PERF_FLAG_PID_CGROUP,
} from './check-open.js';
export { type AsyncOwner, PerfFile } from './perf-file.js';
export { PERF_QUIRKS, REFUSED_MODIFY_LEAVES_TRACES } from './quirks.js';
export { DEFAULT_PERF_SETTINGS, PERF_SETTINGS, type PerfSettings } from './settings.js';
