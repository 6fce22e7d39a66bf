import { type Cpu, EVENT_TYPE, type EventAttr, HARDWARE_EVENT, instructionsPmu, KernelError } from '@hwbp/core';
import test from 'ava';
import { nop, systemCall } from '../ptrace/support.js';
import { A, EventsRig, Overflows } from './support.js';

const instructions = (attr: Partial<EventAttr> = {}): EventAttr => ({
  type: EVENT_TYPE.HARDWARE,
  config: HARDWARE_EVENT.INSTRUCTIONS,
  ...attr,
});
const rigOf = () => new EventsRig({ cpus: 1, engine: { pmus: [instructionsPmu] } });
const nops = (n: number) => new Array(n).fill(nop);

test('instructions of a task: what it retires, by mode, and nothing of others', (t) => {
  const rig = rigOf();
  const [worker, other] = [rig.worker(), rig.worker()];
  const all = rig.open(worker, instructions());
  const user = rig.open(worker, instructions({ exclude_kernel: true }));
  const kernel = rig.open(worker, instructions({ exclude_user: true }));
  const wide = rig.open(0, instructions());
  const before = rig.machine.cpu(0).instructions;
  worker.run(...nops(30));
  other.run(...nops(7));
  const access = { kind: 'write', address: A, size: 8 } as const;
  worker.run(systemCall(access, access, access));
  t.deepEqual(rig.counts(all, user, kernel), [34, 31, 3]);
  t.is(rig.count(wide), rig.machine.cpu(0).instructions - before);
  t.is(worker.task.instructions, 34);
});

test('an event that samples overflows at the end of its period exactly, whatever the quantum and the tick are', (t) => {
  const rig = new EventsRig({ cpus: 1, quantum: 7, tick: 13_000, engine: { pmus: [instructionsPmu] } });
  const worker = rig.worker();
  const overflows = new Overflows();
  rig.open(worker, instructions({ sample_period: 10 }), { handler: overflows.handler });
  worker.run(...nops(25));
  worker.run(...nops(8));
  t.deepEqual(overflows.counts, [10, 20, 30]);
  t.deepEqual(
    overflows.seen.map(({ period, mode }) => [period, mode]),
    new Array(3).fill([10, 'user']),
  );
});

test('instructions of another mode do not bring the end of a period nearer', (t) => {
  const rig = rigOf();
  const worker = rig.worker();
  const overflows = new Overflows();
  rig.open(worker, instructions({ sample_period: 5, exclude_kernel: true }), { handler: overflows.handler });
  const access = { kind: 'write', address: A, size: 8 } as const;
  worker.run(nop, nop, systemCall(access, access, access, access, access, access), nop, nop, nop, nop);
  t.deepEqual(overflows.counts, [5]);
  t.is(overflows.seen[0]?.mode, 'user');
});

test('a CPU has four counters: a fifth event waits its turn, and other configs are nobody’s', (t) => {
  const rig = rigOf();
  const worker = rig.worker();
  const events = Array.from({ length: 5 }, () => rig.open(worker, instructions()));
  worker.run(...nops(10));
  t.is(rig.counts(...events).filter((count) => count === 10).length, 4);
  const refused = t.throws(() => rig.open(worker, instructions({ config: 0 })), { instanceOf: KernelError });
  t.is(refused?.code, 'EVENT_NO_PMU');
  for (const event of events) rig.events.close(event);
  const cpu: Cpu = rig.machine.cpu(0);
  t.true(cpu.userInstructions <= cpu.instructions);
});
