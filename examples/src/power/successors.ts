import { x86 } from '@hwbp/arch-x86';
import { Board } from './board.js';

/** A kernel ends, or crashes, and another one has its hardware. */
export function successors(how: 'kexec' | 'crash'): readonly string[] {
  const board = new Board();
  const old = board.kernel;
  let called = 0;
  old.breakpoints.registerWide(board.watch('jiffies'), () => called++);
  board.store('jiffies', 0, 2);
  board.show('the first kernel watches, and is hit');
  board.note(`its handler was called ${called} times`);
  if (how === 'crash') {
    old.breakpoints.registerCpu(board.watch('inbox'), (hit) => hit.suspend('panic'), 1);
    board.store('inbox', 1);
    board.show('it panics inside an exception');
  }
  board.kernel = old[how]({ arch: x86(), logger: board.log, strict: true });
  board.show(`${how}: before the next one's first instruction`);
  const { breakpoints } = board.kernel;
  const own = breakpoints.registerCpu(board.watch('inbox'), () => {}, 0);
  board.show('the next kernel watches');
  for (const cpu of [0, 1]) board.store('jiffies', cpu);
  board.store('inbox', 0);
  board.note(`hits: ${own.hits} of inbox; the first kernel's handler was called ${called} times`);
  old.dispose();
  board.show('whatever the first one still does');
  board.note(`the first one executes ${old.machine.run(100).instructions} instructions`);
  board.kernel.dispose();
  return board.lines;
}
