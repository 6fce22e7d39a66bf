import { shown } from '../errors/index.js';

/** Signal numbers of x86 and powerpc Linux that the machine and its consumers use. */
export const SIGNALS = Object.freeze({
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGSYS: 31,
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

/** si_code values of the signals that debugging raises, and of SIGCHLD (include/uapi/asm-generic/siginfo.h). */
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
  CLD_EXITED: 1,
  CLD_KILLED: 2,
  CLD_STOPPED: 5,
  CLD_CONTINUED: 6,
  POLL_IN: 1,
  POLL_HUP: 6,
});

/** `si_perf_flags`: the task had blocked SIGTRAP, so that it gets it later than the access. */
export const TRAP_PERF_FLAG_ASYNC = 1;

/** A pending signal: siginfo's fields. */
export interface SignalInfo {
  readonly si_signo: SignalName;
  readonly si_code: number;
  /** Of a debugger's breakpoint in a 32-bit task of arm64: which one, 2n + 1, negative for a watchpoint. */
  readonly si_errno?: number;
  /** Address that the signal is about; for SIGTRAP on x86 the instruction pointer, on powerpc the data address. */
  readonly si_addr?: bigint;
  /** Of SIGCHLD: the child, and its exit code or the number of the signal that ended, stopped or continued it. */
  readonly si_pid?: number;
  readonly si_status?: number;
  /** The descriptor that a POLL_IN or POLL_HUP is about. */
  readonly si_fd?: number;
  /** Of TRAP_PERF: the event's `sig_data`, its type, and {@link TRAP_PERF_FLAG_ASYNC} or 0. */
  readonly si_perf_data?: bigint;
  readonly si_perf_type?: number;
  readonly si_perf_flags?: number;
}

/** Signals whose default action is to do nothing. */
const IGNORED_BY_DEFAULT: ReadonlySet<SignalName> = new Set<SignalName>(['SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH']);
/** Signals whose default action is to stop the process. */
const STOPS: ReadonlySet<SignalName> = new Set<SignalName>(['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU']);
/** Signals that instructions raise: they come before others (Linux: SYNCHRONOUS_MASK). */
const SYNCHRONOUS: ReadonlySet<SignalName> = new Set<SignalName>([
  'SIGSEGV',
  'SIGBUS',
  'SIGILL',
  'SIGTRAP',
  'SIGFPE',
  'SIGSYS',
]);

/** What a signal does without a handler. */
export function defaultAction(signal: SignalName): 'ignore' | 'stop' | 'terminate' {
  if (IGNORED_BY_DEFAULT.has(signal)) return 'ignore';
  return STOPS.has(signal) ? 'stop' : 'terminate';
}

/** Its number. */
export function numberOf(signal: SignalName): number {
  return isRealTime(signal) ? SIGRTMIN + Number(signal.slice('SIGRTMIN+'.length)) : SIGNALS[signal];
}

/** True for those that can be neither blocked, nor ignored, nor handled. */
export function isAbsolute(signal: SignalName): boolean {
  return signal === 'SIGKILL' || signal === 'SIGSTOP';
}

/** What decides which pending signal is delivered first: an exception's, then the lowest number. */
export function rankOf({ si_signo, si_code }: SignalInfo): number {
  return si_code > SI_CODES.SI_USER && SYNCHRONOUS.has(si_signo) ? 0 : numberOf(si_signo);
}

/** True for the name of a signal. */
export function isSignal(name: unknown): name is SignalName {
  return typeof name === 'string' && (Object.hasOwn(SIGNALS, name) || isRealTime(name as SignalName));
}

/** Throws a TypeError for anything but what a signal is sent with. */
export function checkSignal(info: SignalInfo): SignalInfo {
  const { si_signo, si_code } = (info ?? {}) as Partial<SignalInfo>;
  if (!isSignal(si_signo)) {
    throw new TypeError(`si_signo is the name of a signal, such as 'SIGUSR1' or 'SIGRTMIN+1', got ${shown(si_signo)}`);
  }
  if (!Number.isInteger(si_code)) {
    throw new TypeError(`si_code is a whole number, such as SI_CODES.SI_USER, got ${shown(si_code)}`);
  }
  return info;
}
