import { type Cpu, HW_BREAKPOINT_RW, HW_BREAKPOINT_W, type Program } from '@hwbp/core';
import test from './schedulers.js';
import {
  A,
  copyOut,
  type Debuggee,
  type DebugOptions,
  DR6,
  debuggee,
  dr7,
  execHit,
  hit,
  icebp,
  killedBy,
  load,
  nop,
  stepped,
  stop,
  store,
  systemCall,
  TASK_SIZE,
} from './support.js';

/** A debuggee in a kernel with the virtual DR6 of 2007, with watches of 1 byte in slots 0 and 1. */
function seeded(options: DebugOptions = {}): Debuggee {
  const d = debuggee({ strict: true, features: { accumulateDr6: true }, ...options });
  d.poke(0, A);
  d.poke(1, A + 8n);
  d.poke(7, dr7(0, 'rw') | dr7(1, 'rw'));
  return d;
}

const write = (address: bigint) => ({ kind: 'write' as const, address, size: 1 });

test('a user hit, a kernel hit and another user hit inside one system call leave exactly the two user bits', (t) => {
  for (const kernelFirst of [true, false]) {
    const d = debuggee({ features: { accumulateDr6: true } });
    const kernelHits: number[] = [];
    const watchKernel = (): void => {
      const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: A + 16n, bp_len: 1 };
      d.kernel.breakpoints.registerCpu(attr, ({ breakpoint }) => void kernelHits.push(breakpoint.register), 0);
    };
    if (kernelFirst) watchKernel();
    d.poke(0, A);
    d.poke(1, A + 8n);
    d.poke(7, dr7(0, 'w') | dr7(1, 'w'));
    if (!kernelFirst) watchKernel();
    const call = systemCall(write(A), write(A + 16n), write(A + 8n));
    t.deepEqual(d.run(call, nop), [hit(2, 0b11)], 'one stop, where the system call returns to');
    t.is(d.peek(6), DR6 | 0b11n);
    t.is(kernelHits.length, 1, 'and the kernel had its hit, whatever register it is in');
  }
});

test('in the order user, kernel, user of the hits, each permutation gives the same two bits', (t) => {
  const places = [A, A + 16n, A + 8n];
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ]) {
    const d = seeded();
    const attr = { bp_type: HW_BREAKPOINT_RW, bp_addr: A + 16n, bp_len: 1 };
    d.kernel.breakpoints.registerUser(attr, () => {}, d.task);
    t.deepEqual(d.run(systemCall(...order.map((i) => write(places[i] ?? 0n)))), [hit(2, 0b11)], order.join());
  }
});

test('a hit in the kernel alone stops at the end of the system call, with TRAP_HWBKPT and its bit; the next one is quiet', (t) => {
  const d = seeded();
  t.deepEqual(d.run(nop, systemCall(...copyOut(A - 4n, 8)), nop, systemCall(), nop), [hit(6, 1)]);
});

test('a hit of the kernel alone, in the system call, stops nobody', (t) => {
  const d = seeded();
  let hits = 0;
  d.kernel.breakpoints.registerCpu({ bp_type: HW_BREAKPOINT_W, bp_addr: A + 16n, bp_len: 1 }, () => hits++, 0);
  t.deepEqual(d.run(systemCall(write(A + 16n)), nop, store(A + 16n)), []);
  t.is(hits, 2);
  t.is(d.peek(6), DR6);
});

test('bits are replaced once the debugger was told', (t) => {
  const d = seeded();
  t.deepEqual(d.run(store(A), store(A + 8n), systemCall(write(A)), systemCall(write(A + 8n))), [
    hit(4, 0b01),
    hit(8, 0b10),
    hit(10, 0b01),
    hit(12, 0b10),
  ]);
});

test('what a kernel hit left before the debugger is told adds to the user hit that tells it', (t) => {
  const d = seeded();
  const handlerHits = systemCall(write(A), write(A + 8n));
  t.deepEqual(d.run(handlerHits, store(A)), [hit(2, 0b11), hit(6, 0b01)]);
});

test('writing DR6 clears what accumulated, or puts bits there to which hits are added', (t) => {
  const d = seeded();
  d.run(systemCall(write(A)));
  t.is(d.peek(6), DR6 | 1n);
  d.poke(6, DR6);
  t.is(d.peek(6), DR6);
  t.deepEqual(d.run(store(A + 8n)), [hit(4, 0b10)]);
  d.poke(6, DR6 | 0b1000n);
  t.deepEqual(d.run(store(A)), [hit(4, 0b1001)]);
});

test('bits that the debugger wrote make no signal of a hit that is not its own, not even behind one that is', (t) => {
  const d = seeded();
  d.run(store(A));
  d.poke(6, DR6 | 0b1000n);
  let hits = 0;
  d.kernel.breakpoints.registerCpu({ bp_type: HW_BREAKPOINT_W, bp_addr: A + 16n, bp_len: 1 }, () => hits++, 0);
  t.deepEqual(d.run(store(A + 16n), systemCall(write(A + 16n))), []);
  t.is(hits, 2);
  t.is(d.peek(6), DR6 | 0b1000n);
  t.deepEqual(d.run(icebp), [stop('TRAP_BRKPT', 1, 0)], 'told of at the INT3, they made room');
});

test('a system call that is stepped: one stop, TRAP_BRKPT, with the bits; the next step shows them no more', (t) => {
  const d = seeded();
  t.deepEqual(d.step(systemCall(write(A)), nop), [stop('TRAP_BRKPT', 2, 1), stepped(6)]);
});

test('a step with a user hit, an execute breakpoint, ICEBP: as without the option', (t) => {
  const d = seeded();
  d.poke(2, 0x40_0000n);
  d.poke(7, dr7(0, 'rw') | dr7(2, 'x'));
  t.deepEqual(d.step(store(A)), [execHit(0, 0b100), stepped(4, 1)]);
  t.deepEqual(d.run(nop, icebp), [execHit(0, 0b100), stop('TRAP_BRKPT', 5, 0)]);
});

test('the kernel fills a watched buffer of which only the debugger’s part is reported', (t) => {
  const d = seeded();
  d.poke(0, A);
  d.poke(7, dr7(0, 'w', 8));
  t.deepEqual(d.run(systemCall(...copyOut(A - 8n, 24))), [hit(2, 1)], 'eight hits, one stop');
});

test('a fork inside the system call in which the kernel hit a watch: the child has no stop of it', (t) => {
  for (const strict of [true, false]) {
    const d = seeded({ strict, trace: { traceFork: true } });
    let child: Debuggee | undefined;
    const fork = d.forkCall(false, (made) => (child = made));
    // One system call: the kernel stores, then forks.
    const both = {
      length: 2,
      syscall() {
        const [first, second] = [systemCall(write(A)), fork].map((code) => {
          if (typeof code.syscall !== 'function') throw new Error('both are system calls with a program');
          return code.syscall({ task: d.task, cpu: d.kernel.machine.cpu(0) });
        }) as [Program, Program];
        return {
          get state() {
            return first.state === 'done' ? second.state : first.state;
          },
          run(cpu: Cpu, budget: number) {
            return first.state === 'done' ? second.run(cpu, budget) : first.run(cpu, budget);
          },
        };
      },
    };
    t.deepEqual(
      d.run(both).map(({ code }) => code),
      ['event fork', 'TRAP_HWBKPT'],
    );
    if (child === undefined) return t.fail('nothing was forked');
    t.like(child.wait(), { code: 'SIGSTOP' });
    t.deepEqual(child.run(systemCall(), nop), [], `strict ${strict}`);
  }
});

test('exec inside the system call that hit a watch: no stop for what is gone', (t) => {
  const d = seeded({ trace: { traceExec: true } });
  d.queue(systemCall(write(A)));
  d.tracer.cont(d.task);
  t.deepEqual(d.wait(), hit(2, 1));
  t.deepEqual(
    d.run(d.execCall(), systemCall(), nop).map(({ code }) => code),
    ['event exec'],
  );
  t.is(d.peek(6), DR6);
});

test('kernel addresses stay out of reach, although hits in the kernel count', (t) => {
  const d = seeded();
  t.is(d.tryPoke(2, TASK_SIZE), 'EINVAL');
  t.is(d.tryPoke(2, 0xffff_ffff_8100_0000n), 'EINVAL');
  t.is(d.tryPoke(0, TASK_SIZE), 'EINVAL');
  t.is(d.peek(0), A);
});

test('an untraced task with breakpoints left over (a quirk) is killed by a hit in the kernel too', (t) => {
  const d = seeded({ strict: false });
  d.queue(systemCall(write(A)), nop);
  d.tracer.detach(d.task);
  d.kernel.machine.run(10);
  t.is(killedBy(d.task), 'SIGTRAP');
});

test('without the option, the same: the kernel’s stores count for nothing', (t) => {
  const d = debuggee({ strict: true });
  d.poke(0, A);
  d.poke(1, A + 8n);
  d.poke(7, dr7(0, 'rw') | dr7(1, 'rw'));
  t.deepEqual(d.run(systemCall(write(A), write(A + 8n)), load(A)), [hit(6, 1)]);
});
