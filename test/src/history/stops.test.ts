import { type Hit, program } from '@hwbp/core';
import { type HistoryData, timelineSvg, traceEvents } from '@hwbp/history';
import test from 'ava';
import { parseXml } from './parse-xml.js';
import { dataOf, events, observed, store, writes } from './support.js';

/** Two stores, each of which a handler of somebody's own stops the machine at. */
function suspended(): HistoryData {
  using kernel = observed({ cpus: 2 });
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(program([store(0), store(1), store(0)]), { comm: 'a' });
  breakpoints.registerUser(writes(0), (hit) => hit.suspend('look'), task, { owner: 'me' });
  const reasons = [machine.run().reason, machine.run().reason, machine.run().reason];
  if (reasons.join() !== 'suspended,suspended,idle') throw new Error(reasons.join());
  return dataOf(kernel);
}

test('a handler that stops the machine inside its exception is a stop: where, when, in whose time, and why', (t) => {
  const data = suspended();
  t.deepEqual(events(data), [
    '1 on 0: hit of DR0: me w 0x1000+8, pc 0x400000',
    '1 on 0: look stops the machine',
    '3 on 0: hit of DR0: me w 0x1000+8, pc 0x400000',
    '3 on 0: look stops the machine',
  ]);
  t.deepEqual(
    data.events.find(({ kind }) => kind === 'stop'),
    {
      kind: 'stop',
      of: 'machine',
      why: 'look',
      count: 1,
      cpu: 0,
      task: 'a-1',
    },
  );
});

test('the picture and the trace of Perfetto have it', (t) => {
  const data = suspended();
  const { text } = parseXml(timelineSvg(data));
  for (const words of ['1: look stops the machine', '3: look stops the machine', 'stop'])
    t.true(text.split('\n').includes(words), words);
  t.deepEqual(
    traceEvents(data).traceEvents.flatMap((event) =>
      event.ph === 'i' && event.cat === 'stop' ? [[event.ts, event.pid, event.tid, event.name]] : [],
    ),
    [
      [1, 1, 1, 'look stops the machine'],
      [3, 1, 1, 'look stops the machine'],
    ],
  );
});

test('a debugger that has the machine already, and then suspends, is one stop; another one is its own', (t) => {
  using kernel = observed();
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(program([store(0), store(1)]), { comm: 'a' });
  const stop = (reason: string) => (hit: Hit) => {
    breakpoints.debugger.enter('debugger');
    hit.suspend(reason);
  };
  breakpoints.registerUser(writes(0), stop('debugger'), task);
  breakpoints.registerUser(writes(1), stop('somebody'), task);
  machine.run();
  breakpoints.debugger.leave();
  machine.run();
  t.deepEqual(
    events(dataOf(kernel)).filter((line) => line.includes('stops')),
    [
      '1 on -1: debugger stops the machine',
      '2 on -1: debugger stops the machine',
      '2 on 0: somebody stops the machine',
    ],
  );
});
