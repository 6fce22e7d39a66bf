import { type SystemCall, type SystemCallHandler, SystemCallRestart } from '@hwbp/core';
import { callError } from '../errors.js';
import { int, partsOf } from '../parts.js';
import { type Blocking, physicalAddress } from '../user-memory.js';
import { loadTimespec, timeOf } from './time.js';

const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
/** Of one process alone: whoever has the word in his memory finds it either way. */
const FUTEX_PRIVATE_FLAG = 128;
/** Bytes of a futex. */
const SIZE = 4;

/** Waits until somebody wakes it, unless the word has another value than the caller has seen. */
function* wait(
  call: SystemCall,
  address: bigint,
  key: string,
  expected: bigint,
  ns: number | undefined,
): Blocking<number> {
  const { futexes, memory } = partsOf(call);
  const { task } = call;
  const began = timeOf(call);
  // A place in the queue first: who changes the word behind the load finds somebody to wake.
  const waiter = futexes.enter(task, key, ns);
  try {
    let changed = (yield* memory.loadInteger(task, address, SIZE, 'futex_get_value')) !== expected;
    const unchanged = (): boolean => {
      changed ||= task.memory.readInteger(address, SIZE) !== expected;
      return !changed;
    };
    const [ended] = changed ? [0n] : yield waiter.wait(unchanged);
    if (changed) throw callError('CALL_FUTEX_CHANGED', `the futex at 0x${address.toString(16)} is not ${expected}`);
    if (waiter.woken) return 0;
    if (ended !== 1n) throw callError('CALL_TIMED_OUT', 'nobody has woken it in time');
  } finally {
    futexes.leave(task);
  }
  if (ns === undefined) throw new SystemCallRestart('ERESTARTSYS');
  const left = Math.max(0, ns - (timeOf(call) - began));
  throw new SystemCallRestart('ERESTART_RESTARTBLOCK', () => wait(call, address, key, expected, left));
}

/**
 * futex(2): FUTEX_WAIT, with a time from now or without, and FUTEX_WAKE; private or not. A signal has a wait without a
 * time made again, and one with a time go on to that time unless the signal has a handler (EINTR).
 */
export const futex: SystemCallHandler = function* futex(call) {
  const [address = 0n, operation, value = 0n, timeout = 0n] = call.args;
  const command = int(operation) & ~FUTEX_PRIVATE_FLAG;
  if (command !== FUTEX_WAIT && command !== FUTEX_WAKE) {
    throw callError('CALL_BAD_ARGUMENT', `a futex has FUTEX_WAIT and FUTEX_WAKE here, got operation ${int(operation)}`);
  }
  if (address % BigInt(SIZE) !== 0n) {
    throw callError('CALL_BAD_ARGUMENT', `a futex is at a multiple of ${SIZE}, got 0x${address.toString(16)}`);
  }
  const { futexes, memory } = partsOf(call);
  memory.check(call.task, address, SIZE, true);
  const key = physicalAddress(call.task.memory, address);
  if (command === FUTEX_WAKE) return futexes.wake(key, int(value));
  const ns = timeout === 0n ? undefined : yield* loadTimespec(call, timeout);
  return yield* wait(call, address, key, BigInt.asUintN(32, value), ns);
};
