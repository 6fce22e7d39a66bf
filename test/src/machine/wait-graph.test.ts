import { blockedTasks, program, type Task, WaitQueue, waitCycles } from '@hwbp/core';
import test from 'ava';
import { kernelOf, TEXT } from './support.js';

const wait = (who: string, ...owners: readonly string[]) => ({ who, owners });
const cyclesOf = (...waits: readonly ReturnType<typeof wait>[]) =>
  waitCycles(waits).map((cycle) => cycle.map(({ who }) => who));

test('who waits for whom in a circle: chains are none, each circle is told once', (t) => {
  t.deepEqual(cyclesOf(wait('a', 'b'), wait('b', 'c'), wait('c')), []);
  t.deepEqual(cyclesOf(wait('a', 'a')), [['a']]);
  t.deepEqual(cyclesOf(wait('x', 'a'), wait('a', 'b'), wait('b', 'c'), wait('c', 'a'), wait('y', 'b')), [
    ['a', 'b', 'c'],
  ]);
  t.deepEqual(cyclesOf(wait('a', 'b'), wait('b', 'a'), wait('c', 'd'), wait('d', 'c')), [
    ['a', 'b'],
    ['c', 'd'],
  ]);
  t.deepEqual(cyclesOf(wait('w', 'r1', 'r2'), wait('r2', 'w')), [['w', 'r2']], 'one of several owners');
  const chain = Array.from({ length: 50_000 }, (_, i) => wait(`${i}`, `${i + 1}`));
  t.deepEqual(cyclesOf(...chain), [], 'however long');
});

test('tasks that wait, and those who could end it as far as the queue says', (t) => {
  const { machine } = kernelOf();
  let owner: Task | undefined;
  const door = new WaitQueue(machine, 'a door', { owners: () => (owner === undefined ? [] : [owner]) });
  const sleeper = program([{ pc: TEXT, length: 4, wait: door.wait() }]);
  const [a, b] = [
    machine.spawn(sleeper),
    machine.spawn(program([{ pc: TEXT, length: 4, wait: new WaitQueue(machine, 'rain').wait() }])),
  ];
  machine.run(10);
  owner = b;
  t.deepEqual(
    blockedTasks(machine.tasks.values()).map(({ who, owners }) => [who, owners]),
    [
      [a, [b]],
      [b, []],
    ],
  );
  t.is(blockedTasks([a])[0]?.what, 'a door');
  t.throws(() => new WaitQueue(machine, 'x', { owner: 5 } as never), { message: /a wait queue has no option 'owner'/ });
});
