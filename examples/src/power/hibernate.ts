import { x86 } from '@hwbp/arch-x86';
import { type Hit, type KernelImage, type KernelOptions, program, resumeKernel } from '@hwbp/core';
import { Board } from './board.js';

/** A kernel is written down, and goes on on another machine. */
export function hibernate(): readonly string[] {
  const seen: string[] = [];
  const counted = ({ breakpoint, cpu, task }: Hit): void => {
    seen.push(`hit ${breakpoint.hits} of task ${task?.pid} on CPU ${cpu.index} at ${cpu.clock.now} ns`);
  };
  // What an image refers to by name.
  const code = { counted };
  const board = new Board({ code });
  const { machine, breakpoints } = board.kernel;
  const store = { kind: 'write', address: 0x601000n, size: 8 } as const;
  const list = new Array(6).fill({ pc: 0x401000n, length: 4, accesses: [store] });
  const task = machine.spawn(program(list), { affinity: [1] });
  breakpoints.registerWide(board.watch('jiffies'), counted);
  const own = breakpoints.registerUser(board.watch('total'), counted, task);
  machine.run(2);
  board.show('a wide watch, and one of a task on CPU 1');

  const stray = breakpoints.registerCpu(board.watch('inbox'), () => {}, 0);
  board.refused('a handler has no name', () => board.kernel.hibernate());
  breakpoints.unregister(stray);

  const file = JSON.stringify(board.kernel.hibernate());
  board.show('written down, and suspended');
  const { version, check } = JSON.parse(file) as KernelImage;
  board.note(`the image: JSON, version ${version}, a check of ${4 * check.length} bits`);
  board.note(`hits before: ${own.hits}`);
  board.kernel.dispose();

  const options: KernelOptions = { arch: x86(), cpus: 2, logger: board.log, strict: true, code };
  const damaged = JSON.parse(file.replace('"cpu":1', '"cpu":0')) as KernelImage;
  board.refused('the file is damaged', () => resumeKernel(options, damaged));
  seen.length = 0;
  board.kernel = resumeKernel(options, JSON.parse(file) as KernelImage);
  board.show('a fresh machine goes on from it');
  board.kernel.machine.run(2);
  board.show('its task executes');
  board.kernel.machine.run();
  for (const line of seen) board.note(line);
  board.kernel.dispose();
  return board.lines;
}
