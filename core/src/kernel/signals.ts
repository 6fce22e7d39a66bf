import { shown } from '../errors/index.js';

/** Signal numbers of x86 and powerpc Linux that the machine and its consumers use. */
export const SIGNALS = Object.freeze({
  SIGHUP: 1,
  SIGINT: 2,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGBUS: 7,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGIO: 29,
});

/** The first of the 31 real-time signals (as user space counts them, behind those of its threads library). */
export const SIGRTMIN = 34;

/** A real-time signal: it queues, where the others are pending once. */
export type RealTimeSignal = `SIGRTMIN+${number}`;

/** The name of a signal. */
export type SignalName = keyof typeof SIGNALS | RealTimeSignal;

/** True for `SIGRTMIN+0` and up. */
export function isRealTime(signal: SignalName): signal is RealTimeSignal {
  return signal.startsWith('SIGRTMIN');
}

/** si_code values of the signals that debugging raises (include/uapi/asm-generic/siginfo.h). */
export const SI_CODES = Object.freeze({
  SI_USER: 0,
  SI_KERNEL: 0x80,
  ILL_ILLOPC: 1,
  ILL_ILLOPN: 2,
  ILL_PRVOPC: 5,
  TRAP_BRKPT: 1,
  TRAP_TRACE: 2,
  TRAP_HWBKPT: 4,
  TRAP_PERF: 6,
  SEGV_MAPERR: 1,
  SEGV_ACCERR: 2,
  POLL_IN: 1,
  POLL_HUP: 6,
});

/** A pending signal: siginfo's fields. */
export interface SignalInfo {
  readonly si_signo: SignalName;
  readonly si_code: number;
  /** Address that the signal is about; for SIGTRAP on x86 the instruction pointer, on powerpc the data address. */
  readonly si_addr?: bigint;
  /** The descriptor that a POLL_IN or POLL_HUP is about. */
  readonly si_fd?: number;
  /** Of TRAP_PERF: the event's `sig_data`, its type, and 1 if it comes later than the access. */
  readonly si_perf_data?: bigint;
  readonly si_perf_type?: number;
  readonly si_perf_flags?: number;
}

/** Signals whose default action is to do nothing. */
export const IGNORED_BY_DEFAULT: ReadonlySet<SignalName> = new Set<SignalName>(['SIGCHLD', 'SIGCONT']);

/** Throws a TypeError for anything but what a signal is sent with. */
export function checkSignal(info: SignalInfo): SignalInfo {
  const { si_signo, si_code } = (info ?? {}) as Partial<SignalInfo>;
  if (typeof si_signo !== 'string' || !(Object.hasOwn(SIGNALS, si_signo) || isRealTime(si_signo))) {
    throw new TypeError(`si_signo is the name of a signal, such as 'SIGUSR1' or 'SIGRTMIN+1', got ${shown(si_signo)}`);
  }
  if (!Number.isInteger(si_code)) {
    throw new TypeError(`si_code is a whole number, such as SI_CODES.SI_USER, got ${shown(si_code)}`);
  }
  return info;
}
