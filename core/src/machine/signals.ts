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

/** The name of a signal. */
export type SignalName = keyof typeof SIGNALS;

/** si_code values of the signals that debugging raises (include/uapi/asm-generic/siginfo.h). */
export const SI_CODES = Object.freeze({
  SI_USER: 0,
  SI_KERNEL: 0x80,
  TRAP_BRKPT: 1,
  TRAP_TRACE: 2,
  TRAP_HWBKPT: 4,
  TRAP_PERF: 6,
  SEGV_MAPERR: 1,
  SEGV_ACCERR: 2,
});

/** A pending signal: siginfo's fields. */
export interface SignalInfo {
  readonly si_signo: SignalName;
  readonly si_code: number;
  /** Address that the signal is about; for SIGTRAP on x86 the instruction pointer, on powerpc the data address. */
  readonly si_addr?: bigint;
}

/** Signals whose default action is to do nothing. */
export const IGNORED_BY_DEFAULT: ReadonlySet<SignalName> = new Set<SignalName>(['SIGCHLD', 'SIGCONT']);
