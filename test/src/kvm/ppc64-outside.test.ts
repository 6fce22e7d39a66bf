import type { Ppc64Breakpoint } from '@hwbp/arch-ppc64';
import { type Ppc64Features, ppc64Backend } from '@hwbp/arch-ppc64';
import { type DebugExit, HW_BREAKPOINT_R, HW_BREAKPOINT_RW, type Instruction, program, type Task } from '@hwbp/core';
import type { VcpuExit } from '@hwbp/kvm';
import test from 'ava';
import {
  at,
  CPUS,
  counted,
  GUEST_DATA,
  KERNEL_TEXT,
  load,
  nop,
  type Ppc64Pair,
  ppc64Pair,
  store,
  writes,
} from './ppc64-support.js';

/* Somebody debugs a partition from outside: it stops at their breakpoints, steps for them, and does not notice. */

const OUTSIDE = GUEST_DATA + 0x100n;

/** A guest of which nobody answers the debug exits, until {@link go} runs it to the next one. */
class Debugged implements Disposable {
  readonly pair: Ppc64Pair;
  readonly #features: Ppc64Features;
  readonly #exits: DebugExit[] = [];

  constructor(features: Ppc64Features) {
    this.#features = features;
    this.pair = ppc64Pair({
      features,
      vm: {
        exit: (exit: VcpuExit) => {
          if (exit.reason !== 'debug') return undefined;
          this.#exits.push(exit);
          this.pair.host.machine.stop('debug');
          return undefined;
        },
      },
    });
  }

  /** The next debug exit; `undefined`: the guest came to its end. */
  go(): DebugExit | undefined {
    this.pair.host.machine.run();
    return this.#exits.shift();
  }

  debug(wanted: {
    step?: boolean;
    software?: boolean;
    watch?: readonly { bp_type: number; bp_addr: bigint; bp_len: number }[];
  }): void {
    const { parse } = ppc64Backend(this.#features);
    const breakpoints = wanted.watch?.map((attr) => parse(attr) as Ppc64Breakpoint);
    this.pair.debug.debug(this.pair.vcpu.cpu, {
      step: wanted.step === true,
      software: wanted.software === true,
      breakpoints,
    });
  }

  free(): void {
    this.pair.debug.debug(this.pair.vcpu.cpu, undefined);
  }

  spawn(...instructions: readonly Instruction[]): Task {
    return this.pair.guest.machine.spawn(program(instructions));
  }

  [Symbol.dispose](): void {
    this.pair[Symbol.dispose]();
  }
}

for (const [name, features] of Object.entries(CPUS)) {
  test(`${name}: the debugger's watch takes the place of the guest's, which is back behind it`, (t) => {
    using d = new Debugged(features);
    const task = d.spawn(
      store(at(0), GUEST_DATA),
      store(at(1), OUTSIDE, 5n),
      store(at(2), GUEST_DATA),
      store(at(3), OUTSIDE),
      store(at(4), GUEST_DATA),
    );
    const own = counted(d.pair.guest, task, GUEST_DATA);
    d.debug({ watch: [writes(OUTSIDE)] });
    const exit = d.go();
    t.like(exit, { cause: 'hardware', pc: at(1), hits: [0], step: false });
    t.is(exit?.registers.dar, OUTSIDE);
    t.is(task.memory.readInteger(OUTSIDE, 8), 0n, 'before the access');
    t.is(own.hits, 0, 'its own was not loaded');
    t.is(d.pair.debug.registers.dar, 0n, 'its DAR is its own');
    t.deepEqual(d.pair.host.machine.cpu(0).unit.filter.ranges, []);
    d.debug({ step: true });
    t.like(d.go(), { step: true, pc: at(2), hits: [] });
    t.is(task.memory.readInteger(OUTSIDE, 8), 5n);
    d.debug({ watch: [writes(OUTSIDE)] });
    t.like(d.go(), { pc: at(3), hits: [0] });
    d.free();
    t.is(d.go(), undefined);
    t.deepEqual(task.exit, { code: 0 });
    t.deepEqual(own.pcs, [at(4)]);
    t.deepEqual(d.pair.log.entries, []);
  });

  test(`${name}: an access beside what the debugger watches, in its doubleword, stops nobody`, (t) => {
    using d = new Debugged(features);
    const task = d.spawn(store(at(0), OUTSIDE, 1n, 4), store(at(1), OUTSIDE + 4n, 2n, 4), load(at(2), OUTSIDE));
    d.debug({ watch: [writes(OUTSIDE + 4n, 4)] });
    t.like(d.go(), { pc: at(1), hits: [0] });
    t.is(task.memory.readInteger(OUTSIDE, 4), 1n);
    d.free();
    t.is(d.go(), undefined);
    t.deepEqual(task.exit, { code: 0 });
  });

  test(`${name}: the guest's kernel changes its watches while they are hidden`, (t) => {
    using d = new Debugged(features);
    const { guest } = d.pair;
    let hits = 0;
    const task = d.spawn(
      store(at(0), GUEST_DATA),
      {
        pc: at(1),
        length: 4,
        syscall: program(function* () {
          yield nop(KERNEL_TEXT);
          guest.breakpoints.registerUser(writes(GUEST_DATA), () => hits++, task);
          yield store(KERNEL_TEXT + 4n, GUEST_DATA);
        }),
      },
      store(at(2), OUTSIDE),
      store(at(3), GUEST_DATA),
    );
    d.debug({ watch: [writes(OUTSIDE)] });
    t.like(d.go(), { pc: at(2), hits: [0] });
    t.is(hits, 0);
    d.free();
    t.is(d.go(), undefined);
    t.is(hits, 1);
  });
}

test('two watches of a debugger on POWER10, and a register that is left free', (t) => {
  using d = new Debugged({ cpu: 'power10' });
  const wide = { bp_type: HW_BREAKPOINT_RW, bp_addr: OUTSIDE, bp_len: 64 };
  d.spawn(load(at(0), OUTSIDE + 8n), load(at(1), GUEST_DATA));
  d.debug({ watch: [{ bp_type: HW_BREAKPOINT_R, bp_addr: GUEST_DATA, bp_len: 8 }, wide] });
  t.like(d.go(), { pc: at(0), hits: [1] });
  d.debug({ watch: [{ bp_type: HW_BREAKPOINT_R, bp_addr: GUEST_DATA, bp_len: 8 }] });
  t.like(d.go(), { pc: at(1), hits: [0] });
});

test('single steps: through a hit of the guest’s own, a system call, a hypercall and a step of the guest’s', (t) => {
  using d = new Debugged({ cpu: 'power8' });
  const signals: unknown[] = [];
  const task = d.spawn(
    store(at(0), GUEST_DATA, 7n),
    {
      pc: at(1),
      length: 4,
      syscall: program([nop(KERNEL_TEXT), { pc: KERNEL_TEXT + 4n, length: 4, hypercall: { number: 0, args: [] } }]),
    },
    nop(at(2)),
    nop(at(3)),
    nop(at(4)),
  );
  const own = counted(d.pair.guest, task, GUEST_DATA);
  task.handlers.set('SIGTRAP', ({ si_addr }) => {
    signals.push(si_addr);
    task.context.singleStep = false;
    return { state: 'done', run: () => 0 };
  });
  d.debug({ step: true });
  t.like(d.go(), { step: true, pc: at(1) });
  t.deepEqual(own.pcs, [at(0)], 'told on the way, once');
  t.is(task.memory.readInteger(GUEST_DATA, 8), 7n);
  t.like(d.go(), { step: true, pc: at(2) }, 'in the kernel, which has yet to begin');
  t.like(d.go(), { step: true, pc: KERNEL_TEXT + 4n });
  t.like(d.go(), { step: true, pc: KERNEL_TEXT + 8n });
  t.like(d.go(), { step: true, pc: at(3) });
  t.false(task.context.singleStep, 'MSR[SE] does not show it');
  task.context.singleStep = true;
  t.like(d.go(), { step: true, pc: at(4) });
  t.deepEqual(signals, []);
  d.go();
  t.deepEqual(signals, [at(4)], 'the guest’s own trace interrupt came afterwards');
});

test('software breakpoints: trap instructions, and planted ones; the guest’s own otherwise', (t) => {
  using d = new Debugged({ cpu: 'power8' });
  const task = d.spawn(nop(at(0)), nop(at(1)), { pc: at(2), length: 4, trap: 'breakpoint' });
  d.pair.vm.hardware.planted.plant(at(1));
  d.debug({ software: true });
  t.like(d.go(), { cause: 'software', pc: at(1) });
  d.pair.vm.hardware.planted.lift(at(1));
  t.like(d.go(), { cause: 'software', pc: at(2) });
  d.free();
  t.is(d.go(), undefined);
  t.deepEqual(task.exit, { signal: 'SIGTRAP' });
});
