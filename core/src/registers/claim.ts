import type { Delivery, SlotClass } from '../arch/index.js';
import type { Task } from '../kernel/index.js';

/** Who wants a register, for whom and for what: all that a slot policy decides by. */
export interface SlotClaim {
  /** Class of registers: replaced by the policy that admitted the claim, in `change`, and by nobody else. @settable */
  slotClass: SlotClass;
  /** Registers that it takes, normally 1. */
  readonly weight: number;
  /** The task that it follows; `undefined`: whatever runs on {@link cpu}. */
  readonly task: Task | undefined;
  /** The CPU that it is bound to; -1: any (only with a task). */
  readonly cpu: number;
  /**
   * True: in a register whenever it could be. False: it may take turns, where the policy and the scheduler know how.
   */
  readonly pinned: boolean;
  /** When hits are told: some policies keep the two kinds apart. */
  readonly delivery: Delivery;
  /** Who asks, such as `ptrace`: named in refusals. */
  readonly owner: string;
  /** What it watches, named in refusals; it changes when the breakpoint is modified. */
  readonly address: bigint;
  readonly length: number | bigint;
  /** Importance to policies that know it: higher wins. */
  readonly priority: number;
  /** False: refused where a policy would let it wait, when it is asked for. Left out: it may wait. */
  readonly waits?: boolean;
  /** The same object in the claims of one wide request, one for each CPU; `undefined`: it stands alone. */
  readonly wide?: object | undefined;
  /** Free for the policy that admitted the claim. @settable */
  account?: unknown;
}

/** What a refusal says of a claim that holds a register. */
export interface SlotHolder {
  readonly owner: string;
  /** `undefined`: whatever runs on the CPU. */
  readonly pid: number | undefined;
  readonly comm: string | undefined;
  /** -1: wherever the task runs. */
  readonly cpu: number;
  readonly address: bigint;
  readonly length: number | bigint;
  /** True if the task has exited: its claim lasts until it is closed. */
  readonly dead: boolean;
}

/** The public view of a claim. */
export function describeClaim(claim: SlotClaim): SlotHolder {
  const { owner, task, cpu, address, length } = claim;
  return { owner, pid: task?.pid, comm: task?.comm, cpu, address, length, dead: task !== undefined && !task.alive };
}

/** One line about a holder: owner, task or CPU, address. */
export function formatHolder(holder: SlotHolder): string {
  const where =
    holder.pid === undefined
      ? `CPU ${holder.cpu}`
      : `task ${holder.comm}-${holder.pid}${holder.cpu >= 0 ? ` on CPU ${holder.cpu}` : ''}${holder.dead ? ' (exited, not closed)' : ''}`;
  return `${holder.owner} for ${where} at 0x${holder.address.toString(16)}/${holder.length}`;
}
