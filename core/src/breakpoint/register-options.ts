import type { Delivery, HwBreakpointAttr } from '../arch/index.js';
import { FLAG, FUNCTION, requireKind, shown, TEXT } from '../errors/index.js';
import type { Task } from '../kernel/index.js';
import {
  type BreakpointChange,
  type BreakpointRequest,
  checkRequest,
  type HitHandler,
  type PlacementNotices,
} from '../registers/index.js';

/** Who registers, and how it wants to be treated. */
export interface RegisterOptions extends PlacementNotices {
  /** Name in refusals and messages; default `kernel`. */
  readonly owner?: string;
  /** For policies that know priorities: higher wins. Default 0. */
  readonly priority?: number;
  /** False: ENOSPC where a policy that knows priorities would let it wait for a register. Default true. */
  readonly waits?: boolean;
  /** When the handler runs, where the silicon reports before the access. Default `after`. */
  readonly delivery?: Delivery;
  /**
   * False: kernel addresses are refused with EPERM (a caller without CAP_SYS_ADMIN). Default true: the kernel itself
   * asks.
   */
  readonly privileged?: boolean;
}

/** The part of a breakpoint that `modify` can change, as PERF_EVENT_IOC_MODIFY_ATTRIBUTES has it. */
export type Modification = BreakpointChange;

function isOption(name: string, forTask: boolean): boolean {
  switch (name) {
    case 'owner':
    case 'priority':
    case 'waits':
    case 'delivery':
    case 'privileged':
    case 'uninstalled':
    case 'installed':
      return true;
    case 'cpu':
      return forTask;
    default:
      return false;
  }
}

function optionalFlag(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') requireKind(name, value, FLAG);
}

function optionalFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') requireKind(name, value, FUNCTION);
}

/** Misuse of the options of a registration. Throws a TypeError. `forTask`: it may name a CPU. */
function checkOptions(options: RegisterOptions, forTask: boolean): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`the options of a registration are an object, got ${shown(options)}`);
  }
  for (const name in options) {
    if (isOption(name, forTask)) continue;
    const cpu = forTask ? ' cpu,' : '';
    const hint =
      name === 'cpu' ? ': only registerUser takes it there; registerCpu takes the CPU before its options' : '';
    throw new TypeError(
      `a registration has no option '${name}'${hint}; it has owner, priority, waits, delivery, privileged,${cpu} uninstalled, installed`,
    );
  }
  const { owner, priority, delivery } = options;
  if (owner !== undefined && typeof owner !== 'string') requireKind('owner', owner, TEXT);
  optionalFlag('privileged', options.privileged);
  optionalFlag('waits', options.waits);
  optionalFunction('uninstalled', options.uninstalled);
  optionalFunction('installed', options.installed);
  if (priority !== undefined && !Number.isFinite(priority)) {
    throw new TypeError(`priority is a number, got ${String(priority)}`);
  }
  if (delivery !== undefined && delivery !== 'after' && delivery !== 'silicon') {
    throw new TypeError(`delivery is 'after' or 'silicon', got ${String(delivery)}`);
  }
}

/** Misuse of a modification, but for the values of what changes. Throws a TypeError. */
export function checkModification(changes: Modification, options: Pick<RegisterOptions, 'privileged'>): void {
  for (const [name, value] of Object.entries({ changes, options })) {
    if (typeof value === 'object' && value !== null) continue;
    throw new TypeError(`${name} of a modification are an object, got ${shown(value)}`);
  }
  optionalFlag('privileged', options.privileged);
}

/** What a registration asks for, with the defaults of its options. `wide`: what it is a part of. */
export function requestOf(
  attr: HwBreakpointAttr,
  handler: HitHandler,
  task: Task | undefined,
  cpu: number,
  options: RegisterOptions,
  wide?: object,
): BreakpointRequest {
  checkOptions(options, task !== undefined);
  checkRequest({ attr, handler });
  return {
    attr,
    handler,
    task,
    cpu,
    owner: options.owner ?? 'kernel',
    priority: options.priority ?? 0,
    waits: options.waits ?? true,
    wide,
    delivery: options.delivery ?? 'after',
    privileged: options.privileged ?? true,
    notices: options,
  };
}
