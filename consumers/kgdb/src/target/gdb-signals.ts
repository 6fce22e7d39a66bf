import { isRealTime, type SignalName } from '@hwbp/core';

/** GDB has signal numbers of its own (include/gdb/signals.def), the same on every system. */
export const GDB_SIGNALS = Object.freeze({
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGBUS: 10,
  SIGSEGV: 11,
  SIGSYS: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGURG: 16,
  SIGSTOP: 17,
  SIGTSTP: 18,
  SIGCONT: 19,
  SIGCHLD: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGIO: 23,
  SIGWINCH: 28,
  SIGUSR1: 30,
  SIGUSR2: 31,
} satisfies Partial<Record<SignalName, number>>);

/** GDB_SIGNAL_REALTIME_34, which is SIGRTMIN; they go on to GDB_SIGNAL_REALTIME_63. */
const FIRST_REAL_TIME = 46;
const LAST_REAL_TIME = 75;
/** GDB_SIGNAL_REALTIME_64: it came later. */
const REAL_TIME_64 = 78;

/** GDB's number of a signal. */
export function gdbSignal(signal: SignalName): number {
  if (!isRealTime(signal)) return GDB_SIGNALS[signal];
  const number = FIRST_REAL_TIME + Number(signal.slice('SIGRTMIN+'.length));
  return number > LAST_REAL_TIME ? REAL_TIME_64 : number;
}

/** The signal of GDB's number; `undefined` if there is none here. */
export function signalOfGdb(number: number): SignalName | undefined {
  if (number === REAL_TIME_64) return `SIGRTMIN+${LAST_REAL_TIME + 1 - FIRST_REAL_TIME}`;
  if (number >= FIRST_REAL_TIME && number <= LAST_REAL_TIME) return `SIGRTMIN+${number - FIRST_REAL_TIME}`;
  const found = Object.entries(GDB_SIGNALS).find(([, known]) => known === number);
  return found?.[0] as SignalName | undefined;
}
