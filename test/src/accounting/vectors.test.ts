import { x86 } from '@hwbp/arch-x86';
import { HW_BREAKPOINT_W, HW_BREAKPOINT_X } from '@hwbp/core';
import test, { type ExecutionContext } from 'ava';
import { fakeArch } from '../property/support/fake-arch.js';
import { KUNIT_VECTORS } from './kunit-vectors.js';
import { AccountingRig } from './support.js';

/* Linux's KUnit vectors, then those of 3.9 and 16.7. */
for (const [name, vector] of Object.entries(KUNIT_VECTORS)) {
  test(`KUnit vector ${name}: as on Linux, with x86's 4 shared registers and with fakes of 3 and 6`, (t) => {
    const archs = [x86(), ...[3, 6].map((n) => fakeArch({ data: n, instruction: n, shared: true }))];
    for (const arch of archs) {
      const rig = new AccountingRig(t, arch);
      vector(rig, rig.slots);
      rig.end();
    }
  });
}

/** Linux's bp_account: how many of a type fit on CPU 0. */
function count(t: ExecutionContext, rig: AccountingRig, attr: { bp_type: number; bp_len: number }): number {
  let count = 0;
  for (;;) {
    try {
      rig.on('CPU c0', attr);
    } catch (error) {
      t.like(error, { errno: 'ENOSPC' });
      return count;
    }
    count++;
  }
}

const WRITE = { bp_type: HW_BREAKPOINT_W, bp_len: 1 };
const EXECUTE = { bp_type: HW_BREAKPOINT_X, bp_len: 8 };

test('bp_account on x86: 4 watches or 4 execute breakpoints from one pool, in which a full one changes its type', (t) => {
  const rig = new AccountingRig(t, x86());
  t.is(count(t, rig, EXECUTE), 4);
  rig.end();
  t.is(count(t, rig, WRITE), 4);
  t.is(count(t, rig, EXECUTE), 0, 'shared');
  const [one] = rig.kernel.breakpoints.registered;
  if (one === undefined) throw new Error('nothing is registered');
  rig.kernel.breakpoints.modify(one, EXECUTE);
  t.is(one.state, 'active');
  t.is(count(t, rig, WRITE), 0, 'the modified one keeps its register');
});

test('bp_account with pools of their own: changing the type of one makes room for another', (t) => {
  const rig = new AccountingRig(t, fakeArch({ data: 3, instruction: 2, shared: false }));
  t.is(count(t, rig, WRITE), 3);
  t.is(count(t, rig, EXECUTE), 2, 'not shared');
  const [watch, , , execute] = rig.kernel.breakpoints.registered;
  if (watch === undefined || execute === undefined) throw new Error('nothing is registered');
  t.throws(() => rig.kernel.breakpoints.modify(watch, EXECUTE), { code: 'HWBP_NO_SLOT' });
  t.is(watch.state, 'active', 'refused: it keeps running');
  rig.remove(execute);
  rig.kernel.breakpoints.modify(watch, EXECUTE);
  t.is(count(t, rig, WRITE), 1);
});

test('ptrace fills the 4 slots of a task: another user of that task gets ENOSPC, and so does a CPU', (t) => {
  const rig = new AccountingRig(t, x86());
  rig.fill('cur/any', 4);
  rig.full('cur/any', 'CPU c0', 'CPU c1');
  t.notThrows(() => rig.on('oth/any'), 'tasks are independent');
});

test('two CPU-wide breakpoints on one CPU leave every task two, wherever it runs', (t) => {
  const rig = new AccountingRig(t, x86());
  rig.fill('CPU c0', 2);
  for (const place of ['cur/any', 'oth/any'] as const) {
    rig.fill(place, 2);
    rig.full(place);
  }
});

test('the holders of a refusal are those in the way: who, for which task, where', (t) => {
  const rig = new AccountingRig(t, x86());
  const { breakpoints } = rig.kernel;
  const attr = { bp_type: HW_BREAKPOINT_W, bp_len: 4 };
  const handler = (): void => {};
  breakpoints.registerUser({ ...attr, bp_addr: 0x1000n }, handler, rig.cur, { owner: 'ptrace' });
  breakpoints.registerUser({ ...attr, bp_addr: 0x2000n }, handler, rig.cur, { owner: 'perf', cpu: 0 });
  breakpoints.registerUser({ ...attr, bp_addr: 0x3000n }, handler, rig.oth, { owner: 'bystander' });
  breakpoints.registerCpu({ ...attr, bp_addr: 0x4000n }, handler, 0, { owner: 'ksym' });
  breakpoints.registerCpu({ ...attr, bp_addr: 0x5000n }, handler, 0, { owner: 'ksym' });
  const error = t.throws(() => rig.on('cur/any'), { code: 'HWBP_NO_SLOT' });
  t.regex(error.message, /ENOSPC.*task cur-1 at 0x\w+: 4 of 4 are taken by .*ptrace for task cur-1 at 0x1000\/4/);
  t.regex(error.message, /perf for task cur-1 on CPU 0 at 0x2000\/4/);
  t.regex(error.message, /ksym for CPU 0 at 0x4000\/4; ksym for CPU 0 at 0x5000\/4/);
  t.notRegex(error.message, /bystander/);
});

test('a task that has exited keeps its slots until they are unregistered, and a refusal says so', (t) => {
  const rig = new AccountingRig(t, x86());
  const held = rig.fill('cur/any', 4);
  rig.kernel.machine.exit(rig.cur);
  const error = t.throws(() => rig.on('CPU c0'), { code: 'HWBP_NO_SLOT' });
  t.regex(error.message, /exited, not closed/);
  const [one] = held;
  if (one === undefined) throw new Error('nothing is registered');
  rig.kernel.breakpoints.modify(one, { bp_addr: 0x9000n });
  rig.kernel.breakpoints.enable(one);
  t.is(one.hits, 0);
  t.is(one.state, 'inactive', 'enable and modify succeed, without effect');
  rig.end();
  t.notThrows(() => rig.fill('CPU c0', 4));
});

test("a task's breakpoint on CPU 1 counts nothing while the task runs on CPU 0, and counts after it has migrated", (t) => {
  const rig = new AccountingRig(t, x86());
  const { machine, breakpoints } = rig.kernel;
  machine.exit(rig.cur);
  machine.exit(rig.oth);
  const store = { pc: 0x40_0000n, length: 4, next: 0x40_0000n } as const;
  const task = machine.spawn(
    () => ({
      state: 'ready',
      run: (cpu) =>
        Number(cpu.execute({ ...store, accesses: [{ kind: 'write', address: 0x1000n, size: 4 }] }) !== undefined),
    }),
    { affinity: [0] },
  );
  const watch = breakpoints.registerUser({ ...WRITE, bp_addr: 0x1000n }, () => {}, task, { cpu: 1 });
  machine.run(50);
  t.is(watch.hits, 0);
  machine.setAffinity(task, [1]);
  machine.run(50);
  t.is(watch.hits, 50);
});
