import type { Task } from '@hwbp/core';
import type { Stop } from '../rsp/target-port.js';
import { gdbSignal } from './gdb-signals.js';

/** How the last task of a process has ended. */
export function endOf({ exit }: Task, process: number): Stop {
  if (exit === undefined) return { kind: 'exited', code: 0, process };
  return 'code' in exit
    ? { kind: 'exited', code: exit.code & 0xff, process }
    : { kind: 'killed', signal: gdbSignal(exit.signal), process };
}
