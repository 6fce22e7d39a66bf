import { type SystemCall, type SystemCallHandler, SystemCallRestart, type WaitQueue } from '@hwbp/core';
import { callError } from '../errors.js';
import { FILES } from '../files/files.js';
import { createPipe } from '../files/pipe.js';
import { int, partsOf } from '../parts.js';
import type { Blocking } from '../user-memory.js';

/** Bytes that one call moves at most: the rest is the next call's (read(2) and write(2) may move less). */
const MOST = 65_536;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;

/** What is open under a descriptor, and how many bytes a caller wants to move. */
function opened(call: SystemCall, use: 'read' | 'write') {
  const [fd, , wanted = 0n] = call.args;
  const { file, nonBlocking } = call.get(FILES).of(call.task).get(int(fd));
  if (file[use] === undefined) {
    throw callError('CALL_BAD_DESCRIPTOR', `${file.name}, descriptor ${int(fd)}, is not open for ${use}`);
  }
  const count = wanted > BigInt(MOST) ? MOST : Number(wanted);
  return { file, nonBlocking, count };
}

/** Waits, or throws: EAGAIN where it may not, and what has the call made again where a signal has ended the wait. */
function* waitFor(queue: WaitQueue, nonBlocking: boolean): Blocking<void> {
  if (nonBlocking) throw callError('CALL_WOULD_WAIT', `it would wait for ${queue.name}`);
  const [ended] = yield queue.wait();
  if (ended === 1n) throw new SystemCallRestart('ERESTARTSYS');
}

/** read(2): waits until there is something, or the file has come to its end. A signal has it made again. */
export const read: SystemCallHandler = function* read(call) {
  const { file, nonBlocking, count } = opened(call, 'read');
  const [, buffer = 0n] = call.args;
  const { memory } = partsOf(call);
  memory.check(call.task, buffer, count, true);
  if (count === 0) return 0;
  for (;;) {
    const bytes = file.read?.take(count);
    if (bytes !== undefined) {
      yield* memory.store(call.task, buffer, bytes);
      return bytes.length;
    }
    if (file.read !== undefined) yield* waitFor(file.read.arrived, nonBlocking);
  }
};

/**
 * write(2): waits until everything has gone, or returns how much has where a signal or an error comes in between. Where
 * nobody reads, EPIPE, with SIGPIPE.
 */
export const write: SystemCallHandler = function* write(call) {
  const { file, nonBlocking, count } = opened(call, 'write');
  const [, buffer = 0n] = call.args;
  const bytes = yield* partsOf(call).memory.load(call.task, buffer, count);
  let done = 0;
  while (done < count) {
    try {
      const put = file.write?.put(bytes.subarray(done)) ?? 0;
      done += put;
      if (put === 0 && file.write !== undefined) yield* waitFor(file.write.drained, nonBlocking);
    } catch (error) {
      const broken = (error as { readonly errno?: string }).errno === 'EPIPE';
      if (broken) call.machine.sendSignal(call.task, { si_signo: 'SIGPIPE', si_code: 0 });
      if (done === 0) throw error;
      break;
    }
  }
  return done;
};

/** close(2). */
export const close: SystemCallHandler = function close({ task, get, args: [fd] }) {
  get(FILES).of(task).close(int(fd));
  return 0;
};

/** pipe2(2), with O_CLOEXEC and O_NONBLOCK. */
export const pipe2: SystemCallHandler = function* pipe2(call) {
  const [where = 0n, flags] = call.args;
  const asked = int(flags);
  if ((asked & ~(O_CLOEXEC | O_NONBLOCK)) !== 0) {
    throw callError('CALL_BAD_ARGUMENT', `a pipe has the flags O_CLOEXEC and O_NONBLOCK, got 0o${asked.toString(8)}`);
  }
  const { memory } = partsOf(call);
  memory.check(call.task, where, 8, true);
  const how = { closeOnExec: (asked & O_CLOEXEC) !== 0, nonBlocking: (asked & O_NONBLOCK) !== 0 };
  const descriptors = call.get(FILES).of(call.task);
  const { reader, writer } = createPipe(call.machine);
  const first = descriptors.open(reader, how);
  let second: number;
  try {
    second = descriptors.open(writer, how);
  } catch (error) {
    descriptors.close(first);
    throw error;
  }
  yield* memory.storeInteger(call.task, where, 4, BigInt(first));
  yield* memory.storeInteger(call.task, where + 4n, 4, BigInt(second));
  return 0;
};
