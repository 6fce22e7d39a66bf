/**
 * What a call that a signal has ended does next, under the names of Linux (include/linux/errno.h), and what a program
 * never sees of it. `ERESTARTSYS`: it is made again, unless the signal has a handler without SA_RESTART.
 * `ERESTARTNOHAND` and `ERESTART_RESTARTBLOCK`: it is made again, or goes on in a way of its own, if the signal has no
 * handler. `ERESTARTNOINTR`: it is made again in any case. Otherwise it returns EINTR.
 */
export type RestartName = keyof typeof RESTARTS;

const RESTARTS = Object.freeze({
  ERESTARTSYS: 512,
  ERESTARTNOINTR: 513,
  ERESTARTNOHAND: 514,
  ERESTART_RESTARTBLOCK: 516,
});

/** A handler of a system call returns one, or throws it, when a signal has ended what it waited for. */
export class SystemCallRestart<Result = unknown> {
  readonly name: RestartName;
  /** What a debugger sees as the result until it is decided. */
  readonly errnum: number;
  /** How it goes on where it is made again; `undefined`: from its beginning. */
  readonly again: (() => Result) | undefined;

  /** `again`: of `ERESTART_RESTARTBLOCK` alone, and then there must be one. */
  constructor(name: RestartName, again?: () => Result) {
    if (!Object.hasOwn(RESTARTS, name)) throw new TypeError(`no restart has the name ${String(name)}`);
    if ((name === 'ERESTART_RESTARTBLOCK') !== (typeof again === 'function')) {
      throw new TypeError('ERESTART_RESTARTBLOCK, and nothing else, has a function by which the call goes on');
    }
    this.name = name;
    this.errnum = RESTARTS[name];
    this.again = again;
  }

  /** True if the call is made again behind a handler that was installed so. */
  survives(restarting: boolean): boolean {
    return this.name === 'ERESTARTNOINTR' || (this.name === 'ERESTARTSYS' && restarting);
  }
}
