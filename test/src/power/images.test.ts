import zlib from 'node:zlib';
import { x86 } from '@hwbp/arch-x86';
import {
  type BusDevice,
  type Consumer,
  composeKernel,
  EVENT_TYPE,
  EVENTS,
  type Hit,
  type ImageValue,
  type Instruction,
  inject,
  injectable,
  KernelError,
  type KernelImage,
  type KernelOptions,
  MACHINE,
  type Machine,
  type PluginManifest,
  type Program,
  perfEvents,
  priorities,
  program,
  resumeKernel,
  SA_NODEFER,
  SA_RESETHAND,
  USER_DEBUG_REGISTERS,
} from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { Kvm } from '@hwbp/kvm';
import test from 'ava';
import fc from 'fast-check';
import { check } from '../property/support/check.js';
import { DATA, nop, store, TEXT, writes } from './support.js';

const onHit = (_hit: Hit): void => {};
const OPTIONS: KernelOptions = { arch: x86(), cpus: 2, code: { onHit } };
const LIST: readonly Instruction[] = Array.from({ length: 40 }, (_, at) => (at % 3 === 0 ? store() : nop(TEXT + 8n)));

/** An image of a kernel with a bit of everything. */
function imageOf(): KernelImage {
  const kernel = composeKernel(OPTIONS);
  const task = kernel.machine.spawn(program(LIST), { comm: 'worker' });
  kernel.machine.spawn(program([...LIST, { pc: TEXT, length: 2, syscall: program(LIST) }]), { affinity: [1] });
  kernel.breakpoints.registerUser(writes(), onHit, task);
  kernel.breakpoints.registerWide(writes(DATA + 64n), onHit);
  kernel.facet(USER_DEBUG_REGISTERS)?.write(task, 0, DATA);
  kernel.machine.run(17);
  return JSON.parse(JSON.stringify(kernel.hibernate())) as KernelImage;
}

/** The same image, with a check that matches. */
function sealed(image: KernelImage): KernelImage {
  const { format, version, composition, state } = image;
  const text = JSON.stringify([format, version, composition, state]);
  return { ...image, check: zlib.crc32(text).toString(16).padStart(8, '0') };
}

test('the check of an image is its CRC-32, and a bit that flips is noticed', (t) => {
  const image = imageOf();
  t.is(sealed(image).check, image.check);
  const text = JSON.stringify(image);
  for (const [from, to] of [
    ['"comm":"worker"', '"comm":"workes"'],
    ['"online":true', '"online":false'],
  ] as const) {
    t.true(text.includes(from));
    const damaged = JSON.parse(text.replace(from, to)) as KernelImage;
    t.throws(() => resumeKernel(OPTIONS, damaged), { code: 'IMAGE_INVALID', message: /damaged/ });
  }
});

test('an image of another version, format or composition is refused, and says what differs', (t) => {
  const image = imageOf();
  const refused = (options: KernelOptions, given: unknown, message: RegExp): void => {
    t.throws(() => resumeKernel(options, given as KernelImage), { code: 'IMAGE_INVALID', message });
  };
  refused(OPTIONS, { ...image, version: 2 }, /of version 2, this is version 1/);
  refused(OPTIONS, { ...image, format: 'core' }, /image\.format has to be "hwbp image", and is "core"/);
  refused(OPTIONS, null, /image has to be an object/);
  refused(OPTIONS, [], /image has to be an object/);
  refused({ ...OPTIONS, cpus: 3 }, image, /composition\.cpus is 2, here it is 3; compose the kernel as it was/);
  refused({ ...OPTIONS, strict: true }, image, /composition\.quirks\.0 is ".*", here it is missing/);
  refused({ ...OPTIONS, symbols: [{ name: 'a', address: 1n, size: 1 }] }, image, /composition\.symbols is/);
  refused({ ...OPTIONS, arch: x86({ bits: 32 }) }, image, /composition\.arch\.\w+(\.\w+)* is/);
  refused({ ...OPTIONS, plugins: [Kgdb] }, image, /composition\.plugins\.\d+ is missing/);
  refused({ ...OPTIONS, quantum: 50 }, image, /composition\.quantum is 100, here it is 50/);
  refused({ ...OPTIONS, arch: x86({ accumulateDr6: true }) }, image, /accumulateDr6 is missing, here it is true/);
  refused({ arch: x86(), cpus: 2 }, image, /refers to the function 'onHit'; this composition names: none/);
  // The image is as good as before.
  t.is(resumeKernel(OPTIONS, image).machine.tasks.size, 2);
});

test('what cannot be written down is said by name, and nothing has happened to it', (t) => {
  const device: BusDevice = { read: () => 0n, write() {} };
  const unwritable: Program = { state: 'ready', run: () => 0 };
  const cases: readonly (readonly [RegExp, (kernel: ReturnType<typeof composeKernel>) => void])[] = [
    [
      /a program is a generator/,
      ({ machine }) =>
        void machine.spawn(
          program(function* () {
            yield nop();
          }),
        ),
    ],
    [
      /task odd-1 executes a program that has no save/,
      ({ machine }) => void machine.spawn(() => unwritable, { comm: 'odd' }),
    ],
    [
      /the handler of kernel's breakpoint at 0x100000 is a function without a name; name it in the option code/,
      ({ breakpoints }) => void breakpoints.registerCpu(writes(), () => {}, 0),
    ],
    [/the device at port 96 has no save and restore/, ({ hardware }) => void hardware.bus.attach(0x60, 4, device)],
    [/software breakpoints are planted/, ({ machine }) => machine.planted.plant(TEXT)],
    [/gdb has claimed a register/, ({ breakpoints }) => void breakpoints.debugger.reserve(writes(), onHit, 1, 'gdb')],
    [/gdb has stopped the machine/, ({ breakpoints }) => breakpoints.debugger.enter('gdb')],
    [/keeps tasks from executing/, ({ machine }) => void machine.addGate({ cpu: () => true, task: () => false })],
    [
      /an alarm beside the tick is set on CPU 1/,
      ({ machine }) => {
        const { alarms } = machine.cpu(1);
        alarms.set(alarms.create({ expired() {} }), 5_000_000);
      },
    ],
    [/task task-1 has work left to do/, ({ machine }) => machine.spawn(program(LIST)).work.push({ perform() {} })],
    [
      /breakpoint at 0x100000 is of task task-1, which has exited: unregister it first/,
      ({ machine, breakpoints }) => {
        const task = machine.spawn(program(LIST));
        breakpoints.registerUser(writes(), onHit, task);
        machine.exit(task);
      },
    ],
    [/task task-1: .*an instruction has the number -8/, ({ machine }) => void machine.spawn(program([nop(-8n)]))],
    [
      /a part keeps state with task task-1/,
      ({ machine }) => void machine.defineTaskState(() => 1).get(machine.spawn(program(LIST))),
    ],
  ];
  for (const [message, happen] of cases) {
    const kernel = composeKernel(OPTIONS);
    happen(kernel);
    const before = kernel.breakpoints.registered.map(({ state, onCpu }) => [state, onCpu]);
    t.throws(() => kernel.hibernate(), { code: 'IMAGE_NOT_WRITABLE', message });
    t.false(kernel.machine.power.suspended);
    t.deepEqual(
      kernel.breakpoints.registered.map(({ state, onCpu }) => [state, onCpu]),
      before,
    );
    t.deepEqual(
      kernel.machine.cpus.map(({ online }) => online),
      [true, true],
    );
  }
  const kernel = composeKernel(OPTIONS);
  kernel.suspend();
  t.throws(() => kernel.hibernate(), { code: 'POWER_SUSPENDED' });
});

test('an event that is open is said to be, and closed it is no obstacle', (t) => {
  const options: KernelOptions = { ...OPTIONS, breakpointScheduler: perfEvents(), strict: true };
  const kernel = composeKernel(options);
  const events = kernel.get(EVENTS);
  const event = events.open({ type: EVENT_TYPE.SOFTWARE, config: 0 }, { task: undefined, cpu: 0 });
  t.throws(() => kernel.hibernate(), { code: 'IMAGE_NOT_WRITABLE', message: /for CPU 0 is open: close it first/ });
  events.close(event);
  const grouped = { ...writes(), exclusive: true };
  const exclusive = kernel.breakpoints.registerCpu(grouped, onHit, 0);
  t.throws(() => kernel.hibernate(), { code: 'IMAGE_NOT_WRITABLE', message: /is exclusive/ });
  kernel.breakpoints.unregister(exclusive);
  kernel.breakpoints.registerCpu({ ...writes(), sample_period: 3, pinned: false }, onHit, 0);
  const fresh = resumeKernel(options, kernel.hibernate());
  t.deepEqual(
    fresh.breakpoints.registered.map(({ attr: { sample_period, pinned }, state, onCpu }) => [
      sample_period,
      pinned,
      state,
      onCpu,
    ]),
    [[3, false, 'active', 0]],
  );
});

/** Devices, and programs of one's own, have a way into an image. */
test('a device and a program of somebody else’s go on from what they have written', (t) => {
  class Counter implements BusDevice {
    value = 0;
    read = (): bigint => BigInt(this.value);
    write(_port: number, _size: number, value: bigint): void {
      this.value = Number(value);
    }
    save = (): ImageValue => this.value;
    restore(from: Parameters<NonNullable<BusDevice['restore']>>[0]): void {
      this.value = from.number(0, 255);
    }
  }
  /** Stores without end, and knows how often. */
  class Endless implements Program {
    readonly state = 'ready';
    #count: number;
    constructor(count: number) {
      this.#count = count;
    }
    run(cpu: Parameters<Program['run']>[0], budget: number): number {
      let ran = 0;
      while (ran < budget && cpu.execute(store(DATA, TEXT)) !== undefined) {
        ran++;
        this.#count++;
        if (cpu.attention) break;
      }
      return ran;
    }
    save = (): ReturnType<NonNullable<Program['save']>> => ({ kind: 'endless', state: this.#count });
  }
  const seen: number[] = [];
  const endless = (from: Parameters<NonNullable<BusDevice['restore']>>[0]): Program => {
    seen.push(from.number());
    return new Endless(from.number());
  };
  const options: KernelOptions = { ...OPTIONS, code: { onHit, endless: endless as never } };
  const kernel = composeKernel(options);
  kernel.hardware.bus.attach(0x60, 1, new Counter());
  kernel.hardware.bus.writePort(0x60, 1, 77n);
  kernel.machine.spawn(() => new Endless(0));
  kernel.machine.run(123);
  const image = kernel.hibernate();
  // A device that is not there is noticed.
  t.throws(() => resumeKernel(options, image), {
    code: 'IMAGE_INVALID',
    message: /devices has to be the state of 0 device/,
  });
  const fresh = composeKernel(options);
  fresh.hardware.bus.attach(0x60, 1, new Counter());
  const again = resumeKernel({ arch: x86(), code: options.code ?? {}, hardware: fresh.hardware }, image);
  t.is(again.hardware.bus.readPort(0x60, 1), 77n);
  t.deepEqual(seen.slice(-1), [123]);
});

/** Changes one value somewhere in an image. */
function mutate(value: ImageValue, pick: () => number, junk: ImageValue): ImageValue {
  if (typeof value !== 'object' || value === null) return junk;
  const entries = Object.entries(value as Record<string, ImageValue>);
  if (entries.length === 0 || pick() % 7 === 0) return junk;
  const at = pick() % entries.length;
  const changed = entries.map(([name, one], index): [string, ImageValue] => [
    name,
    index === at ? mutate(one, pick, junk) : one,
  ]);
  return Array.isArray(value) ? changed.map(([, one]) => one) : Object.fromEntries(changed);
}

test('whatever an image says, it goes on or is refused, and leaves nothing behind', (t) => {
  const image = imageOf();
  const junk = fc.constantFrom<ImageValue>(
    null,
    true,
    -1,
    0,
    1.5,
    2 ** 53,
    'x',
    '0x',
    '0xfffffffffffffffff',
    [],
    {},
    [[[]]],
    3,
    '0x10',
  );
  check(
    t,
    fc.property(fc.array(fc.nat(1000), { minLength: 40, maxLength: 40 }), junk, (picks, value) => {
      let next = 0;
      const pick = (): number => picks[next++ % picks.length] ?? 0;
      const state = mutate(image.state, pick, value);
      try {
        const kernel = resumeKernel(OPTIONS, sealed({ ...image, state }));
        kernel.machine.run(50);
        kernel.dispose();
      } catch (error) {
        if (!(error instanceof KernelError)) throw error;
      }
    }),
    1500,
  );
});

test('what machines execute can be read back: wide accesses, flags and codes of signals', (t) => {
  const options: KernelOptions = { ...OPTIONS, breakpointScheduler: perfEvents() };
  const kernel = composeKernel(options);
  const { machine, breakpoints } = kernel;
  const wide: Instruction = { pc: TEXT, length: 9000, accesses: [{ kind: 'write', address: DATA, size: 9000 }] };
  const task = machine.spawn(program([wide, ...LIST]), { uid: 7 });
  task.handlers.set('SIGUSR1', { sa_handler: 'ignore', sa_flags: SA_RESETHAND | SA_NODEFER });
  task.blocked.add('SIGCHLD');
  machine.sendSignal(task, { si_signo: 'SIGCHLD', si_code: 1, si_pid: 5, si_status: -1 });
  const period = 1n as unknown as number;
  breakpoints.registerUser({ ...writes(), sample_period: period }, onHit, task);
  const fresh = resumeKernel(options, JSON.parse(JSON.stringify(kernel.hibernate())) as KernelImage);
  t.deepEqual(fresh.machine.tasks.get(1)?.pending, task.pending);
  kernel.resume();
  t.deepEqual(fresh.machine.run(), machine.run());
});

test('an image has what wakes, which ids events have had, and who executed what', (t) => {
  const options: KernelOptions = { ...OPTIONS, breakpointScheduler: perfEvents(), strict: true };
  const kernel = composeKernel(options);
  const { machine } = kernel;
  const open = (one: typeof kernel): number => {
    const event = one.get(EVENTS).open({ type: EVENT_TYPE.SOFTWARE, config: 0 }, { task: undefined, cpu: 0 });
    one.get(EVENTS).close(event);
    return event.id;
  };
  t.is(open(kernel), 1);
  machine.power.wakesAt(9);
  machine.spawn(program(LIST));
  machine.run(10);
  const fresh = resumeKernel(options, kernel.hibernate());
  t.is(fresh.hardware.cpu(0).userInstructions, machine.cpu(0).userInstructions);
  t.is(open(fresh), 2);
  fresh.suspend();
  fresh.hardware.cpu(0).interrupts.raise(9);
  t.is(fresh.machine.run(3).instructions, 3);
});

test('debuggers that are attached, and virtual machines, are in no image', (t) => {
  const kernel = composeKernel({ ...OPTIONS, plugins: [Kgdb, Kvm] });
  const session = kernel.get(Kgdb).attach({ send() {} });
  session.run(1);
  t.throws(() => kernel.hibernate(), { code: 'IMAGE_NOT_WRITABLE' });
  session.close();
  kernel.hibernate();
  kernel.resume();
  kernel.get(Kvm).createVm({ name: 'alpha', start: false });
  t.throws(() => kernel.hibernate(), { code: 'IMAGE_NOT_WRITABLE', message: /virtual machine 'alpha'/ });
});

test('hardware that was given keeps its power where an image is refused', (t) => {
  const image = imageOf();
  const { hardware } = composeKernel(OPTIONS);
  t.throws(() => resumeKernel({ arch: x86(), hardware }, image), { code: 'IMAGE_INVALID', message: /onHit/ });
  t.is(composeKernel({ arch: x86(), hardware }).machine.onlineCpus.length, 2);
});

test('a decision that was written down is final, on both machines', (t) => {
  const options: KernelOptions = { ...OPTIONS, slotPolicy: priorities(), strict: true };
  const kernel = composeKernel(options);
  kernel.breakpoints.registerCpu(writes(), onHit, 1, { priority: 3 });
  kernel.breakpoints.registerWide(writes(DATA + 8n), onHit, { priority: 6 });
  const fresh = resumeKernel(options, kernel.hibernate());
  kernel.resume();
  const rows = [kernel, fresh].map(({ machine, breakpoints }) => {
    machine.setOnline(1, false);
    machine.setOnline(1, true);
    return breakpoints.registered.map(({ cpu, priority, state, register }) => [cpu, priority, state, register].join());
  });
  t.deepEqual(rows[0]?.sort(), rows[1]?.sort());
});

test('a kernel that has tasks as soon as it is composed goes on from no image', (t) => {
  @injectable()
  class Init implements Consumer {
    static readonly plugin: PluginManifest = { name: 'init' };
    readonly #machine: Machine;

    constructor(@inject(MACHINE) machine: Machine) {
      this.#machine = machine;
    }

    start(): void {
      this.#machine.spawn(program(LIST), { comm: 'init' });
    }

    stop(): void {}
  }
  const options: KernelOptions = { ...OPTIONS, plugins: [Init] };
  const image = composeKernel(options).hibernate();
  t.throws(() => resumeKernel(options, image), { code: 'IMAGE_NOT_FRESH', message: /before it has any task/ });
});

test('hardware that another kernel has used will do', (t) => {
  const used = composeKernel(OPTIONS);
  used.machine.spawn(program(LIST));
  used.machine.run();
  const next = used.kexec({ arch: x86() });
  const again = resumeKernel({ arch: x86(), code: { onHit }, hardware: next.hardware }, imageOf());
  t.is(again.machine.tasks.size, 2);
  t.true(again.machine.run().instructions > 50);
});
