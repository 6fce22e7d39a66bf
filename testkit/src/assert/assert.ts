import { type Errno, KernelError } from '@hwbp/core';
import { ContractFailure } from './contract-failure.js';
import { difference } from './difference.js';
import { format } from './format.js';
import { same } from './same.js';

/** Fails with a message. */
export function fail(message: string): never {
  throw new ContractFailure(message);
}

/** `what`: the promise, in words, as the failure tells it. */
export function ok(condition: boolean, what: string): asserts condition {
  if (!condition) fail(what);
}

/** Plain data is compared by content, everything else by identity. */
export function equal<T>(actual: T, expected: T, what: string): void {
  if (!same(actual, expected)) fail(`${what}: ${difference(actual, expected)}`);
}

/** A value that must be there. */
export function present<T>(value: T | undefined, what: string): T {
  return value ?? fail(`${what} is missing`);
}

/** The error that `action` throws. */
export function thrown(action: () => unknown, what: string): unknown {
  let result: unknown;
  try {
    result = action();
  } catch (error) {
    return error;
  }
  return fail(`${what}: expected it to be refused, got ${format(result, 1)}`);
}

/** The `KernelError` that `action` throws, whose errno must be one of those given. */
export function throwsErrno(action: () => unknown, errno: Errno | readonly Errno[], what: string): KernelError {
  const error = thrown(action, what);
  const allowed: readonly Errno[] = typeof errno === 'string' ? [errno] : errno;
  if (!(error instanceof KernelError))
    fail(`${what}: expected a KernelError (${allowed.join(' or ')}), got ${format(error)}`);
  if (!allowed.includes(error.errno)) fail(`${what}: expected ${allowed.join(' or ')}, got ${error.message}`);
  return error;
}
