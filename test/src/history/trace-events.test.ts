import { priorities } from '@hwbp/core';
import { type HistoryData, traceEvents } from '@hwbp/history';
import test from 'ava';
import { dataOf, nops, observed, writes } from './support.js';
import { traceEventFile } from './trace-event-format.js';

/** Two CPUs, a wide breakpoint, one that is displaced, hits, and a task that goes. */
function recorded(): HistoryData {
  using kernel = observed({ cpus: 2, slotPolicy: priorities() });
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(nops(5), { comm: '"quoted" <é>' });
  for (const n of [0, 1, 2, 3]) breakpoints.registerUser(writes(n), () => {}, task, { owner: `low${n}` });
  const execute = { bp_type: 4, bp_addr: 0x400000n, bp_len: 8 };
  machine.run(2);
  breakpoints.registerUser(execute, () => {}, task, { owner: 'high', priority: 9 });
  machine.run();
  breakpoints.registerWide(writes(8), () => {}, { owner: 'wide' });
  breakpoints.debugger.enter('somebody');
  breakpoints.debugger.leave();
  return dataOf(kernel);
}

test('what Perfetto and Chrome are given is of the Trace Event Format', (t) => {
  const file: unknown = JSON.parse(JSON.stringify(traceEvents(recorded())));
  const result = traceEventFile.safeParse(file);
  t.true(result.success, result.error?.message);
});

test('the schema takes nothing else: it is strict about each kind of event', (t) => {
  const [first, ...others] = traceEvents(recorded()).traceEvents;
  const parse = (event: unknown) => traceEventFile.safeParse({ traceEvents: [event] }).success;
  t.true(parse(first));
  const slice = others.find(({ ph }) => ph === 'X');
  t.true(parse(slice));
  for (const wrong of [
    { ...slice, dur: -1 },
    { ...slice, ts: Number.NaN },
    { ...slice, ph: 'B' },
    { ...slice, name: 3 },
    { ...slice, tid: '1' },
    { ...first, args: {} },
  ])
    t.false(parse(wrong), JSON.stringify(wrong));
});

test('CPUs are processes, registers threads, stays slices of as many microseconds as instructions', (t) => {
  const { traceEvents: events, otherData } = traceEvents(recorded());
  const named = (name: string) =>
    events.flatMap((event) =>
      event.ph === 'M' && event.name === name ? [[event.pid, event.tid, event.args.name]] : [],
    );
  t.deepEqual(named('process_name'), [
    [1, 1, 'CPU 0'],
    [2, 1, 'CPU 1'],
  ]);
  t.deepEqual(
    named('thread_name').filter(([pid]) => pid === 1),
    [
      [1, 1, 'what happened'],
      [1, 2, 'task'],
      [1, 3, 'DR0'],
      [1, 4, 'DR1'],
      [1, 5, 'DR2'],
      [1, 6, 'DR3'],
    ],
  );
  const slices = events.filter(({ ph }) => ph === 'X').map((event) => ({ ...event, args: undefined }));
  const common = { ph: 'X', pid: 1, args: undefined } as const;
  t.deepEqual(slices.slice(0, 3), [
    { ...common, name: '"quoted" <é>-1', cat: 'task', tid: 2, ts: 0, dur: 5 },
    { ...common, name: 'low0 w 0x1000+8', cat: 'register', tid: 3, ts: 0, dur: 2 },
    { ...common, name: 'low1 w 0x1008+8', cat: 'register', tid: 4, ts: 0, dur: 5 },
  ]);
  const displaced = events.find((event) => event.ph === 'X' && event.args.end === 'displaced');
  t.like(displaced, { args: { owner: 'low0', what: 'w 0x1000+8', by: 'high x 0x400000+8' } });
  const hits = events.filter((event) => event.ph === 'i' && event.cat === 'hit');
  t.deepEqual(
    hits.map(({ pid, tid, ...rest }) => [pid, tid, 'ts' in rest ? rest.ts : undefined]),
    [
      [1, 3, 3],
      [1, 3, 4],
      [1, 3, 5],
    ],
  );
  t.like(
    events.find((event) => event.ph === 'i' && event.s === 'g'),
    { name: 'somebody stops the machine' },
  );
  t.like(otherData, { from: 0, to: 5, lostIntervals: 0 });
});
