import { DR7_GE, encodeDr7, X86DebugUnit } from '@hwbp/arch-x86';
import {
  AddressSpace,
  type Cpu,
  DRIVERS,
  FILTER_WRITE,
  Hardware,
  type HardwareOptions,
  highHalf,
  lowHalf,
  type MachineInstruction,
  type Program,
  type Trap,
  WatchFilter,
} from '@hwbp/core';
import test from 'ava';
import { DATA, kernelOf, load, store, TEXT, taskOf, watch } from './support.js';

const W4 = 0x4c;
const WRITE = 0x81;

/** A computer without any software. */
function bare(options: Partial<HardwareOptions> = {}): Hardware {
  return new Hardware({ pageSize: 4096, createUnit: () => new X86DebugUnit(), ...options });
}

function unitOf({ unit }: Cpu): X86DebugUnit {
  if (unit instanceof X86DebugUnit) return unit;
  throw new TypeError('no x86 unit');
}

/** Watches stores of 4 bytes with register 0. */
function arm(unit: X86DebugUnit, address: bigint): void {
  unit.setAddress(0, 0, Number(address));
  unit.setControl(encodeDr7(0, W4, WRITE));
}

/** One instruction, and what came through the trap door meanwhile. */
function step(cpu: Cpu, instruction: Partial<MachineInstruction>) {
  const traps: Trap[] = [];
  cpu.traps = { trap: (_, trap) => void traps.push(trap) };
  const loaded = cpu.execute({ pc: TEXT, length: 4, ...instruction });
  return { loaded, traps };
}

test('hardware without a kernel executes instructions: memory, registers, time', (t) => {
  const hardware = bare({ cpus: 2 });
  const [cpu, other] = hardware.cpus;
  if (cpu === undefined || other === undefined) throw new Error('there are two CPUs');
  step(cpu, { accesses: [store(DATA, 4, 7n)], registers: { rax: 1n } });
  const { loaded, traps } = step(other, { accesses: [load()] });
  t.deepEqual(loaded, [7n], 'they share memory');
  t.deepEqual(traps, []);
  t.is(cpu.context.pc, TEXT + 4n);
  t.is(cpu.context.get('rax'), 1n);
  t.is(other.context.get('rax'), 0n, 'each has registers of its own');
  t.deepEqual([cpu.instructions, cpu.clock.now, hardware.retired], [1, 1000, 2]);
});

test('what a CPU cannot finish by itself goes to a plain object: debug exceptions, calls, faults, software traps', (t) => {
  const cpu = bare().cpu(0);
  arm(unitOf(cpu), DATA);
  const hit = step(cpu, { accesses: [store()] });
  t.deepEqual(hit.loaded, [], 'the store completed');
  t.like(hit.traps, [{ kind: 'debug', vector: '#DB', timing: 'after' }]);
  t.is(unitOf(cpu).status & 0xf, 1);
  const call = { number: 39 };
  t.deepEqual(step(cpu, { syscall: call }).traps, [{ kind: 'syscall', call }]);
  t.deepEqual(step(cpu, { trap: 'breakpoint' }).traps, [{ kind: 'software', name: 'breakpoint' }]);
  const strict = new AddressSpace(cpu.bus.memory, { demandZero: false });
  cpu.mmu.load({ user: undefined, kernel: strict, border: 1n << 64n });
  const fault = step(cpu, { accesses: [store(0x5000n)], registers: { rax: 9n } });
  t.is(fault.loaded, undefined);
  t.deepEqual(fault.traps, [{ kind: 'fault', address: 0x5000n, write: true }]);
  t.is(cpu.context.get('rax'), 0n, 'nothing of it happened');
});

test('a CPU without an owner goes on over whatever happens', (t) => {
  const cpu = bare().cpu(0);
  arm(unitOf(cpu), DATA);
  t.deepEqual(cpu.execute({ pc: TEXT, length: 4, accesses: [store()], syscall: 1 }), []);
  t.is(cpu.instructions, 1);
});

test('each idle CPU has a context of its own, in kernel mode, and is back in it when its task is gone', (t) => {
  using kernel = kernelOf({ cpus: 2 });
  const { machine } = kernel;
  const [first, second] = machine.cpus;
  if (first === undefined || second === undefined) throw new Error('there are two CPUs');
  t.not(first.idle, second.idle);
  t.is(first.context, first.idle);
  t.is(first.context.mode, 'kernel');
  machine.aside(first, (cpu) => cpu.execute({ pc: TEXT, length: 4, registers: { rax: 5n } }));
  t.deepEqual([first.idle.get('rax'), second.idle.get('rax')], [5n, 0n]);
  const task = taskOf(kernel, { registers: { rax: 6n } });
  machine.run(1);
  t.is(first.context, task.context);
  t.is(first.idle.get('rax'), 5n);
  machine.run();
  t.is(first.context, first.idle);
  t.is(machine.current(first), undefined);
});

test('code of the kernel on an idle CPU hits the CPU’s breakpoint: the hit has no task', (t) => {
  using kernel = kernelOf({ cpus: 2 });
  const { machine, breakpoints } = kernel;
  const seen: unknown[] = [];
  const breakpoint = breakpoints.registerCpu(
    watch(),
    ({ task, mode, pc, ip, count, cpu }) => seen.push([task, mode, pc, ip, count, cpu.index]),
    1,
  );
  const stores = { pc: TEXT, length: 4, accesses: [store(DATA, 4, 3n)] };
  t.deepEqual(
    machine.aside(machine.cpu(1), (cpu) => cpu.execute(stores)),
    [],
  );
  t.deepEqual(seen, [[undefined, 'kernel', TEXT, TEXT + 4n, 1, 1]]);
  t.is(breakpoint.hits, 1);
  t.is(machine.kernelMemory.readInteger(DATA, 4), 3n);
  machine.aside(machine.cpu(0), (cpu) => cpu.execute(stores));
  t.is(breakpoint.hits, 1, 'another CPU');
});

test('code aside leaves the task that was running as it was, even from its own hit', (t) => {
  using kernel = kernelOf();
  const { machine, breakpoints } = kernel;
  const tasks: unknown[] = [];
  const task = taskOf(kernel, { registers: { rax: 1n } }, { accesses: [store()] }, {});
  const inKernel = { pc: 0xffff_ffff_8100_0000n, length: 4, registers: { rax: 9n }, accesses: [store(DATA + 8n)] };
  breakpoints.registerUser(
    watch(),
    (hit) => {
      machine.aside(hit.cpu, (cpu) => cpu.execute(inKernel));
      tasks.push(hit.task, hit.pc, machine.current(hit.cpu));
    },
    task,
  );
  breakpoints.registerCpu(watch(DATA + 8n), (hit) => tasks.push(hit.task), 0);
  machine.run(2);
  t.deepEqual(tasks, [undefined, task, TEXT + 4n, task]);
  t.is(task.context.get('rax'), 1n);
  t.is(task.context.pc, TEXT + 8n);
  t.is(task.memory.readInteger(DATA + 8n, 4), 0n, 'it reached the kernel’s memory');
  t.is(machine.count, 3);
  machine.run();
  t.deepEqual(task.exit, { code: 0 });
});

test('code aside counts nothing of the program that was interrupted, which keeps its own count', (t) => {
  using kernel = kernelOf();
  const { machine, breakpoints } = kernel;
  const [hi, lo] = [highHalf(DATA), lowHalf(DATA)];
  let left = 5;
  // A program with a loop of its own, which says itself how many instructions have retired.
  const ownLoop: Program = {
    get state() {
      return left > 0 ? ('ready' as const) : ('done' as const);
    },
    run(cpu, budget) {
      let retired = 0;
      while (retired < budget && left > 0) {
        cpu.begin(0, 0x400, { accesses: [store(DATA, 4, BigInt(left))] });
        if (cpu.unit.filter.test(FILTER_WRITE, lo, 4)) cpu.checkAccess(FILTER_WRITE, hi, lo, 4);
        left--;
        cpu.account(++retired);
        cpu.retire(0, 0x404);
      }
      return retired;
    },
  };
  machine.spawn(() => ownLoop);
  const counts: number[] = [];
  breakpoints.registerCpu(
    watch(),
    ({ cpu, count }) => {
      machine.aside(cpu, () => cpu.execute({ pc: TEXT, length: 4, accesses: [load(0x9000n)] }));
      counts.push(count);
      t.is(cpu.decode().accesses?.[0]?.address, DATA, 'what it decodes is the instruction that hit');
    },
    0,
  );
  t.is(machine.run().instructions, 5);
  t.deepEqual(counts, [1, 3, 5, 7, 9]);
  t.is(machine.count, 10);
});

test('nothing comes aside of an instruction behind a debug shadow: its hit would be lost', (t) => {
  using kernel = kernelOf();
  const { machine, breakpoints } = kernel;
  const task = taskOf(kernel, { accesses: [store()], shadow: true }, {}, {});
  const breakpoint = breakpoints.registerUser(watch(), () => {}, task);
  machine.run(1);
  t.throws(() => machine.aside(machine.cpu(0), () => {}), { code: 'CPU_SUSPENDED', message: /EBUSY.*shadow/ });
  machine.run(1);
  t.is(breakpoint.hits, 1);
  machine.aside(machine.cpu(0), () => {});
});

test('a unit that is lent while the registers are muted, and taken back, has what it had and what came meanwhile', (t) => {
  using kernel = kernelOf();
  const { machine, breakpoints } = kernel;
  const cpu = machine.cpu(0);
  const task = taskOf(kernel, { accesses: [store(DATA), store(DATA + 8n)] });
  const early = breakpoints.registerCpu(watch(), () => {}, 0);
  const [driver] = kernel.get(DRIVERS);
  const mine = cpu.unit;
  const unmute = driver?.mute();
  // A guest has the CPU, with a unit and a trap door of its own.
  const guests = new X86DebugUnit();
  const { traps } = cpu;
  cpu.unit = guests;
  arm(guests, DATA);
  const late = breakpoints.registerCpu(watch(DATA + 8n), () => {}, 0);
  const { traps: seen } = machine.aside(cpu, () => step(cpu, { accesses: [store()] }));
  t.like(seen, [{ kind: 'debug' }]);
  t.is(guests.control, (encodeDr7(0, W4, WRITE) | 0x400) >>> 0, 'the kernel wrote nothing to it');
  t.deepEqual(mine.filter.ranges, []);
  cpu.traps = traps;
  cpu.unit = mine;
  unmute?.();
  t.deepEqual(
    mine.filter.ranges.map(({ address }) => address),
    [DATA, DATA + 8n],
  );
  machine.run();
  t.deepEqual([early.hits, late.hits], [1, 1]);
  t.false(task.alive);
});

test('two units in one filter arm under numbers of their own', (t) => {
  const filter = new WatchFilter();
  const [one, other] = [new X86DebugUnit({}, filter), new X86DebugUnit({}, filter)];
  arm(one, 0x1000n);
  arm(other, 0x2000n);
  const addresses = (): bigint[] => filter.ranges.map(({ address }) => address);
  t.deepEqual(addresses(), [0x1000n, 0x2000n]);
  other.reset();
  t.deepEqual(addresses(), [0x1000n]);
  t.true(filter.test(FILTER_WRITE, 0x1000, 4));
  arm(other, 0x2000n);
  one.setControl(DR7_GE);
  t.deepEqual(addresses(), [0x2000n]);
  other.setControl(0);
  t.true(filter.table.every((count) => count === 0));
  // Software breakpoints stand in the same filter.
  const hardware = bare({ createUnit: () => one });
  hardware.planted.plant(TEXT);
  arm(one, 0x1000n);
  t.is(filter.ranges.length, 2);
  one.reset();
  t.deepEqual(step(hardware.cpu(0), {}).traps, [{ kind: 'software', name: 'breakpoint' }]);
  hardware.planted.lift(TEXT);
  t.deepEqual(step(hardware.cpu(0), {}).traps, []);
});
