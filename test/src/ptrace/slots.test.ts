import { HW_BREAKPOINT_RW, HW_BREAKPOINT_W } from '@hwbp/core';
import test from './schedulers.js';
import { A, DR6, debuggee, debuggeeIn, dr7, errnoOf, hit, ptraceKernel, refusal, store, TASK_SIZE } from './support.js';

const watch = (at: bigint) => ({ bp_type: HW_BREAKPOINT_RW, bp_addr: at, bp_len: 8 });
const ignore = (): void => {};

test('an address that is written takes a slot: four fill the task, and the kernel has no room on it or on a CPU', (t) => {
  const kernel = ptraceKernel({ cpus: 2 });
  const d = debuggeeIn(kernel);
  const { breakpoints } = kernel;
  for (let slot = 0; slot < 4; slot++) {
    t.is(d.slots, slot);
    d.poke(slot, A + BigInt(8 * slot));
  }
  t.is(
    errnoOf(() => breakpoints.registerUser(watch(A), ignore, d.task)),
    'ENOSPC',
  );
  t.is(
    errnoOf(() => breakpoints.registerUser(watch(A), ignore, d.task, { cpu: 1 })),
    'ENOSPC',
  );
  t.is(
    errnoOf(() => breakpoints.registerCpu(watch(A), ignore, 0)),
    'ENOSPC',
  );
  t.is(
    errnoOf(() => breakpoints.registerCpu(watch(A), ignore, 1)),
    'ENOSPC',
  );
  t.is(
    errnoOf(() => breakpoints.registerWide(watch(A), ignore)),
    'ENOSPC',
  );
  const other = debuggeeIn(kernel);
  t.is(other.tryPoke(0, A), 'ok', 'another task has registers of its own');
  t.is(
    errnoOf(() => breakpoints.registerUser(watch(A), ignore, other.task)),
    'ok',
  );
});

test('two breakpoints of one CPU leave a debugger two address registers; the third is ENOSPC and says who holds them', (t) => {
  const kernel = ptraceKernel({ cpus: 2 });
  for (const at of [A, A + 8n]) kernel.breakpoints.registerCpu(watch(at), ignore, 1, { owner: 'tester' });
  const d = debuggeeIn(kernel);
  d.poke(0, A);
  d.poke(2, A);
  const error = refusal(t, () => d.poke(3, A));
  t.like(error, { code: 'HWBP_NO_SLOT', errno: 'ENOSPC' });
  t.true(error.message.includes('tester'), error.message);
  t.is(d.tryPoke(3, TASK_SIZE), 'ENOSPC', 'the slot comes before the address is looked at');
  t.is(d.tryPoke(7, dr7(3, 'w')), 'ENOSPC', 'so does enabling an empty one');
  t.deepEqual(d.registers, [A, 0n, A, 0n, DR6, 0n]);
  t.is(d.tryPoke(0, A + 8n), 'ok', 'those that it has it can move');
});

test('when the kernel gives a breakpoint back, the debugger has its slot', (t) => {
  const kernel = ptraceKernel();
  const held = [0, 1, 2, 3].map((i) => kernel.breakpoints.registerCpu(watch(A + BigInt(8 * i)), ignore, 0));
  const d = debuggeeIn(kernel);
  t.is(d.tryPoke(0, A), 'ENOSPC');
  kernel.breakpoints.unregister(held[0]);
  t.is(d.tryPoke(0, A), 'ok');
});

test('DR7 = 0 gives no slot back; exec and exit do', (t) => {
  const kernel = ptraceKernel();
  const fill = (): number => {
    const made = [];
    try {
      for (;;) made.push(kernel.breakpoints.registerCpu(watch(A), ignore, 0));
    } catch {
      return made.length;
    } finally {
      for (const breakpoint of made) kernel.breakpoints.unregister(breakpoint);
    }
  };
  const d = debuggeeIn(kernel);
  for (const slot of [0, 1, 2]) d.poke(slot, A);
  d.poke(7, dr7(0, 'w') | dr7(1, 'w'));
  d.poke(7, 0n);
  t.is(fill(), 1);
  kernel.machine.exec(d.task, () => ({ state: 'ready', run: () => 0 }));
  t.is(fill(), 4);
  const other = debuggeeIn(kernel);
  other.poke(0, A);
  other.poke(1, A);
  t.is(fill(), 2);
  kernel.machine.exit(other.task);
  t.is(fill(), 4);
  t.false(kernel.breakpoints.isUsed);
});

test('the kernel’s breakpoints on the task itself count too, on whatever CPU', (t) => {
  const kernel = ptraceKernel({ cpus: 2 });
  const d = debuggeeIn(kernel);
  kernel.breakpoints.registerUser(watch(A), ignore, d.task);
  kernel.breakpoints.registerUser(watch(A + 8n), ignore, d.task, { cpu: 1 });
  t.is(d.tryPoke(0, A), 'ok');
  t.is(d.tryPoke(1, A), 'ok');
  t.is(d.tryPoke(2, A), 'ENOSPC', 'on CPU 1 all four are taken');
});

test('five tasks with four watches each run on two CPUs: every one stops for its own, in its own slots', (t) => {
  const kernel = ptraceKernel({ cpus: 2, quantum: 3 });
  const all = Array.from({ length: 5 }, () => debuggeeIn(kernel));
  all.forEach((d, i) => {
    for (let slot = 0; slot < 4; slot++) d.poke(slot, A + BigInt(64 * i + 8 * slot));
    d.poke(7, dr7(0, 'w') | dr7(1, 'w') | dr7(2, 'w') | dr7(3, 'w'));
  });
  all.forEach((d, i) => {
    const touches = Array.from({ length: 5 * 8 }, (_, word) => store(A + BigInt(8 * word)));
    const first = 8 * i;
    t.deepEqual(
      d.run(...touches),
      [0, 1, 2, 3].map((slot) => hit(4 * (first + slot + 1), 1 << slot)),
      `task ${i}`,
    );
  });
});

test('a slot can change its type while all four are taken: it needs no free one', (t) => {
  const d = debuggee();
  for (let slot = 0; slot < 4; slot++) d.poke(slot, A);
  t.is(d.tryPoke(7, dr7(0, 'x') | dr7(1, 'rw', 8) | dr7(2, 'w', 4) | dr7(3, 'x')), 'ok');
  t.is(d.tryPoke(7, dr7(0, 'w', 2) | dr7(1, 'x') | dr7(2, 'rw') | dr7(3, 'w', 8)), 'ok');
  t.is(d.kernel.breakpoints.registered.filter(({ attr }) => attr.bp_type === HW_BREAKPOINT_W).length, 2);
});
