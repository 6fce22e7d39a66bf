import { X86DebugUnit } from '@hwbp/arch-x86';
import { DRIVERS, directScheduler, type Hit, type Kernel, type KernelOptions, perfEvents, program } from '@hwbp/core';
import test from 'ava';
import { DATA, kernelOf, lines, store, watch } from './support.js';

/** L0, G0 to L3, G3. */
const ENABLES = 0xff;
const KERNEL_TEXT = 0xffff_ffff_8100_0000n;

/** Notes what is written to DR7. */
class SpyUnit extends X86DebugUnit {
  readonly written: number[] = [];

  override setControl(value: number): void {
    this.written.push(value);
    super.setControl(value);
  }

  /** How often something was armed since this was last asked. */
  takeArmings(): number {
    return this.written.splice(0).filter((value) => (value & ENABLES) !== 0).length;
  }
}

/** A kernel and the spying units of its CPUs. */
function spied(options: Partial<KernelOptions> = {}): { readonly kernel: Kernel; readonly units: readonly SpyUnit[] } {
  const units: SpyUnit[] = [];
  const createUnit = (): SpyUnit => {
    const unit = new SpyUnit();
    units.push(unit);
    return unit;
  };
  return { kernel: kernelOf({ createUnit, ...options }), units };
}

const armed = (units: readonly SpyUnit[]): boolean[] => units.map(({ control }) => (control & ENABLES) !== 0);

/** Stores to the watched word for ever. */
const storing = program(function* () {
  for (;;) yield* lines({ accesses: [store()] }, {});
});

const nothing = (): void => {};

const SCHEDULERS = { direct: directScheduler(), events: perfEvents() };

for (const [name, breakpointScheduler] of Object.entries(SCHEDULERS)) {
  test(`a context switch while a debugger is inside leaves the hardware quiet (${name})`, (t) => {
    const { kernel, units } = spied({ breakpointScheduler, tick: 2000, quantum: 3 });
    const { machine, breakpoints } = kernel;
    const watches = [1, 2].map(() => breakpoints.registerUser(watch(), nothing, machine.spawn(storing)));
    machine.run(20);
    t.true(watches.every(({ hits }) => hits > 0));
    breakpoints.debugger.enter('a debugger');
    const hits = watches.map((each) => each.hits);
    for (const unit of units) unit.takeArmings();
    let switches = 0;
    machine.hooks.contextSwitch.add(() => switches++);
    machine.run(20);
    t.true(switches >= 5, `${switches} switches`);
    t.is(units[0]?.takeArmings(), 0, 'nothing was armed, not for a moment');
    t.deepEqual(
      watches.map((each) => each.hits),
      hits,
    );
    breakpoints.debugger.leave();
    t.is(units[0]?.takeArmings(), 1, 'armed once, with what is to be there now');
    machine.run(20);
    t.true(watches.every((each, i) => each.hits > (hits[i] ?? 0)));
  });

  test(`what is installed while a debugger is inside never arms DR7, and is armed at once when it leaves (${name})`, (t) => {
    const { kernel, units } = spied({ breakpointScheduler, cpus: 3, offline: [2] });
    const { machine, breakpoints } = kernel;
    const task = machine.spawn(storing);
    machine.schedule(0);
    const before = breakpoints.registerCpu(watch(DATA + 64n), nothing, 1);
    const slots = breakpoints.debugger;
    slots.enter('a debugger');
    for (const unit of units) unit.takeArmings();
    const reservation = slots.reserve(watch(DATA + 8n), nothing, 0, 'a debugger');
    reservation?.install();
    breakpoints.registerCpu(watch(DATA + 16n), nothing, 0);
    breakpoints.registerUser(watch(), nothing, task);
    breakpoints.registerWide(watch(DATA + 24n), nothing);
    breakpoints.modify(before, { bp_addr: DATA + 72n });
    breakpoints.disable(before);
    breakpoints.enable(before);
    machine.setOnline(2, true);
    machine.schedule(0);
    t.deepEqual(
      units.map((unit) => unit.takeArmings()),
      [0, 0, 0],
    );
    t.deepEqual(armed(units), [false, false, false]);
    slots.leave();
    t.deepEqual(
      units.map((unit) => unit.takeArmings()),
      [1, 1, 1],
      'one write each',
    );
    t.deepEqual(
      breakpoints.occupants(0).map((occupant) => occupant?.address),
      [DATA + 8n, DATA + 16n, DATA, DATA + 24n],
    );
    t.deepEqual(
      machine.cpu(1).unit.filter.ranges.map(({ address }) => address),
      [DATA + 72n, DATA + 24n],
    );
  });

  for (const suspends of [false, true]) {
    const how = suspends ? 'and suspends' : 'and goes on';
    test(`a debugger that enters from the handler of a kernel-mode hit ${how} is not thrown out by the exception's exit (${name})`, (t) => {
      const { kernel, units } = spied({ breakpointScheduler });
      const { machine, breakpoints } = kernel;
      const stores = Array.from({ length: 4 }, () => ({ pc: KERNEL_TEXT, length: 4, accesses: [store()] }));
      machine.spawn(program(stores), { mode: 'kernel' });
      const handler = (hit: Hit): void => {
        breakpoints.debugger.enter('a debugger');
        if (suspends) hit.suspend('look');
      };
      const breakpoint = breakpoints.registerCpu(watch(), handler, 0);
      t.is(machine.run(1).reason, suspends ? 'suspended' : 'budget');
      for (const unit of units) unit.takeArmings();
      machine.run(2);
      t.is(breakpoint.hits, 1);
      t.is(units[0]?.takeArmings(), 0);
      breakpoints.debugger.leave();
      t.deepEqual(armed(units), [true]);
      machine.run();
      t.is(breakpoint.hits, 2);
    });
  }
}

test('a debugger that leaves inside an exception from the kernel arms nothing before that is over', (t) => {
  const { kernel, units } = spied();
  const { machine, breakpoints } = kernel;
  const seen: boolean[] = [];
  machine.spawn(program([{ pc: KERNEL_TEXT, length: 4, accesses: [store()] }]), { mode: 'kernel' });
  breakpoints.registerCpu(
    watch(),
    () => {
      breakpoints.debugger.enter('a debugger');
      breakpoints.debugger.leave();
      seen.push(...armed(units));
    },
    0,
  );
  machine.run();
  t.deepEqual(seen, [false]);
  t.deepEqual(armed(units), [true]);
});

test('a notifier that throws ends the exception: whoever runs the machine hears of it, and no CPU stays muted', (t) => {
  for (const when of ['at once', 'when it goes on'] as const) {
    const { kernel, units } = spied();
    const { machine, breakpoints } = kernel;
    const fails = (): never => {
      throw new RangeError('planted');
    };
    const undo = machine.dieChain.register(
      when === 'at once' ? fails : { notify: () => ({ reason: 'look' }), resume: fails },
      Number.MAX_SAFE_INTEGER,
    );
    const stores = Array.from({ length: 2 }, () => ({ pc: KERNEL_TEXT, length: 4, accesses: [store()] }));
    machine.spawn(program(stores), { mode: 'kernel' });
    const breakpoint = breakpoints.registerCpu(watch(), nothing, 0);
    if (when !== 'at once') t.is(machine.run().reason, 'suspended');
    t.throws(() => machine.run(), { instanceOf: RangeError });
    undo();
    t.deepEqual(armed(units), [true]);
    machine.run();
    t.true(breakpoint.hits > 0, when);
  }
});

test('mutes are counted: whoever lets go last writes the software copy, once', (t) => {
  const { kernel, units } = spied();
  kernel.breakpoints.registerCpu(watch(), nothing, 0);
  const [driver] = kernel.get(DRIVERS);
  const [unit] = units;
  if (driver === undefined || unit === undefined) throw new Error('there is a CPU');
  unit.takeArmings();
  const guest = driver.mute();
  const debuggers = driver.mute();
  guest();
  kernel.breakpoints.registerCpu(watch(DATA + 8n), nothing, 0);
  t.true(driver.muted);
  t.is(unit.takeArmings(), 0);
  debuggers();
  t.false(driver.muted);
  t.is(unit.takeArmings(), 1);
  t.is(unit.filter.ranges.length, 2);
  t.throws(() => driver.unmute(), { message: /nobody mutes/ });
});
