import type { ExecutionContext } from '@hwbp/core';
import type { AccessType } from './access-type.js';

/** One access to a watched symbol. Plain data, frozen. */
export interface KsymRecord {
  /** Nanoseconds on the clock of the CPU. Clocks of different CPUs differ by up to a scheduling quantum. */
  readonly timestamp: number;
  /** CPU number. */
  readonly cpu: number;
  /** The task that made the access, and its name: at most 15 characters, as in Linux's `comm`. */
  readonly pid: number;
  readonly comm: string;
  /** Instruction pointer that the kernel sees: on x86 the instruction AFTER the access, as ftrace prints it. */
  readonly ip: bigint;
  /** Address of the instruction that made the access. */
  readonly pc: bigint;
  /** What the symbol is watched for: the hardware does not tell which of the two an `rw` watch saw. */
  readonly type: AccessType;
  /** First of the 4 watched bytes. */
  readonly address: bigint;
  /** The symbol of the address: see `symbolText`. */
  readonly symbol: string;
  /** What the CPU executed for: the task, or an interrupt in the middle of it. */
  readonly context: ExecutionContext;
  /** Interrupts were off. */
  readonly irqsOff: boolean;
}
