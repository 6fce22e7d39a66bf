import { HW_BREAKPOINT_W, type PmuEvent, program } from '@hwbp/core';
import test from 'ava';
import { nop, store } from '../ptrace/support.js';
import { A, EventsRig, states, variable } from './support.js';

const EVERY = { sample_period: 1 };

/** What is done, in its order. */
function journal() {
  const seen: string[] = [];
  return { seen, work: (name: string) => ({ perform: () => void seen.push(name) }) };
}

test('what is left for the end of an exception is done then, the latest first; outside of one at once', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const cpu = rig.machine.cpu(0);
  const { seen, work } = journal();
  rig.machine.irqWork(cpu, work('outside'));
  t.deepEqual(seen.splice(0), ['outside']);
  rig.watch(worker, EVERY, {
    handler: () => {
      for (const name of ['first', 'second', 'third']) rig.machine.irqWork(cpu, work(name));
      seen.push('handled');
    },
  });
  worker.store();
  t.deepEqual(seen, ['handled', 'third', 'second', 'first']);
});

test('two events hit by one access: both are counted before anybody is told, the latest first', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const seen: unknown[] = [];
  const events = [0, 1, 2].map(() => rig.watch(worker, EVERY));
  for (const [n, event] of events.entries()) event.wakeup = () => seen.push([n, ...rig.counts(...events)]);
  worker.store();
  t.deepEqual(seen, [
    [2, 1, 1, 1],
    [1, 1, 1, 1],
    [0, 1, 1, 1],
  ]);
});

test('work of one CPU does not wait for the exception of another', (t) => {
  const rig = new EventsRig();
  const [here, there] = rig.machine.cpus;
  const worker = rig.worker();
  const { seen, work } = journal();
  if (here === undefined || there === undefined) return t.fail();
  rig.watch(worker, EVERY, {
    handler: () => {
      rig.machine.irqWork(here, work('of this CPU'));
      rig.machine.irqWork(there, work('of the other'));
      seen.push('handled');
    },
  });
  worker.store();
  t.deepEqual(seen, ['of the other', 'handled', 'of this CPU']);
});

test('a machine that runs inside a handler: the other CPU’s exceptions come to their own ends', (t) => {
  const rig = new EventsRig();
  const [worker, other] = [rig.worker(), rig.worker({ affinity: [1] })];
  const seen: string[] = [];
  const note = (event: PmuEvent, name: string): void => {
    event.wakeup = () => void seen.push(`${name} is told`);
  };
  const inner = rig.watch(
    other,
    { ...EVERY, bp_addr: variable(1) },
    { handler: () => void seen.push('the other hits') },
  );
  note(inner, 'the other');
  rig.events.refresh(inner, 1);
  const outer = rig.watch(worker, EVERY, {
    handler: () => {
      seen.push('begins');
      other.run(store(variable(1), 8), nop);
      seen.push(`the other is ${states(inner).join()}`);
    },
  });
  note(outer, 'this one');
  worker.store();
  t.deepEqual(seen, ['begins', 'the other hits', 'the other is told', 'the other is OFF', 'this one is told']);
});

test('a CPU that is stopped inside an exception keeps no other from its work', (t) => {
  const rig = new EventsRig();
  const { machine, kernel } = rig;
  const other = rig.worker({ affinity: [1] });
  const event = rig.watch(other, { ...EVERY, bp_addr: variable(1) });
  rig.events.refresh(event, 1);
  const accesses = [{ kind: 'write', address: A, size: 8 }] as const;
  const task = machine.spawn(program([{ pc: 0x40_0000n, length: 4, accesses }]), { affinity: [0] });
  const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: A, bp_len: 8 };
  kernel.breakpoints.registerUser(attr, (hit) => hit.suspend('debugger'), task);
  t.is(machine.run().reason, 'suspended');
  const open = machine.addGate({ cpu: ({ index }) => index !== 0, task: () => true });
  other.store(variable(1));
  t.true(machine.isSuspended(machine.cpu(0)));
  t.deepEqual(states(event), ['OFF']);
  open();
  t.is(machine.run().reason, 'starved');
  t.false(machine.isSuspended(machine.cpu(0)));
});
