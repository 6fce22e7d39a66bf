import { resolveMachine, type Script } from '@hwbp/conform';
import test from 'ava';
import { conform, conformJson, type Json, readScripts, Scratch, type Step } from './support.js';

const FRESH = ['0x0', '0x0', '0x0', '0x0', '0x0', '0x0', '0xffff0ff0', '0x0'];
const ADDRESS = '0x7ffffffff000';

/** The first address above user space of 4-level paging, in DR0: refused there, and fine with five levels. */
function above(machine: { [fact: string]: Json } | undefined, poked: object): object {
  const accepted = !('errno' in poked);
  const steps: Step[] = [
    { op: 'spawn', task: 't0', cpu: 0, after: { dr: { t0: FRESH } } },
    {
      op: 'poke',
      task: 't0',
      reg: 0,
      val: ADDRESS,
      ...poked,
      after: { dr: { t0: accepted ? [ADDRESS, ...FRESH.slice(1)] : FRESH } },
    },
  ];
  return { suite: 'P', id: 'M', setup: { ...(machine === undefined ? {} : { machine }), after: 'dr' }, steps };
}

const REFUSED = { ret: -1, errno: 'EINVAL' };
const ACCEPTED = { ret: 0 };

test('a script is played on a machine as the one that recorded it: how far user space reaches decides a poke', async (t) => {
  using scratch = new Scratch();
  const file = scratch.write('machines.jsonl', [
    above(undefined, REFUSED),
    above({}, REFUSED),
    above({ paging_levels: 4, cpus: 8 }, REFUSED),
    above({ paging_levels: 5 }, ACCEPTED),
    above({ task_size: '0xfffffffffff000' }, ACCEPTED),
    above({ task_size: '0x7ffffffff000', paging_levels: 5 }, REFUSED),
    above({ paging_levels: 5 }, REFUSED),
    above(undefined, ACCEPTED),
  ]);
  const { scripts } = await conformJson(file);
  t.deepEqual(
    scripts.map(({ result }) => result),
    [...Array(6).fill('matched'), 'differs', 'differs'],
  );
});

test('facts that no machine has are refused, with the line and the fact', async (t) => {
  using scratch = new Scratch();
  for (const [machine, complaint] of [
    [{ cpus: 0 }, /line 1 .*setup\.machine\.cpus/],
    [{ cpus: 100_000 }, /setup\.machine\.cpus/],
    [{ kprobes: 'yes' }, /setup\.machine\.kprobes/],
    [{ task_size: 'much' }, /setup\.machine\.task_size/],
    [{ paging_levels: 3 }, /setup\.machine\.paging_levels/],
    [{ perf_event_paranoid: 2.5 }, /setup\.machine\.perf_event_paranoid/],
  ] as const) {
    const { code, stderr } = await conform(scratch.write('bad.jsonl', [above(machine, REFUSED)]));
    t.is(code, 1);
    t.regex(stderr, complaint);
  }
});

test('--emit keeps the facts', async (t) => {
  using scratch = new Scratch();
  const machine = { kernel: '6.18', paging_levels: 5, unknown_fact: [1, 2] };
  const ours = scratch.path('ours.jsonl');
  t.is((await conform('--emit', ours, scratch.write('x.jsonl', [above(machine, ACCEPTED)]))).code, 0);
  t.deepEqual(readScripts(ours)[0]?.setup.machine, machine);
});

test('what a script does not say of its machine is as on the machine of the first recordings', (t) => {
  const of = (setup: Script['setup']): unknown => resolveMachine({ setup });
  const first = {
    cpus: 2,
    bpext: false,
    kprobes: false,
    perfEventParanoid: 2,
    maxSampleRate: 100_000,
    taskSize: 0x7fff_ffff_f000n,
  };
  t.deepEqual(of({ after: 'dr' }), first);
  t.deepEqual(of({ machine: {} }), first);
  t.deepEqual(
    of({
      machine: {
        cpus: 8,
        bpext: true,
        kprobes: true,
        perf_event_paranoid: -1,
        max_sample_rate: 50,
        paging_levels: 5,
      },
    }),
    {
      cpus: 8,
      bpext: true,
      kprobes: true,
      perfEventParanoid: -1,
      maxSampleRate: 50,
      taskSize: 0xff_ffff_ffff_f000n,
    },
  );
});
