import { type Machine, WaitQueue } from '@hwbp/core';
import { callError } from '../errors.js';
import type { OpenFile } from './file.js';

/** Bytes that a pipe holds (pipe(7)). */
export const PIPE_SIZE = 65_536;
/** Bytes that are written together, or not yet (POSIX: PIPE_BUF). */
export const PIPE_BUF = 4096;

/** The two ends of a pipe. */
export interface Pipe {
  readonly reader: OpenFile;
  readonly writer: OpenFile;
}

/** Makes a pipe: bytes in order, up to {@link PIPE_SIZE} of them. */
export function createPipe(machine: Machine): Pipe {
  let held: Uint8Array = new Uint8Array(0);
  let [readers, writers] = [true, true];
  const arrived = new WaitQueue(machine, 'data in a pipe');
  const drained = new WaitQueue(machine, 'room in a pipe');
  return {
    reader: {
      name: 'pipe',
      read: {
        arrived,
        take(count) {
          if (held.length === 0) return writers ? undefined : held;
          const taken = held.slice(0, count);
          held = held.slice(taken.length);
          drained.wakeAll();
          return taken;
        },
      },
      close() {
        readers = false;
        drained.wakeAll();
      },
    },
    writer: {
      name: 'pipe',
      write: {
        drained,
        put(bytes) {
          if (!readers) throw callError('CALL_NO_READER', 'nobody reads from this pipe any more');
          const room = PIPE_SIZE - held.length;
          const count = bytes.length <= PIPE_BUF && bytes.length > room ? 0 : Math.min(room, bytes.length);
          const joined = new Uint8Array(held.length + count);
          joined.set(held);
          joined.set(bytes.subarray(0, count), held.length);
          held = joined;
          if (count > 0) arrived.wakeAll();
          return count;
        },
      },
      close() {
        writers = false;
        arrived.wakeAll();
      },
    },
  };
}
