import { NT_ARM_HW_BREAK, NT_ARM_HW_WATCH } from '@hwbp/arch-arm64';
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, KernelError, NT_PRSTATUS, program } from '@hwbp/core';
import { Ptrace } from '@hwbp/ptrace';
import test from 'ava';
import { A, BCR, debuggee, entriesOf, errnoOf, stateOf, store, wcr } from './support.js';

test('dbg_info is the debug architecture and how many registers there are', (t) => {
  const { tracer, task } = debuggee({ features: { brps: 6, wrps: 4, debugArch: 8 } });
  const info = (type: number): number => new DataView(tracer.getRegSet(task, type, 4).buffer).getUint32(0, true);
  t.is(info(NT_ARM_HW_BREAK), 0x806);
  t.is(info(NT_ARM_HW_WATCH), 0x804);
});

test('lengths: any multiple of 4, cut to 264; between two elements EINVAL, and nothing is written', (t) => {
  const { tracer, task } = debuggee();
  t.is(tracer.getRegSet(task, NT_ARM_HW_WATCH, 0).length, 0);
  t.is(tracer.getRegSet(task, NT_ARM_HW_WATCH, 1000).length, 264);
  const error = t.throws(() => tracer.getRegSet(task, NT_ARM_HW_WATCH, 6), { instanceOf: KernelError });
  t.is(error?.errno, 'EINVAL');
  t.regex(error?.message ?? '', /6 bytes.*0x403.*multiple of 4/);
  t.is(tracer.setRegSet(task, NT_ARM_HW_WATCH, stateOf([[A, wcr(0xff)]])), 24);
  t.is(
    errnoOf(() => tracer.setRegSet(task, NT_ARM_HW_WATCH, new Uint8Array(27))),
    'EINVAL',
  );
  t.deepEqual(entriesOf(tracer.getRegSet(task, NT_ARM_HW_WATCH, 264)), [[A, wcr(0xff)]]);
});

test('a set that there is not is named with those that there are', (t) => {
  const { tracer, task } = debuggee();
  t.throws(() => tracer.getRegSet(task, 0x202, 8), { message: /no register set 0x202: it has 0x1, 0x402, 0x403/ });
});

test('architectures without register sets have none', (t) => {
  using kernel = composeKernel({ arch: x86(), plugins: [Ptrace] });
  const tracer = kernel.get(Ptrace).tracer();
  const task = kernel.machine.spawn(program([{ pc: 0x1000n, length: 1 }]));
  tracer.attach(task);
  tracer.wait(task);
  t.throws(() => tracer.getRegSet(task, NT_PRSTATUS, 8), { message: /no register set 0x1: it has none/ });
});

test('a refused write under strict leaves every entry as it was, and every slot', (t) => {
  const d = debuggee({ strict: true });
  d.watch([A, wcr(0xff)], [A + 0x40n, wcr(0x0f)]);
  const before = d.watches;
  const fifth = Array.from({ length: 5 }, (_, i) => [A + BigInt(8 * i), wcr(0xff)] as const);
  const error = t.throws(() => d.watch(...fifth), { instanceOf: KernelError });
  t.regex(error?.message ?? '', /debug register/);
  t.is(
    errnoOf(() => d.watch([A + 8n, wcr(1)], [A, wcr(0b101)])),
    'EINVAL',
  );
  t.is(
    errnoOf(() => d.watch([A + 8n, wcr(1)], [d.kernel.breakpoints.manifest.taskSize, wcr(0xff)])),
    'EINVAL',
  );
  t.deepEqual(d.watches, before);
  t.is(d.kernel.breakpoints.registered.length, 2);
});

test('a task of 32 bits: words, halfwords, and si_errno that says which register', (t) => {
  const d = debuggee();
  d.task.compat = true;
  t.is(
    errnoOf(() => d.watch([A + 2n, wcr(0b1111)])),
    'EINVAL',
  );
  const other = debuggee();
  other.task.compat = true;
  other.watch([A, wcr(0b11)], [A + 4n, wcr(0b1111)]);
  other.queue(store(A + 4n, 4));
  other.tracer.cont(other.task);
  const stop = other.tracer.wait(other.task);
  t.is(stop?.kind === 'signal' ? stop.info.si_errno : undefined, -3);
  other.watch([0n, 0], [0n, 0]);
  other.break([0x1000_0000n, BCR]);
  other.tracer.cont(other.task);
  const hit = other.tracer.wait(other.task);
  t.is(hit?.kind === 'signal' ? hit.info.si_errno : undefined, 1);
});

test('general registers: pstate shows SS while a step has not executed, and no debugger sets it', (t) => {
  const { tracer, task } = debuggee();
  const bytes = new Uint8Array(34 * 8);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 34; i++) view.setBigUint64(8 * i, BigInt(0x1000 + 4 * i), true);
  view.setBigUint64(33 * 8, 0xf020_0000n, true);
  t.is(tracer.setRegSet(task, NT_PRSTATUS, bytes), 272);
  const { x0, x30, sp, pc, pstate } = tracer.getRegs(task);
  t.deepEqual([x0, x30, sp, pc, pstate], [0x1000n, 0x1078n, 0x107cn, 0x1080n, 0xf000_0000n]);
});

test('PTRACE_GET_DEBUGREG: address and control by turns, of watchpoints first', (t) => {
  for (const strict of [false, true]) {
    const d = debuggee({ strict });
    d.watch([A, wcr(0xff)]);
    d.break([0x1000_0004n, BCR]);
    const registers = [0, 1, 2, 8, 9].map((n) => d.tracer.getDebugReg(d.task, n));
    t.deepEqual(registers, [A, BigInt(wcr(0xff)), 0n, 0x1000_0004n, BigInt(BCR)]);
    t.throws(() => d.tracer.getDebugReg(d.task, 20), { message: /no debug register 20; there are 0 to 19/ });
  }
});
