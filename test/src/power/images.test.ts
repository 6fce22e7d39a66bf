import zlib from 'node:zlib';
import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  EVENT_TYPE,
  EVENTS,
  type Hit,
  type ImageValue,
  type Instruction,
  KernelError,
  type KernelImage,
  type KernelOptions,
  type PortDevice,
  type Program,
  perfEvents,
  program,
  resumeKernel,
  USER_DEBUG_REGISTERS,
} from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
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
  refused({ ...OPTIONS, cpus: 3 }, image, /its cpus is 2, here it is 3; compose the kernel as it was/);
  refused({ ...OPTIONS, strict: true }, image, /its quirks is .* here it is \[\]/);
  refused({ ...OPTIONS, symbols: [{ name: 'a', address: 1n, size: 1 }] }, image, /its symbols is/);
  refused({ ...OPTIONS, arch: x86({ bits: 32 }) }, image, /its arch is/);
  refused({ ...OPTIONS, plugins: [Kgdb] }, image, /its plugins is/);
  refused({ arch: x86(), cpus: 2 }, image, /refers to the function 'onHit'; this composition names: none/);
  // The image is as good as before.
  t.is(resumeKernel(OPTIONS, image).machine.tasks.size, 2);
});

test('what cannot be written down is said by name, and nothing has happened to it', (t) => {
  const device: PortDevice = { read: () => 0n, write() {} };
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
  class Counter implements PortDevice {
    value = 0;
    read = (): bigint => BigInt(this.value);
    write(_port: number, _size: number, value: bigint): void {
      this.value = Number(value);
    }
    save = (): ImageValue => this.value;
    restore(from: Parameters<NonNullable<PortDevice['restore']>>[0]): void {
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
  const endless = (from: Parameters<NonNullable<PortDevice['restore']>>[0]): Program => {
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
