import { Board } from './board.js';

/** CPUs come and go. */
export function hotplug(): readonly string[] {
  const board = new Board({ cpus: 3, offline: [2] });
  const { machine, breakpoints } = board.kernel;
  const wide = breakpoints.registerWide(board.watch('jiffies'), () => {});
  const own = breakpoints.registerCpu(board.watch('inbox'), () => {}, 1);
  board.show('a wide watch, and one of CPU 1');

  const states = ['prepare', 'starting', 'online'] as const;
  const ends = states.map((state) =>
    machine.hotplug.register(state, 'example', {
      startup: ({ index, unit }) => board.note(`CPU ${index}, ${state}: ${unit.filter.ranges.length} armed`),
    }),
  );
  machine.setOnline(2, true);
  board.show('CPU 2 comes up');
  for (const end of ends) end();

  const stay = machine.hotplug.register('online', 'example', {
    teardown: () => {
      throw new Error('CPU 1 is needed');
    },
  });
  board.refused('CPU 1 does not go: somebody refuses', () => machine.setOnline(1, false));
  stay();

  machine.setOnline(1, false);
  board.show('CPU 1 goes');
  machine.setOnline(1, true);
  board.show('CPU 1 is back');
  breakpoints.enable(own);
  board.show('its own watch is enabled again');
  for (const cpu of [0, 1, 2]) board.store('jiffies', cpu);
  board.store('inbox', 1);
  board.note(`hits: ${wide.hits} of jiffies, ${own.hits} of inbox`);
  board.kernel.dispose();
  return board.lines;
}
