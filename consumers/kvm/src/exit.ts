import type { DebugExit } from '@hwbp/core';

/** The guest accesses a port that no device of its bus has. */
export interface IoExit {
  readonly reason: 'io';
  readonly direction: 'in' | 'out';
  readonly port: number;
  /** Bytes. */
  readonly size: number;
  /** What is written. */
  readonly value: bigint;
}

/** The guest accesses an address behind which it has no memory. */
export interface MmioExit {
  readonly reason: 'mmio';
  readonly direction: 'read' | 'write';
  /** Physical. */
  readonly address: bigint;
  /** Bytes. */
  readonly size: number;
  /** What is written. */
  readonly value: bigint;
}

/**
 * Why KVM_RUN came back. `hlt`: the guest waits for an interrupt. `shutdown`: it cannot go on. `irq window`: it can
 * take an interrupt now. `interrupted`: the task that runs it has a signal, or was to come back at once (EINTR).
 */
export type VcpuExit =
  | IoExit
  | MmioExit
  | DebugExit
  | { readonly reason: 'hlt' | 'shutdown' | 'internal error' | 'irq window' | 'interrupted' };
