import type { Delivery, HwBreakpointAttr } from '../arch/index.js';
import type { PlacementNotices } from '../pmu/index.js';

/** Who registers, and how it wants to be treated. */
export interface RegisterOptions extends PlacementNotices {
  /** Name in refusals and messages; default `kernel`. */
  readonly owner?: string;
  /** For policies that know priorities: higher wins. Default 0. */
  readonly priority?: number;
  /** When the handler runs, where the silicon reports before the access. Default `after`. */
  readonly delivery?: Delivery;
  /** False: kernel addresses are refused with EPERM (a caller without CAP_SYS_ADMIN). Default true: the kernel itself asks. */
  readonly privileged?: boolean;
}

/** The part of a breakpoint that `modify` can change, as PERF_EVENT_IOC_MODIFY_ATTRIBUTES has it. */
export type Modification = Partial<Pick<HwBreakpointAttr, 'bp_type' | 'bp_addr' | 'bp_len' | 'disabled'>>;
