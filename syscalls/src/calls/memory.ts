import type { SystemCallHandler } from '@hwbp/core';
import { callError } from '../errors.js';
import { int, partsOf } from '../parts.js';

const PROT_READ = 1;
const PROT_WRITE = 2;
const PROT_EXEC = 4;
const MAP_PRIVATE = 0x02;
const MAP_TYPE = 0x0f;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;

/**
 * mmap(2), as far as memory goes: private and anonymous pages, filled with zeroes; anything else is ENODEV. Where they
 * are the kernel says, unless MAP_FIXED does: a mere hint is not followed.
 */
export const mmap: SystemCallHandler = function mmap(call) {
  const [address = 0n, length = 0n, protection, how] = call.args;
  const [prot, flags] = [int(protection), int(how)];
  if ((flags & MAP_TYPE) === 0) {
    throw callError('CALL_BAD_ARGUMENT', 'a mapping is MAP_PRIVATE or MAP_SHARED; pass MAP_PRIVATE | MAP_ANONYMOUS');
  }
  if ((flags & MAP_TYPE) !== MAP_PRIVATE || (flags & MAP_ANONYMOUS) === 0) {
    throw callError('CALL_NO_SUCH_MEMORY', 'there is only MAP_PRIVATE | MAP_ANONYMOUS here');
  }
  const permissions = { read: (prot & (PROT_READ | PROT_EXEC)) !== 0, write: (prot & PROT_WRITE) !== 0 };
  const fixed = (flags & MAP_FIXED) !== 0 ? address : undefined;
  return partsOf(call).areas.map(call.task.memory, length, permissions, fixed);
};

/** munmap(2). What a task finds there later is as it was made: zeroes, or nothing (`demandZero`). */
export const munmap: SystemCallHandler = function munmap(call) {
  const [address = 0n, length = 0n] = call.args;
  partsOf(call).areas.unmap(call.task.memory, address, length);
  return 0;
};
