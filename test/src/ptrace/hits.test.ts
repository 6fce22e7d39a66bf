import { HW_BREAKPOINT_RW, HW_BREAKPOINT_X, KernelError, program, SI_CODES } from '@hwbp/core';
import test from './schedulers.js';
import {
  A,
  BS,
  copyOut,
  DR6,
  debuggee,
  debuggeeIn,
  dr7,
  execHit,
  hit,
  icebp,
  kernelCall,
  load,
  modify,
  nop,
  ptraceKernel,
  repStos,
  stepped,
  stop,
  store,
  systemCall,
  TEXT,
} from './support.js';

test('a data hit stops after the instruction: SIGTRAP, TRAP_HWBKPT, si_addr the program counter, DR6 the slot', (t) => {
  for (let slot = 0; slot < 4; slot++) {
    const d = debuggee();
    d.poke(slot, A);
    d.poke(7, dr7(slot, 'w', 8));
    t.deepEqual(d.run(nop, store(A, 8)), [hit(8, 1 << slot)]);
    t.is(d.peek(6), DR6 | BigInt(1 << slot), 'and it stays until the next exception');
  }
});

test('the store has happened when a data hit stops the tracee', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(7, dr7(0, 'w', 8));
  d.queue({ accesses: [{ kind: 'write', address: A, size: 8, value: 0x1234n }] });
  d.tracer.cont(d.task);
  t.like(d.wait(), { code: 'TRAP_HWBKPT', at: 4 });
  t.deepEqual([...d.tracer.peekData(d.task, A, 2)], [0x34, 0x12]);
});

test('a write watch sees stores and no loads; a read/write watch sees both, and an instruction that does both once', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(7, dr7(0, 'w', 4));
  t.deepEqual(d.run(load(A, 4), store(A, 4), modify(A, 4)), [hit(8, 1), hit(12, 1)]);
  d.poke(7, dr7(0, 'rw', 4));
  t.deepEqual(d.run(load(A, 4), store(A, 4), modify(A, 4)), [hit(4, 1), hit(8, 1), hit(12, 1)]);
  t.deepEqual(d.run({ accesses: [] }, nop), []);
});

test('any byte in common is a hit, whatever the alignment of the access; a neighbour is none', (t) => {
  const d = debuggee();
  d.poke(0, A + 4n);
  d.poke(1, A);
  d.poke(2, A + 5n);
  d.poke(3, A + 6n);
  d.poke(7, dr7(0, 'w') | dr7(1, 'w', 2) | dr7(2, 'w') | dr7(3, 'w'));
  t.deepEqual(d.run(store(A + 1n, 4)), [hit(4, 0b0011)], 'bytes 1 to 4');
  t.deepEqual(d.run(store(A + 2n, 2), store(A + 7n, 4), store(A - 4n, 4)), [], 'bytes 2 and 3; behind; before');
});

test('two slots on one access give one stop with both bits', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(1, A);
  d.poke(7, dr7(0, 'w') | dr7(1, 'rw'));
  t.deepEqual(d.run(store(A)), [hit(4, 0b11)]);
  t.deepEqual(d.run(load(A)), [hit(4, 0b10)]);
});

test('a slot that is disabled is never shown, although a register with the same address raised the exception', (t) => {
  const d = debuggee();
  for (const slot of [0, 1, 2]) d.poke(slot, A);
  d.poke(7, dr7(0, 'w') | dr7(1, 'w') | dr7(2, 'w'));
  d.poke(7, dr7(2, 'w') | dr7(0, 'w', 1, 0) | dr7(1, 'w', 1, 0));
  t.deepEqual(d.run(store(A)), [hit(4, 0b100)]);
});

test('bits do not accumulate over exceptions in user mode, and stay through stops that are none of theirs', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(1, A + 8n);
  d.poke(7, dr7(0, 'w') | dr7(1, 'w'));
  t.deepEqual(d.run(store(A), store(A + 8n)), [hit(4, 1), hit(8, 2)]);
  d.queue({ accesses: [{ kind: 'read', address: A, size: 1 }] }, nop);
  d.kernel.machine.sendSignal(d.task, { si_signo: 'SIGUSR1', si_code: SI_CODES.SI_USER });
  d.tracer.cont(d.task);
  t.like(d.wait(), { code: 'SIGUSR1', dr6: 2 });
});

test('DR6 shows the number of the slot that was poked, not of the hardware register that it is in', (t) => {
  const d = debuggee();
  d.poke(3, A);
  d.poke(7, dr7(3, 'w'));
  const [breakpoint] = d.kernel.breakpoints.registered;
  let register: number | undefined;
  const look = kernelCall(() => {
    register = breakpoint?.register;
  });
  t.deepEqual(d.run(store(A), look), [hit(4, 0b1000)]);
  t.is(register, 0);
});

test('an execute breakpoint stops before the instruction, with RF set, so that it goes on', (t) => {
  const d = debuggee();
  d.poke(1, TEXT + 4n);
  d.poke(7, dr7(1, 'x'));
  d.queue(nop, store(A), nop);
  d.task.memory.writeInteger(A, 1, 0n);
  d.tracer.cont(d.task);
  t.deepEqual(d.wait(), execHit(4, 0b10));
  d.tracer.cont(d.task);
  t.like(d.wait(), { code: 'SI_KERNEL', at: 13, rf: false }, 'no second stop, and RF is gone');
});

test('an execute breakpoint compares the first byte only, and a data watch never sees a fetch', (t) => {
  const d = debuggee();
  d.poke(0, TEXT + 5n);
  d.poke(1, TEXT);
  d.poke(7, dr7(0, 'x') | dr7(1, 'rw', 8));
  t.deepEqual(d.run(nop, nop, nop), []);
});

test('clearing RF makes an execute breakpoint fire again; setting it beforehand skips it', (t) => {
  const d = debuggee();
  d.poke(0, TEXT);
  d.poke(7, dr7(0, 'x'));
  d.queue(nop);
  d.tracer.cont(d.task);
  t.deepEqual(d.wait(), execHit(0, 1));
  d.tracer.setRegs(d.task, { eflags: 0x202n });
  d.tracer.cont(d.task);
  t.deepEqual(d.wait(), execHit(0, 1));
  d.tracer.cont(d.task);
  t.like(d.wait(), { code: 'SI_KERNEL' });
  d.tracer.setRegs(d.task, { eflags: 0x10202n });
  t.deepEqual(d.run(nop), []);
});

test('an execute stop, then a single step: the next stop shows BS and no slot', (t) => {
  const d = debuggee();
  d.poke(0, TEXT);
  d.poke(7, dr7(0, 'x'));
  d.queue(nop, nop);
  d.tracer.cont(d.task);
  t.deepEqual(d.wait(), execHit(0, 1));
  d.tracer.singleStep(d.task);
  t.deepEqual(d.wait(), stepped(4));
  t.is(d.peek(6), 0xffff_4ff0n);
});

test('an execute breakpoint whose instruction hits a data watch: two stops, each with its own bit', (t) => {
  const d = debuggee();
  d.poke(0, TEXT);
  d.poke(1, A);
  d.poke(7, dr7(0, 'x') | dr7(1, 'w'));
  t.deepEqual(d.run(store(A)), [execHit(0, 1), hit(4, 2)]);
});

test('a data hit with an execute breakpoint on the next instruction: two stops at one place', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(1, TEXT + 4n);
  d.poke(7, dr7(0, 'w') | dr7(1, 'x'));
  t.deepEqual(d.run(store(A), nop), [hit(4, 1), execHit(4, 2)]);
});

test('a single step stops with TRAP_TRACE and BS; stepping onto an execute breakpoint gives two stops', (t) => {
  const d = debuggee();
  t.deepEqual(d.step(nop, nop), [stepped(4), stepped(8)]);
  d.poke(0, TEXT + 4n);
  d.poke(7, dr7(0, 'x'));
  t.deepEqual(d.step(nop, nop), [stepped(4), execHit(4, 1), stepped(8)]);
});

test('a data hit while stepping is one stop: TRAP_TRACE wins, DR6 has both bits', (t) => {
  const d = debuggee();
  d.poke(2, A);
  d.poke(7, dr7(2, 'w'));
  t.deepEqual(d.step(store(A)), [stepped(4, 0b100)]);
  t.is(d.peek(6), 0xffff_4ff4n);
});

test('REP stops after each iteration, the program counter on it until the last; stepping stops there too', (t) => {
  const d = debuggee();
  d.poke(0, A + 1n);
  d.poke(7, dr7(0, 'w'));
  t.deepEqual(d.run(...repStos(A, 4)), [hit(0, 1)], 'only the iteration that touches the byte');
  d.poke(0, A);
  d.poke(7, dr7(0, 'w', 4));
  t.deepEqual(d.run(...repStos(A, 4)), [hit(0, 1), hit(0, 1), hit(0, 1), hit(2, 1)]);
  t.deepEqual(d.step(...repStos(A + 8n, 3)), [stepped(0), stepped(0), stepped(2)]);
});

test('MOV SS holds the stop back until the instruction after it, which shares it', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(1, A + 8n);
  d.poke(7, dr7(0, 'rw', 2) | dr7(1, 'w', 8));
  t.deepEqual(d.run({ ...load(A, 2), shadow: true }, nop), [hit(8, 1)]);
  t.deepEqual(d.run({ ...load(A, 2), shadow: true }, store(A + 8n, 8)), [hit(8, 0b11)]);
  t.deepEqual(d.step({ ...nop, shadow: true }, nop, nop), [stepped(8), stepped(12)], 'a step likewise');
});

test('stepping over a system call stops with TRAP_BRKPT at its end and leaves DR6 alone', (t) => {
  const d = debuggee();
  d.poke(6, 0x1234n);
  t.deepEqual(d.step(systemCall(), nop), [{ ...stop('TRAP_BRKPT', 2, 0), dr6: Number(0x1234n ^ DR6) }, stepped(6)]);
});

test('ICEBP stops with TRAP_BRKPT behind it, and DR6 as if nothing had been hit', (t) => {
  const d = debuggee();
  d.poke(6, 0xffff_0ff3n);
  t.deepEqual(d.run(nop, icebp), [stop('TRAP_BRKPT', 5, 0)]);
});

test('INT3 stops behind it with SI_KERNEL, no si_addr, and DR6 untouched', (t) => {
  const d = debuggee();
  d.poke(6, 0xffff_0ff3n);
  d.queue(nop);
  d.tracer.cont(d.task);
  t.deepEqual(d.wait(), { code: 'SI_KERNEL', at: 5, dr6: 3, rf: false });
});

test('an execute breakpoint on INT3 stops before it, then INT3 stops behind it', (t) => {
  const d = debuggee();
  d.poke(0, TEXT + 4n);
  d.poke(7, dr7(0, 'x'));
  t.deepEqual(d.run(nop), [execHit(4, 1)]);
});

test('the kernel touches watched memory in a system call: no stop, no bit, then or later', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(7, dr7(0, 'rw', 8));
  t.deepEqual(d.run(systemCall(...copyOut(A, 8)), nop), []);
  t.is(d.peek(6), DR6);
  t.deepEqual(d.step(systemCall(...copyOut(A, 8)), nop), [stop('TRAP_BRKPT', 2, 0), stepped(6)]);
  t.deepEqual(d.run(store(A)), [hit(4, 1)], 'the watch is as it was');
});

test("another task's store to shared memory through the kernel's map stops nobody", (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(7, dr7(0, 'rw', 8));
  const { machine } = d.kernel;
  const place = d.task.memory.translate(A, true);
  const alias = machine.layout.directMap + BigInt((place?.frame ?? 0) * 4096 + (place?.offset ?? 0));
  machine.spawn(program([{ pc: TEXT, length: 4, accesses: [{ kind: 'write', address: alias, size: 8, value: 7n }] }]), {
    mode: 'kernel',
  });
  t.deepEqual(d.run(nop), []);
  t.is(d.task.memory.readInteger(A, 8), 7n);
  d.tracer.pokeData(d.task, A, Uint8Array.of(9));
  t.deepEqual(d.run(nop), [], "and neither does the debugger's own POKEDATA");
  t.is(d.peek(6), DR6);
});

test('an access that faults is no hit, and is one when it restarts after the fault', (t) => {
  const d = debuggee();
  const bad = TEXT - 0x1000n;
  d.task.memory.map(bad, 8, { permissions: { read: true, write: false } });
  d.poke(0, bad);
  d.poke(7, dr7(0, 'rw', 8));
  d.queue(store(bad));
  d.tracer.cont(d.task);
  t.like(d.wait(), { code: 'SIGSEGV', at: 0, dr6: 0 });
  t.deepEqual(d.tracer.getSigInfo(d.task), { si_signo: 'SIGSEGV', si_code: SI_CODES.SEGV_ACCERR, si_addr: bad });
  d.task.memory.map(bad, 8);
  t.deepEqual(d.run(), [hit(4, 1)]);
});

test('a breakpoint of the kernel and a slot on one address: both fire once, DR6 shows only the slot', (t) => {
  for (const order of ['core first', 'ptrace first']) {
    const d = debuggee();
    const hits: bigint[] = [];
    const attr = { bp_type: HW_BREAKPOINT_RW, bp_addr: A, bp_len: 1 };
    const watch = () => d.kernel.breakpoints.registerCpu(attr, ({ ip }) => void hits.push(ip), 0);
    if (order === 'core first') watch();
    d.poke(2, A);
    d.poke(7, dr7(2, 'w'));
    if (order === 'ptrace first') watch();
    t.deepEqual(d.run(store(A)), [hit(4, 0b100)], order);
    t.deepEqual(hits, [TEXT + 4n], order);
    t.deepEqual(d.run(load(A)), [], `${order}: what only the kernel watches stops nobody`);
    t.is(hits.length, 2, order);
    t.is(d.peek(6), DR6, `${order}: but its exception replaced the bits`);
  }
});

test("a kernel's execute breakpoint on the debuggee's text lets it pass; a step that meets its data watch is still a step", (t) => {
  const d = debuggee();
  const hits: string[] = [];
  const { breakpoints } = d.kernel;
  breakpoints.registerCpu({ bp_type: HW_BREAKPOINT_X, bp_addr: TEXT, bp_len: 8 }, () => void hits.push('x'), 0);
  breakpoints.registerCpu({ bp_type: HW_BREAKPOINT_RW, bp_addr: A, bp_len: 8 }, () => void hits.push('rw'), 0);
  t.deepEqual(d.run(nop), []);
  t.deepEqual(hits, ['x']);
  t.deepEqual(d.step(store(A), nop), [stepped(4), stepped(8)]);
  t.deepEqual(hits, ['x', 'x', 'rw']);
});

test('a handler of the kernel that throws takes nothing away from the debugger', (t) => {
  const d = debuggee();
  const attr = { bp_type: HW_BREAKPOINT_RW, bp_addr: A, bp_len: 1 };
  const broken = (): void => {
    throw new KernelError('TEST', 'EIO', 'broken handler');
  };
  d.kernel.breakpoints.registerCpu(attr, broken, 0);
  d.poke(0, A);
  d.poke(7, dr7(0, 'w'));
  t.deepEqual(d.run(store(A), store(A)), [hit(4, 1), hit(8, 1)]);
});

test('the watches follow the task to another CPU, and do not stay on the first', (t) => {
  const kernel = ptraceKernel({ cpus: 2 });
  const d = debuggeeIn(kernel);
  d.poke(0, A);
  d.poke(7, dr7(0, 'w'));
  for (const cpu of [0, 1, 0]) {
    kernel.machine.setAffinity(d.task, [cpu]);
    t.deepEqual(d.run(store(A)), [hit(4, 1)], `CPU ${cpu}`);
    t.is(d.task.cpu, cpu);
    const other = kernel.machine.cpu(1 - cpu);
    t.deepEqual(other.unit.filter.ranges, []);
  }
});

test('two tasks watch one address in their own memory: each stops for its own stores', (t) => {
  const kernel = ptraceKernel();
  const [one, two] = [debuggeeIn(kernel), debuggeeIn(kernel)];
  one.poke(0, A);
  one.poke(7, dr7(0, 'w'));
  two.poke(1, A);
  two.poke(7, dr7(1, 'rw'));
  t.deepEqual(two.run(store(A), load(A)), [hit(4, 2), hit(8, 2)]);
  t.deepEqual(one.run(store(A), load(A)), [hit(4, 1)]);
  t.deepEqual([one.peek(6), two.peek(6)], [DR6 | 1n, DR6 | 2n]);
});

test('BS in DR6 is what the bit of a step is called', (t) => {
  const d = debuggee();
  d.queue(nop);
  d.tracer.singleStep(d.task);
  d.wait();
  t.is(d.peek(6), DR6 | BS);
});
