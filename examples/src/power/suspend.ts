import { X86DebugUnit } from '@hwbp/arch-x86';
import { program } from '@hwbp/core';
import { Board } from './board.js';

/** A machine sleeps, and wakes up. */
export function suspend(): readonly string[] {
  const board = new Board();
  const { kernel } = board;
  const { machine, breakpoints } = kernel;
  const wide = breakpoints.registerWide(board.watch('jiffies'), () => {});
  const store = { kind: 'write', address: 0x601000n, size: 8 } as const;
  const task = machine.spawn(program(new Array(6).fill({ pc: 0x401000n, length: 4, accesses: [store] })), {
    affinity: [1],
  });
  const own = breakpoints.registerUser(board.watch('total'), () => {}, task);
  machine.run(2);
  board.show('a wide watch, and one of a task on CPU 1');

  const busy = machine.power.register('devices', 'disk', {
    suspend: () => {
      throw new Error('the disk is busy');
    },
  });
  board.refused('a device refuses', () => kernel.suspend());
  busy();

  machine.power.wakesAt(9);
  const late = machine.power.register('core', 'keyboard', { suspend: () => machine.cpu(0).interrupts.raise(9) });
  board.refused('an interrupt comes that wakes', () => kernel.suspend());
  late();
  machine.cpu(0).interrupts.lower(9);

  kernel.suspend();
  board.show('suspended');
  const { unit } = machine.cpu(1);
  if (unit instanceof X86DebugUnit) {
    board.note(`CPU 1: DR7 ${unit.control.toString(16)}, DR0 ${unit.address(0).toString(16)}: as after a reset`);
  }
  const { reason, instructions } = machine.run();
  board.note(`run: ${reason}, ${instructions} instructions`);
  machine.cpu(0).interrupts.raise(9);
  machine.run(1);
  board.show('an interrupt wakes it, and the task goes on');
  machine.run();
  for (const cpu of [0, 1]) board.store('jiffies', cpu);
  board.note(`hits: ${wide.hits} of jiffies, ${own.hits} of total, by a task that stored ${task.instructions} times`);
  kernel.dispose();
  return board.lines;
}
