import { type SystemCall, type SystemCallHandler, SystemCallRestart } from '@hwbp/core';
import { callError } from '../errors.js';
import { long, partsOf } from '../parts.js';
import type { Blocking, Steps } from '../user-memory.js';

const SECOND = 1_000_000_000;

/** Nanoseconds of the clock of the CPU that a caller is on. */
export function timeOf({ machine, task }: SystemCall): number {
  return machine.cpu(task.cpu).clock.now;
}

/**
 * Nanoseconds of a `struct timespec`, two words. Throws EINVAL for a time that there is not. Beyond what a number holds
 * it is for ever.
 */
export function* loadTimespec(call: SystemCall, address: bigint): Steps<number> {
  const { memory } = partsOf(call);
  const { wordSize } = memory;
  const seconds = long(call, yield* memory.loadInteger(call.task, address, wordSize));
  const rest = long(call, yield* memory.loadInteger(call.task, address + BigInt(wordSize), wordSize));
  if (seconds < 0n || rest < 0n || rest >= BigInt(SECOND)) {
    throw callError('CALL_BAD_ARGUMENT', `a time is seconds from 0 and 0 to ${SECOND - 1} ns, got ${seconds}, ${rest}`);
  }
  return Math.min(Number(seconds) * SECOND + Number(rest), Number.MAX_SAFE_INTEGER);
}

function* storeTimespec(call: SystemCall, address: bigint, ns: number): Steps<void> {
  const { memory } = partsOf(call);
  const { wordSize } = memory;
  yield* memory.storeInteger(call.task, address, wordSize, BigInt(Math.floor(ns / SECOND)));
  yield* memory.storeInteger(call.task, address + BigInt(wordSize), wordSize, BigInt(Math.floor(ns % SECOND)));
}

function* sleep(call: SystemCall, ns: number, left: bigint): Blocking<number> {
  const began = timeOf(call);
  const [ended] = yield call.machine.timers.sleep(ns);
  if (ended !== 1n) return 0;
  const rest = Math.max(0, ns - (timeOf(call) - began));
  if (left !== 0n) yield* storeTimespec(call, left, rest);
  throw new SystemCallRestart('ERESTART_RESTARTBLOCK', () => sleep(call, rest, left));
}

/**
 * nanosleep(2). A signal without a handler has it sleep on for what is left; with one it is EINTR, and what is left is
 * stored.
 */
export const nanosleep: SystemCallHandler = function* nanosleep(call) {
  const [request = 0n, left = 0n] = call.args;
  return yield* sleep(call, yield* loadTimespec(call, request), left);
};
