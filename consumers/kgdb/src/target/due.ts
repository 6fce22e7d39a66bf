import type { Task } from '@hwbp/core';
import type { Stop, StopReason } from '../rsp/target-port.js';
import { gdbSignal } from './gdb-signals.js';

/** What has happened that a debugger is to be told: to a thread, or the end of a process beside which others go on. */
export type Due = { readonly thread: number; readonly reason: StopReason } | { readonly end: Stop };

/** How the last task of a process has ended. */
export function endOf({ exit }: Task, process: number): Stop {
  if (exit === undefined) return { kind: 'exited', code: 0, process };
  return 'code' in exit
    ? { kind: 'exited', code: exit.code & 0xff, process }
    : { kind: 'killed', signal: gdbSignal(exit.signal), process };
}
