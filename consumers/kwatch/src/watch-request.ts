import { ADDRESS, checkOptions, FLAG, FUNCTION, type Hit, type Kind, kind, oneOf } from '@hwbp/core';
import { ATTITUDES, type Attitude } from './attitude.js';
import type { Watch } from './watch.js';

/** What is to be watched, how important that is, and who is told. */
export interface WatchRequest {
  readonly address: bigint;
  /** Bytes. */
  readonly length: number;
  /** `HW_BREAKPOINT_W` and friends. */
  readonly type: number;
  /** Higher wins; whole. Default: that of {@link attitude}. */
  readonly priority?: number;
  /** A priority relative to that of debuggers in user space. Default `step-aside`: that of a well-behaved caller. */
  readonly attitude?: Attitude;
  /** False: refused with ENOSPC where it would have to wait for a register. Default true. */
  readonly waits?: boolean;
  /** Called in the exception of each hit. */
  readonly triggered: (watch: Watch, hit: Hit) => void;
  /** It has a register again. Not called for what the registration itself answers. */
  readonly installed?: (watch: Watch) => void;
  /** Its register was taken away: it waits, and hits nothing. Or its task has ended: it is not registered any more. */
  readonly uninstalled?: (watch: Watch) => void;
}

const KINDS: Readonly<Record<keyof WatchRequest, Kind>> = {
  address: ADDRESS,
  length: kind('a number of bytes', Number.isSafeInteger),
  type: kind('HW_BREAKPOINT_R, _W, _RW or _X', Number.isSafeInteger),
  priority: kind('a whole number', Number.isSafeInteger),
  attitude: oneOf(...(Object.keys(ATTITUDES) as Attitude[])),
  waits: FLAG,
  triggered: FUNCTION,
  installed: FUNCTION,
  uninstalled: FUNCTION,
};

/** Misuse of a request. Throws a TypeError. */
export function checkWatch(request: WatchRequest): void {
  checkOptions('a watch', request, KINDS);
  for (const name of ['address', 'length', 'type', 'triggered'] as const) {
    if (request[name] === undefined) throw new TypeError(`a watch needs ${name}: ${KINDS[name].what}`);
  }
  if (request.priority === undefined || request.attitude === undefined) return;
  throw new TypeError('a watch has a priority or an attitude, which is a name for one: leave one of them out');
}
