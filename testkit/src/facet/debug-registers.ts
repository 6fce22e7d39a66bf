import { KernelError, program, type Task, USER_DEBUG_REGISTERS, type UserDebugRegisters } from '@hwbp/core';
import { equal, fail, ok, thrown } from '../assert/index.js';
import type { Lab } from '../lab/lab.js';
import { plain } from '../lab/spot.js';
import { type DebugRegisterUse, type FacetCase, type FacetSubject, facetCase } from './facet-subject.js';
import { Storing, store, storingChild } from './traps.js';

/** What the suite watches, and what it watches later. */
const FIRST = 0x10_0000n;
const SECOND = 0x10_0800n;

/** A debugger of one task at a time. */
class Debugger {
  readonly lab: Lab;
  readonly registers: UserDebugRegisters;
  readonly use: DebugRegisterUse;

  constructor(registers: UserDebugRegisters, lab: Lab, subject: FacetSubject) {
    this.registers = registers;
    this.lab = lab;
    this.use = subject.use;
  }

  watch(task: Task, address: bigint): void {
    for (const [register, value] of this.use.watch(address)) this.registers.write(task, register, value);
  }

  /** The write of a watch that is refused, behind which everything is as it was before that one. */
  refuseWatch(task: Task, address: bigint, what: string): KernelError {
    for (const [register, value] of this.use.watch(address)) {
      const before = this.all(task);
      try {
        this.registers.write(task, register, value);
      } catch (error) {
        ok(error instanceof KernelError, `${what}: refused with a KernelError, got ${String(error)}`);
        equal(this.all(task), before, `${what}: every register reads as before the write that was refused`);
        return error;
      }
    }
    return fail(`${what}: a write is refused`);
  }

  unwatch(task: Task, address: bigint): void {
    for (const [register, value] of this.use.unwatch(address)) this.registers.write(task, register, value);
  }

  /** A task that stores to these addresses, and goes past the hits of this debugger. */
  storing(addresses: readonly bigint[]): Storing {
    const { restarts } = this.use;
    return new Storing(this.lab, addresses, restarts === true ? (task, step) => this.#stepOver(task, step) : undefined);
  }

  #stepOver(task: Task, step: () => void): void {
    const held = this.all(task);
    for (const [register, value] of this.use.unwatch(FIRST)) this.registers.write(task, register, value);
    step();
    for (const [register, value] of held.entries()) {
      if (this.registers.read(task, register) !== value) this.registers.write(task, register, value);
    }
  }

  all(task: Task): readonly bigint[] {
    return Array.from({ length: this.registers.count }, (_, register) => this.registers.read(task, register));
  }

  /** What a task's registers read that nobody has written. */
  get fresh(): readonly bigint[] {
    return this.all(this.lab.task([plain()], { run: false }));
  }

  /** A write that throws, behind which everything is as it was. */
  refuse(task: Task, register: number, value: bigint, what: string): void {
    const before = this.all(task);
    this.lab.unchangedBy(what, () => {
      const error = thrown(() => this.registers.write(task, register, value), what);
      ok(error instanceof KernelError, `${what}: refused with a KernelError, got ${String(error)}`);
    });
    equal(this.all(task), before, `${what}: every register reads as before`);
  }
}

/** `stores`: whether the hardware can watch them. */
function debugging(id: string, run: (debug: Debugger, lab: Lab) => void, stores = true): FacetCase {
  const one = facetCase(`debug-registers-${id}`, USER_DEBUG_REGISTERS, (registers, lab, subject) =>
    run(new Debugger(registers, lab, subject), lab),
  );
  return {
    ...one,
    applies: (subject) => subject.offers(USER_DEBUG_REGISTERS) && subject.manifest.access.includes('w') === stores,
  };
}

/** Debug registers of tasks, as debuggers in user space read and write them. */
export const debugRegisterCases: readonly FacetCase[] = [
  debugging('report-what-was-written', (debug, lab) => {
    const task = lab.task([plain()], { run: false });
    for (const address of [FIRST, SECOND]) {
      const writes = debug.use.watch(address);
      debug.watch(task, address);
      for (const [register, value] of new Map(writes))
        equal(debug.registers.read(task, register), value, `debug register ${register}, read back`);
    }
  }),

  debugging('watch', (debug) => {
    const one = debug.storing([FIRST]);
    one.expect(0, 'before anything is watched');
    debug.watch(one.task, FIRST);
    one.expect(1, 'once it is watched');
    ok(one.traps[0]?.si_signo === 'SIGTRAP', 'a hit is a SIGTRAP');
    if (debug.use.oneShot === true) {
      one.expect(0, 'behind the hit that was the last one');
      debug.watch(one.task, FIRST);
    }
    one.expect(1, 'watched still, or again');
    if (debug.use.oneShot === true) debug.watch(one.task, FIRST);
    debug.unwatch(one.task, FIRST);
    one.expect(0, 'once it is not watched any more');
    debug.watch(one.task, FIRST);
    one.expect(1, 'once it is watched again');
    debug.watch(one.task, SECOND);
    one.expect(0, 'once something else is watched');
  }),

  debugging('are-each-tasks-own', (debug) => {
    const [one, other] = [debug.storing([FIRST]), debug.storing([FIRST, SECOND])];
    const fresh = debug.all(other.task);
    debug.watch(one.task, FIRST);
    equal(debug.all(other.task), fresh, 'registers of another task');
    other.expect(0, 'by a task that nobody debugs');
    debug.watch(other.task, SECOND);
    other.expect(1, 'by a task that is debugged otherwise: of two stores one is watched');
    one.expect(1, 'by the first one');
  }),

  debugging('follow-their-task-to-other-cpus', (debug, lab) => {
    const one = debug.storing([FIRST]);
    for (const cpu of [1, 0]) {
      debug.watch(one.task, FIRST);
      lab.machine.setAffinity(one.task, [cpu]);
      one.expect(1, `on CPU ${cpu}`);
    }
  }),

  debugging('that-there-are-not-are-refused', (debug) => {
    const one = debug.storing([FIRST]);
    debug.watch(one.task, FIRST);
    const { count } = debug.registers;
    for (const register of [-1, count, count + 1, 100, 0.5]) {
      debug.refuse(one.task, register, 0n, `a write to debug register ${register}, of ${count}`);
      const error = thrown(() => debug.registers.read(one.task, register), `a read of debug register ${register}`);
      ok(error instanceof KernelError, `a read of debug register ${register}: refused with a KernelError`);
    }
    one.expect(1, 'behind writes that were refused');
  }),

  debugging('a-refused-write-changes-nothing', (debug) => {
    const one = debug.storing([FIRST]);
    const refused = debug.use.refused?.(FIRST) ?? [];
    debug.watch(one.task, FIRST);
    for (const [register, value] of refused)
      debug.refuse(one.task, register, value, `0x${value.toString(16)} to debug register ${register}`);
    one.expect(1, 'behind writes that were refused');
  }),

  debugging('never-watch-the-kernel', (debug, lab) => {
    const { manifest } = lab;
    const one = debug.storing([FIRST]);
    for (const address of [manifest.kernelStart, manifest.directMap, (1n << BigInt(manifest.wordSize * 8)) - 8n]) {
      const what = `a watch at 0x${address.toString(16)}, which is the kernel's`;
      debug.refuseWatch(one.task, address, what);
      const armed = lab.breakpoints.registered.filter(({ attr }) => attr.disabled !== true);
      equal(armed.length, 0, `${what}: breakpoints that are enabled`);
      debug.registers.tracerGone(one.task);
    }
  }),

  debugging('a-full-machine-refuses', (debug, lab) => {
    const one = debug.storing([FIRST]);
    const { slots } = lab.manifest;
    const held = Array.from({ length: slots.data }, (_, i) => lab.onCpu(1, lab.spot(i).attr));
    const what = 'a watch where another CPU has given all its registers away';
    equal(debug.refuseWatch(one.task, FIRST, what).errno, 'ENOSPC', `${what}: errno`);
    for (const { breakpoint } of held) lab.breakpoints.unregister(breakpoint);
    ok(!lab.breakpoints.isUsed, 'the refusal has left no slot taken');
    debug.watch(one.task, FIRST);
    one.expect(1, 'once there are registers');
  }),

  debugging('children-have-none', (debug, lab) => {
    const one = debug.storing([FIRST]);
    const { fresh } = debug;
    debug.watch(one.task, FIRST);
    for (const thread of [false, true]) {
      const what = thread ? 'a thread' : 'a child';
      const before = lab.breakpoints.registered.length;
      const { child, signals } = storingChild(lab, one.task, FIRST, thread);
      equal(lab.breakpoints.registered.length, before, `breakpoints once there is ${what}`);
      equal(debug.all(child), fresh, `registers of ${what}`);
      lab.machine.run();
      equal([signals, child.alive], [[], false], `signals of ${what} that stores, and whether it still lives`);
    }
    one.expect(1, 'by the parent');
  }),

  debugging('end-with-exec', (debug, lab) => {
    const one = debug.storing([FIRST]);
    const { fresh } = debug;
    debug.watch(one.task, FIRST);
    lab.machine.exec(
      one.task,
      program(function* () {
        for (;;) {
          yield store(lab, FIRST);
          yield plain(1);
          lab.machine.stop('testkit');
          yield plain(2);
        }
      }),
    );
    equal(debug.all(one.task), fresh, 'registers behind exec');
    ok(!lab.breakpoints.isUsed, 'no slot is used behind exec');
    one.expect(0, 'behind exec');
    debug.watch(one.task, FIRST);
    one.expect(1, 'once the new program is watched');
  }),

  debugging('end-with-their-task', (debug, lab) => {
    const one = debug.storing([FIRST]);
    const other = debug.storing([FIRST]);
    debug.watch(one.task, FIRST);
    one.expect(1, 'before it ends');
    debug.watch(one.task, SECOND);
    lab.machine.exit(one.task);
    ok(!lab.breakpoints.isUsed, 'no slot is used once the task has ended');
    equal(lab.breakpoints.registered.length, 0, 'breakpoints once the task has ended');
    debug.watch(other.task, FIRST);
    other.expect(1, 'by another task, which is debugged now');
  }),

  debugging('are-all-kept-or-all-gone-once-nobody-traces', (debug, lab) => {
    const one = debug.storing([FIRST]);
    const { fresh } = debug;
    debug.watch(one.task, FIRST);
    const before = debug.all(one.task);
    debug.registers.tracerGone(one.task);
    const after = debug.all(one.task);
    const kept = lab.breakpoints.isUsed;
    equal(
      after,
      kept ? before : fresh,
      `registers once nobody traces the task, which ${kept ? 'keeps' : 'loses'} its watch`,
    );
    one.expect(kept ? 1 : 0, 'once nobody traces the task');
    debug.watch(one.task, FIRST);
    one.expect(1, 'once it is watched anew');
  }),

  debugging('survive-a-suspend', (debug, lab) => {
    const one = debug.storing([FIRST]);
    debug.watch(one.task, FIRST);
    const before = debug.all(one.task);
    lab.kernel.suspend();
    lab.kernel.resume();
    equal(debug.all(one.task), before, 'registers after a suspend');
    one.expect(1, 'after a suspend');
  }),

  debugging('share-with-others-of-the-kernel', (debug, lab) => {
    if (lab.manifest.slots.data < 2) return;
    const one = debug.storing([FIRST]);
    debug.watch(one.task, FIRST);
    const { attr } = lab.spot(0, 'data');
    const watch = lab.onCpu(0, { ...attr, bp_addr: FIRST });
    one.expect(1, "watched by the task's debugger and by the kernel");
    equal(watch.count, 1, "calls of the kernel's handler");
    lab.breakpoints.unregister(watch.breakpoint);
    if (debug.use.oneShot === true) debug.watch(one.task, FIRST);
    one.expect(1, "once the kernel's is gone");
  }),

  debugging(
    'refuse-what-the-hardware-cannot-watch',
    (debug, lab) => {
      const task = lab.task([plain()], { run: false });
      debug.refuseWatch(task, FIRST, 'a watch where stores cannot be watched');
      ok(!lab.breakpoints.isUsed, 'the refusal has left no slot taken');
    },
    false,
  ),
];
