import { type Ppc64Features, ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, program, USER_AREA, type UserArea } from '@hwbp/core';
import { Ptrace } from '@hwbp/ptrace';
import test from 'ava';
import { A, debuggee, errnoOf, kernelCall, load, store, systemCall } from './support.js';

const CPUS = ['power7', 'power8', 'power10'] as const;
const SIZES = [1, 2, 4, 8];

// The kernel's own test (tools/testing/selftests/powerpc/ptrace/ptrace-hwbreak), by its facts.
for (const cpu of CPUS) {
  test(`ptrace-hwbreak on ${cpu}: SET_DEBUGREG stops each access of the kind once, before it; the debugger steps and sets again`, (t) => {
    for (const [flags, kinds] of [
      [6n, [store]],
      [5n, [load]],
      [7n, [store, load]],
    ] as const) {
      const d = debuggee({ features: { cpu } });
      for (const kind of [store, load]) {
        for (const size of SIZES) {
          d.set(A, flags);
          t.deepEqual(
            d.run(kind(A, size)),
            kinds.includes(kind as never) ? [['hwbkpt', 0, 0]] : [],
            `${flags} ${size}`,
          );
        }
      }
    }
  });

  test(`ptrace-hwbreak on ${cpu}: SETHWDEBUG of one byte, DELHWDEBUG after each`, (t) => {
    const d = debuggee({ features: { cpu } });
    for (const [trigger, kinds] of [
      [4, [store]],
      [2, [load]],
      [6, [store, load]],
    ] as const) {
      for (const kind of [store, load]) {
        const handle = d.watch(A, undefined, trigger);
        t.is(handle, 1);
        t.is(d.run(kind(A)).length, kinds.includes(kind as never) ? 1 : 0);
        d.tracer.delHwDebug(d.task, handle);
      }
    }
  });

  test(`ptrace-hwbreak on ${cpu}: aligned ranges; unaligned ones where the registers are wide enough`, (t) => {
    const d = debuggee({ features: { cpu } });
    d.tracer.delHwDebug(d.task, d.watch(A, 6n));
    d.watch(A, 6n);
    t.deepEqual(d.run(store(A + 3n)), [['hwbkpt', 0, 3]]);
    d.tracer.delHwDebug(d.task, 1);
    // From the fifth byte of a doubleword on.
    t.is(
      errnoOf(() => d.watch(A + 4n, 6n)),
      cpu === 'power7' ? 'EINVAL' : 'ok',
    );
    if (cpu === 'power7') return;
    t.deepEqual(d.run(load(A - 2n, 8)), [['hwbkpt', 0, -2]], 'DAR lies outside, before the range');
    d.tracer.delHwDebug(d.task, 1);
    d.watch(A, 512n);
    t.deepEqual(d.run(store(A + 511n)), [['hwbkpt', 0, 511]]);
  });

  test(`${cpu}: memory is unchanged at the stop; going on executes the access and no second stop comes`, (t) => {
    const d = debuggee({ features: { cpu } });
    d.set(A);
    d.queue(store(A, 8), {}, store(A, 8));
    d.tracer.cont(d.task);
    d.tracer.wait(d.task);
    t.is(d.task.memory.readInteger(A, 8), 0n);
    t.like(d.tracer.getRegs(d.task), { nip: 0x1000_0000n, trap: 0x300n, dar: A });
    t.is(d.run().length, 0);
    t.is(d.task.memory.readInteger(A, 8), 0x2an);
    t.is(d.readback, A | 7n, 'it still reads as set');
    d.set(A);
    t.is(d.run(load(A)).length, 1, 'set again, it fires again');
  });
}

test('a store by the kernel stops the task when its system call returns, with the copy done', (t) => {
  const d = debuggee();
  d.set(A);
  t.deepEqual(d.run(systemCall({ kind: 'write', address: A + 2n, size: 4, value: 5n })), [['hwbkpt', 4, 2]]);
  t.is(d.task.memory.readInteger(A + 2n, 4), 5n);
  t.is(d.tracer.getRegs(d.task).trap, 0x700n, 'the trap at the end');
});

test('nobody filters for a debugger: an access beside the range, in its doubleword, stops and spends it', (t) => {
  const d = debuggee();
  d.watch(A, 2n, 4);
  t.deepEqual(d.run(store(A + 7n)), [['hwbkpt', 0, 7]]);
  t.is(d.run(store(A)).length, 0);
});

test('a single step over the access: the stop comes first, the step on the next time', (t) => {
  const d = debuggee();
  d.set(A);
  t.deepEqual(d.step(store(A), {}), [
    ['hwbkpt', 0, 0],
    ['step', 4, Number(0x1000_0004n - A)],
    ['step', 8, Number(0x1000_0008n - A)],
  ]);
});

test('GETHWDBGINFO says what the CPU has', (t) => {
  const info = (features: Ppc64Features) => {
    const d = debuggee({ features });
    const { num_data_bps, features: bits, version, data_bp_alignment } = d.tracer.getHwDebugInfo(d.task);
    return [version, num_data_bps, data_bp_alignment, bits];
  };
  t.deepEqual(info({ cpu: 'power7' }), [1, 1, 8, 0x4n]);
  t.deepEqual(info({ cpu: 'power8' }), [1, 1, 8, 0x14n]);
  t.deepEqual(info({ cpu: 'power9' }), [1, 0, 8, 0x4n]);
  t.deepEqual(info({ cpu: 'power9', dawrEnableDangerous: true }), [1, 1, 8, 0x14n]);
  t.deepEqual(info({ cpu: 'power10' }), [1, 2, 8, 0x34n]);
});

test('refusals of SETHWDEBUG come in Linux’s order, and change nothing', (t) => {
  const d = debuggee({ strict: true });
  const good = {
    version: 1,
    trigger_type: 4,
    addr_mode: 1,
    condition_mode: 0,
    addr: A,
    addr2: A + 8n,
    condition_value: 0n,
  };
  const ask = (change: Partial<typeof good>) => errnoOf(() => d.tracer.setHwDebug(d.task, { ...good, ...change }));
  t.is(ask({ version: 2, trigger_type: 1 }), 'ENOTSUPP');
  t.is(ask({ trigger_type: 1, addr: 1n << 60n }), 'EINVAL');
  t.is(ask({ trigger_type: 0 }), 'EINVAL');
  t.is(ask({ condition_mode: 1, addr: 1n << 60n }), 'EINVAL');
  t.is(ask({ addr: 1n << 60n, addr_mode: 3 }), 'EIO');
  t.is(ask({ addr_mode: 2 }), 'EINVAL');
  t.is(ask({ addr2: A }), 'EINVAL');
  t.is(ask({ addr2: A - 8n }), 'EINVAL');
  t.is(ask({ addr2: A + 1024n }), 'EINVAL');
  t.false(d.kernel.breakpoints.isUsed);
  t.deepEqual([ask({}), ask({}), ask({ addr2: A })], ['ok', 'ok', 'ENOSPC']);
  for (const [handle, errno] of [
    [0, 'EINVAL'],
    [3, 'EINVAL'],
    [-1, 'EINVAL'],
    [0x1_0000_0001n, 'EINVAL'],
    [1, 'ok'],
    [1, 'ENOENT'],
  ] as const) {
    t.is(
      errnoOf(() => d.tracer.delHwDebug(d.task, handle)),
      errno,
      String(handle),
    );
  }
});

test('refusals of SET_DEBUGREG: index, address, translation; and what the hardware refuses', (t) => {
  const d = debuggee();
  const ask = (register: number, value: bigint) => errnoOf(() => d.tracer.setDebugReg(d.task, register, value));
  t.is(ask(1, 0n), 'EINVAL');
  t.is(ask(0, 0x10_0000_0000_0007n), 'EIO');
  t.is(ask(0, A | 3n), 'EIO');
  t.is(ask(0, A | 4n), 'ok', 'no kind of access: nothing to remove');
  t.is(
    errnoOf(() => d.tracer.getDebugReg(d.task, 1)),
    'EINVAL',
  );
  t.false(d.kernel.breakpoints.isUsed);
  const off = debuggee({ features: { cpu: 'power9' } });
  t.is(
    errnoOf(() => off.set(A)),
    'ENODEV',
  );
});

test('both kinds of request share the slots; others who hold the registers are in the way', (t) => {
  const d = debuggee({ features: { cpu: 'power8' } });
  d.set(A);
  t.is(
    errnoOf(() => d.watch(A + 64n)),
    'ENOSPC',
  );
  d.tracer.delHwDebug(d.task, 1);
  const cpuWide = d.kernel.breakpoints.registerCpu({ bp_type: 2, bp_addr: A, bp_len: 1 }, () => {}, 0);
  t.is(
    errnoOf(() => d.set(A)),
    'ENOSPC',
  );
  d.kernel.breakpoints.unregister(cpuWide);
  t.is(
    errnoOf(() => d.watch(A)),
    'ok',
  );
  d.set(A + 128n);
  t.is(d.run(store(A)).length, 0, 'SET_DEBUGREG has moved what SETHWDEBUG made');
  t.is(d.run(store(A + 128n)).length, 1);
});

test('fork and exec leave no breakpoint behind; the parent keeps its own', (t) => {
  const d = debuggee({ strict: true });
  d.set(A);
  const child = d.fork();
  t.is(child.readback, 0n);
  t.is(child.run(store(A)).length, 0);
  t.is(d.run(store(A)).length, 1);
  d.set(A);
  d.exec();
  t.is(d.readback, 0n);
  t.is(d.run(store(A)).length, 0);
  t.false(d.kernel.breakpoints.isUsed);
});

test('another task’s breakpoints do not follow: each task has its own', (t) => {
  const d = debuggee();
  d.set(A);
  const others = d.kernel.machine.spawn(
    program([{ pc: 0x5000_0000n, length: 4, accesses: [{ kind: 'write', address: A, size: 8 }] }]),
  );
  t.is(
    d.run(
      kernelCall(() => {}),
      store(A),
    ).length,
    1,
  );
  d.kernel.machine.run(100);
  t.deepEqual(others.exit, { code: 0 });
});

test('a debugger that moves the program counter calls the completion of an instruction off', (t) => {
  const kernel = composeKernel({ arch: ppc64(), plugins: [Ptrace], strict: true });
  const area = kernel.facet(USER_AREA) as UserArea;
  const task = kernel.machine.spawn(program([]), { run: false });
  kernel.machine.cpu(0).load(task.context);
  const completion = {};
  kernel.machine.cpu(0).completeDisarmed(completion);
  area.setRegister(task, 'nip', task.context.pc);
  t.is(task.context.completion, completion, 'the same place again');
  area.setRegister(task, 'nip', 0x1234n);
  t.is(task.context.completion, undefined);
});

test('the user area: general registers by word, no debug registers, MSR with the step flag, words that cannot be written', (t) => {
  const d = debuggee({ features: { byteOrder: 'big' } });
  const { tracer, task } = d;
  tracer.setRegs(task, { r0: 1n, r31: 31n, link: 0x77n, ccr: 5n, trap: 0xfffn, dar: 9n, softe: 0n });
  const regs = tracer.getRegs(task);
  t.like(regs, { r0: 1n, r31: 31n, link: 0x77n, ccr: 5n, trap: 0xff0n, dar: 0n, softe: 1n });
  t.is(tracer.peekUser(task, 8 * 31), 31n);
  t.is(tracer.peekUser(task, 8 * 32), regs.nip ?? 0n);
  const { msr = 0n } = regs;
  t.is(msr & 0x401n, 0n, 'big endian, not stepping');
  tracer.pokeUser(task, 8 * 33, 0x400n);
  t.is((tracer.getRegs(task).msr ?? 0n) & 0x400n, 0x400n);
  t.is(
    errnoOf(() => tracer.peekUser(task, 648)),
    'EIO',
  );
  t.is(
    errnoOf(() => tracer.peekUser(task, 4)),
    'EIO',
  );
  t.is(
    errnoOf(() => tracer.pokeUser(task, 8 * 45, 1n)),
    'EIO',
  );
  t.is(
    errnoOf(() => tracer.debugOffset(0)),
    'EIO',
  );
});

test('x86 has none of these requests: EIO, and the reason', (t) => {
  const kernel = composeKernel({ arch: x86(), plugins: [Ptrace] });
  const task = kernel.machine.spawn(program([]), { run: false });
  const tracer = kernel.get(Ptrace).tracer();
  tracer.attach(task);
  tracer.wait(task);
  t.is(
    errnoOf(() => tracer.getDebugReg(task, 0)),
    'EIO',
  );
  t.is(
    errnoOf(() => tracer.setDebugReg(task, 0, 0n)),
    'EIO',
  );
  const request = {
    version: 1,
    trigger_type: 4,
    addr_mode: 0,
    condition_mode: 0,
    addr: A,
    addr2: 0n,
    condition_value: 0n,
  };
  for (const ask of [
    () => tracer.getHwDebugInfo(task),
    () => tracer.setHwDebug(task, request),
    () => tracer.delHwDebug(task, 1),
  ]) {
    t.throws(ask, { code: 'PTRACE_NO_REQUEST', message: /hardware debug requests/ });
  }
});
