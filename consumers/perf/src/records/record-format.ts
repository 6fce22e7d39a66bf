import type { PerfEventAttr } from '../attr/perf-event-attr.js';

/** What of an event's attr decides how its records look: the attr itself will do. */
export type RecordFormat = Pick<
  PerfEventAttr,
  'sample_type' | 'read_format' | 'sample_id_all' | 'branch_sample_type' | 'sample_regs_user' | 'sample_regs_intr'
>;
