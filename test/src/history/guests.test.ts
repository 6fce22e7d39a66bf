import { x86 } from '@hwbp/arch-x86';
import { composeKernel, program } from '@hwbp/core';
import { History, type HistoryData, happened, history, machinesOf, timelineSvg, traceEvents } from '@hwbp/history';
import { Kvm } from '@hwbp/kvm';
import test from 'ava';
import { DATA, store as storeAt, stores, writes as watchOf } from '../kvm/support.js';
import { parseXml } from './parse-xml.js';
import { stays } from './support.js';
import { traceEventFile } from './trace-event-format.js';

/** What a host has, and what was true by its count while it was true. */
interface Seen {
  readonly data: HistoryData;
  /** Where the guest's stores were told to its handler. */
  readonly hits: readonly number[];
  /** Where the guest's CPU came and went. */
  readonly moves: readonly string[];
}

/** A host with a task of its own that is watched, and a guest with one. `slice`: instructions of each run. */
function recorded(cpus: number, slice: number): Seen {
  using host = composeKernel({ arch: x86(), strict: true, cpus, quantum: 3, plugins: [history(), Kvm] });
  const { machine } = host;
  const vm = host.get(Kvm).createVm({ affinity: [0] });
  using guest = composeKernel({
    arch: x86(),
    strict: true,
    hardware: vm.hardware,
    plugins: [history({ host: host.get(History), name: 'inside' })],
  });
  const [hits, moves]: [number[], string[]] = [[], []];
  machine.hooks.guestEntry.add(() => void moves.push(`guest-entry ${machine.count}`));
  machine.hooks.guestExit.add(() => void moves.push(`guest-exit ${machine.count}`));
  const own = machine.spawn(stores(12), { comm: 'own', affinity: [cpus - 1] });
  host.breakpoints.registerUser(watchOf(), () => {}, own, { owner: 'host' });
  const task = guest.machine.spawn(program(Array.from({ length: 9 }, (_, n) => storeAt(DATA, BigInt(n)))), {
    comm: 'task',
  });
  machine.run(5);
  guest.breakpoints.registerUser(watchOf(), () => void hits.push(machine.count), task, { owner: 'guest' });
  while (machine.run(slice).reason === 'budget');
  const data = host.get(History).snapshot();
  return { data, hits, moves };
}

for (const cpus of [1, 2]) {
  test(`a guest on a host of ${cpus}: its stays, hits, entries and exits are in the host's counts`, (t) => {
    const { data, hits, moves } = recorded(cpus, 1);
    const [inside, ...others] = data.guests ?? [];
    t.deepEqual(others, []);
    if (inside === undefined) return;
    t.is(inside.name, 'inside');
    t.deepEqual(
      inside.events.flatMap((event) => (event.kind === 'hit' ? [event.count] : [])),
      hits,
    );
    t.true(hits.length >= 5 && hits.every((count, n) => count > (hits[n - 1] ?? 0)));
    t.deepEqual(
      inside.events.flatMap(({ kind, count }) => (kind.startsWith('guest-') ? [`${kind} ${count}`] : [])),
      moves,
    );
    t.true(moves.length >= 2);
    t.is(inside.intervals.length, 1);
    t.like(inside.intervals[0], { cpu: 0, register: 0, what: 'w 0x100000+8', task: 'task-1' });
    t.true((inside.intervals[0]?.from ?? 0) <= (hits[0] ?? 0));
    t.deepEqual([inside.from, inside.to], [data.from, data.to]);
    t.true(
      stays(data).every((line) => !line.includes('guest w')),
      'the host has its own alone',
    );
  });

  test(`a guest on a host of ${cpus}: how its run is cut changes nothing`, (t) => {
    const [stepped, cut] = [recorded(cpus, 1), recorded(cpus, 4)];
    const until = Math.min(stepped.data.to, cut.data.to);
    const before = ({ data }: Seen): readonly string[] =>
      machinesOf(data).flatMap((machine) =>
        machine.data.events
          .filter(({ kind, count }) => kind === 'hit' && count < until)
          .map((event) => `${machine.name} ${event.count} ${happened(event, machine.data)}`),
      );
    t.deepEqual(before(cut), before(stepped));
  });
}

test('the picture has a heading and lanes for the guest; the trace has a process for each of its CPUs', (t) => {
  const { data, hits } = recorded(2, 1);
  const lines = parseXml(timelineSvg(data)).text.split('\n');
  t.is(lines.filter((line) => line === 'inside').length, 1);
  t.is(lines.filter((line) => line === 'DR0').length, 3, 'of two CPUs, and a virtual one');
  t.true(lines.includes('host') && lines.includes('inside: guest'), 'the legend');
  t.true(lines.some((line) => /^guest: w 0x100000\+8 for task-1, \d+ to \d+, switched/.test(line)));
  const file = traceEvents(data);
  t.true(traceEventFile.safeParse(JSON.parse(JSON.stringify(file))).success);
  const processes = file.traceEvents.flatMap((event) =>
    event.ph === 'M' && event.name === 'process_name' ? [[event.pid, event.args.name]] : [],
  );
  t.deepEqual(processes, [
    [1, 'CPU 0'],
    [2, 'CPU 1'],
    [3, 'inside: CPU 0'],
  ]);
  const told = file.traceEvents.flatMap((event) =>
    event.ph === 'i' && event.cat === 'hit' && event.pid === 3 ? [event.ts] : [],
  );
  t.deepEqual(told, hits);
});

test('a guest of a guest is told in the counts of the outermost host; two of a name are told apart', (t) => {
  using host = composeKernel({ arch: x86(), strict: true, plugins: [history(), Kvm] });
  const made = ['guest', undefined].map((name, n) => {
    const vm = host.get(Kvm).createVm({ name: `vm ${n}` });
    const plugins = [Kvm, history({ host: host.get(History), ...(name === undefined ? {} : { name }) })];
    return composeKernel({ arch: x86(), strict: true, hardware: vm.hardware, plugins });
  });
  const names = machinesOf(host.get(History).snapshot()).map(({ name }) => name);
  t.deepEqual(names, [undefined, 'guest', 'guest 2']);
  for (const guest of made) guest.dispose();
  t.deepEqual([...host.get(History).guests.keys()], ['guest', 'guest 2'], 'what they have stays to be read');
  t.throws(() => history({ host: {} as History }), { message: /host is a history, such as host\.get\(History\), got/ });
  t.throws(() => history({ name: '' }), { message: /name is a name/ });
});
