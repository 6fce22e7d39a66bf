import { isRealTime, type SignalName } from '@hwbp/core';

/** GDB has signal numbers of its own (include/gdb/signals.def), the same on every system. */
export const GDB_SIGNALS = Object.freeze({
  SIGHUP: 1,
  SIGINT: 2,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGKILL: 9,
  SIGBUS: 10,
  SIGSEGV: 11,
  SIGTERM: 15,
  SIGSTOP: 17,
  SIGCONT: 19,
  SIGCHLD: 20,
  SIGIO: 23,
  SIGUSR1: 30,
  SIGUSR2: 31,
} satisfies Partial<Record<SignalName, number>>);

/** GDB_SIGNAL_REALTIME_34, which is SIGRTMIN. */
const FIRST_REAL_TIME = 46;

/** GDB's number of a signal. */
export function gdbSignal(signal: SignalName): number {
  if (!isRealTime(signal)) return GDB_SIGNALS[signal];
  return FIRST_REAL_TIME + Number(signal.slice('SIGRTMIN+'.length));
}
