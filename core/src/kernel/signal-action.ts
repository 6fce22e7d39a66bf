import { begin, type Program } from '../programs/index.js';
import { defaultAction, isAbsolute, type SignalInfo, type SignalName } from './signals.js';

/** What a handler of a signal runs: a program for each delivery, in user mode. */
export type SignalHandler = (info: SignalInfo) => Program;

/** `sa_flags`: no SIGCHLD when a child stops or goes on. */
export const SA_NOCLDSTOP = 1;
/** `sa_flags`: children that end are nobody's to wait for. */
export const SA_NOCLDWAIT = 2;
/** `sa_flags`: a system call that the signal ends is made again behind the handler, where it can be. */
export const SA_RESTART = 0x1000_0000;
/** `sa_flags`: the signal is not blocked while its handler runs. */
export const SA_NODEFER = 0x4000_0000;
/** `sa_flags`: the handler is for one delivery. */
export const SA_RESETHAND = 0x8000_0000;

/** What a task does with a signal: the fields of `struct sigaction`. */
export interface SignalAction {
  readonly sa_handler: SignalHandler | 'ignore';
  /** Signals that are blocked, beside this one, while the handler runs. Default: none. */
  readonly sa_mask?: Iterable<SignalName>;
  /** Bit set of `SA_*`. Default 0. */
  readonly sa_flags?: number;
}

/** What a process does with signals, by name; what is not listed does what it does by default. */
export type SignalActions = Map<SignalName, SignalHandler | 'ignore' | SignalAction>;

const NO_SIGNALS: readonly SignalName[] = [];

/** What execve leaves: what is ignored stays ignored, and what is caught has no handler any more (execve(2)). */
export function resetHandlers(actions: SignalActions): void {
  for (const [signal, action] of actions) {
    const ignored = action === 'ignore' || (typeof action === 'object' && action.sa_handler === 'ignore');
    if (ignored) actions.set(signal, 'ignore');
    else actions.delete(signal);
  }
}

/** Flags of what is done with a signal. */
export function flagsOf(actions: SignalActions, signal: SignalName): number {
  const action = actions.get(signal);
  return typeof action === 'object' ? (action.sa_flags ?? 0) : 0;
}

/** What is done with a signal: a handler, or what there is without one. */
export function actionOf(
  actions: SignalActions,
  signal: SignalName,
): Required<Omit<SignalAction, 'sa_handler'>> & {
  readonly sa_handler: SignalHandler | ReturnType<typeof defaultAction>;
} {
  const action = isAbsolute(signal) ? undefined : actions.get(signal);
  if (action === undefined) return { sa_handler: defaultAction(signal), sa_mask: NO_SIGNALS, sa_flags: 0 };
  if (typeof action !== 'object') return { sa_handler: action, sa_mask: NO_SIGNALS, sa_flags: 0 };
  const { sa_handler, sa_mask = NO_SIGNALS, sa_flags = 0 } = action;
  return { sa_handler, sa_mask, sa_flags };
}

/** The program of a handler. Throws a TypeError for what makes none. */
export function enter(handler: SignalHandler, info: SignalInfo): Program {
  return begin(() => handler(info), `a handler of ${info.si_signo}`);
}
