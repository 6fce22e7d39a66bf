import type { Delivery, HwBreakpointAttr } from '../arch/index.js';
import type { Task } from '../kernel/index.js';
import type { BreakpointChange, BreakpointRequest, HitHandler, PlacementNotices } from '../registers/index.js';
import { checkOptions } from './check-arguments.js';

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
export type Modification = BreakpointChange;

/** What a registration asks for, with the defaults of its options. */
export function requestOf(
  attr: HwBreakpointAttr,
  handler: HitHandler,
  task: Task | undefined,
  cpu: number,
  options: RegisterOptions,
): BreakpointRequest {
  checkOptions(options);
  return {
    attr,
    handler,
    task,
    cpu,
    owner: options.owner ?? 'kernel',
    priority: options.priority ?? 0,
    delivery: options.delivery ?? 'after',
    privileged: options.privileged ?? true,
    notices: options,
  };
}
