import { type Assembly, type Machine, WaitQueue } from '@hwbp/core';
import type { OpenFile } from '@hwbp/syscalls';
import { RING } from './kernel-text.js';

export const SERIAL_LINE = 4;
const NEWLINE = 10;

/**
 * The serial port as a file: lines that were typed, and what is written. The driver's rings are in the kernel's memory.
 */
export function serialFile(machine: Machine, text: Assembly): OpenFile {
  const memory = machine.kernelMemory;
  const arrived = new WaitQueue(machine, 'a line from the serial port');
  const drained = new WaitQueue(machine, 'room in the serial port');
  const get = (name: string): number => Number(memory.readInteger(text.resolve(name), 8));
  const set = (name: string, value: number): void => memory.writeInteger(text.resolve(name), 8, BigInt(value));
  const place = (name: string, index: number): bigint => text.resolve(name) + BigInt(index % RING);

  machine.interrupts.handle(SERIAL_LINE, { name: 'serial port', program: text.program('serial_interrupt') });
  // Behind the driver's instructions, on the same line: whoever waits looks again.
  machine.interrupts.handle(SERIAL_LINE, {
    name: 'serial port: wake up',
    action: () => {
      arrived.wakeAll();
      drained.wakeAll();
    },
  });

  /** What was typed and nobody has read. */
  const waiting = (): number[] =>
    Array.from({ length: get('typed_end') - get('typed_next') }, (_, i) =>
      Number(memory.readInteger(place('typed', get('typed_next') + i), 1)),
    );
  return {
    name: '/dev/ttyS0',
    read: {
      arrived,
      take(count) {
        const typed = waiting();
        const end = typed.indexOf(NEWLINE) + 1;
        if (end === 0) return undefined;
        const line = typed.slice(0, Math.min(end, count));
        set('typed_next', get('typed_next') + line.length);
        return Uint8Array.from(line);
      },
    },
    write: {
      drained,
      put(bytes) {
        const end = get('shown_end');
        const room = RING - (end - get('shown_next'));
        const taken = bytes.subarray(0, room);
        for (const [i, byte] of taken.entries()) memory.writeInteger(place('shown', end + i), 1, BigInt(byte));
        set('shown_end', end + taken.length);
        machine.interrupts.raise(SERIAL_LINE);
        return taken.length;
      },
    },
  };
}
