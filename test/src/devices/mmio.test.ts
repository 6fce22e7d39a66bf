import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { riscv64 } from '@hwbp/arch-riscv64';
import { x86 } from '@hwbp/arch-x86';
import {
  type Access,
  Bus,
  composeKernel,
  type DeviceHost,
  type DeviceLine,
  device,
  type HwBreakpointAttr,
  IO_MAPPINGS,
  type Kernel,
  PhysicalMemory,
  program,
  RingLogger,
} from '@hwbp/core';
import test from 'ava';

/** Physical address of the device under test. */
const PHYSICAL = 0xfe00_0000n;
const KERNEL_TEXT = 0xffff_ffff_8100_0000n;

/** A device that counts how often it is asked: a load takes the next number. */
class Counting {
  readonly seen: string[] = [];
  #next = 0x11;
  address = 0n;

  attach(host: DeviceHost, size = 16, width?: number): void {
    this.address = host.map(PHYSICAL, size, {
      ...(width === undefined ? {} : { width }),
      read: (offset, bytes) => {
        this.seen.push(`read ${offset}/${bytes}`);
        return this.#next++;
      },
      write: (offset, bytes, value) => void this.seen.push(`write ${offset}/${bytes} ${value.toString(16)}`),
    });
  }

  plugin(size?: number, width?: number) {
    return device('counting', (host) => {
      this.attach(host, size, width);
      return {};
    });
  }
}

function thread(kernel: Kernel, ...accesses: readonly Access[]): bigint[] {
  const loaded: bigint[] = [];
  kernel.machine.spawn(
    program(function* () {
      loaded.push(...(yield { pc: KERNEL_TEXT, length: 4, accesses }));
      yield { pc: KERNEL_TEXT + 4n, length: 4 };
    }),
    { mode: 'kernel' },
  );
  kernel.machine.run(1000);
  return loaded;
}

const at = (address: bigint, size = 4): Access => ({ kind: 'read', address, size });

for (const [name, arch] of [
  ['x86', () => x86()],
  ['x86 of 32 bits', () => x86({ bits: 32 })],
  ['power8', () => ppc64({ cpu: 'power8' })],
  ['power8, big endian', () => ppc64({ cpu: 'power8', byteOrder: 'big' })],
  ['arm64', () => arm64()],
  ['riscv64', () => riscv64()],
] as const) {
  test(`${name}: a load of a watched register asks its device once, and is a hit like memory`, (t) => {
    const counting = new Counting();
    using kernel = composeKernel({ arch: arch(), plugins: [counting.plugin()] });
    const hits: string[] = [];
    const attr: HwBreakpointAttr = { bp_type: 3, bp_addr: counting.address + 8n, bp_len: 4 };
    kernel.breakpoints.registerCpu(attr, ({ mode }) => hits.push(mode), 0);
    const loaded = thread(kernel, at(counting.address + 8n));
    t.deepEqual(loaded, [0x11n]);
    t.deepEqual(counting.seen, ['read 8/4']);
    t.deepEqual(hits, ['kernel']);
    thread(kernel, { kind: 'write', address: counting.address + 8n, size: 4, value: 0xabcdn });
    t.deepEqual(counting.seen.slice(1), ['write 8/4 abcd']);
    t.is(hits.length, 2);
  });

  test(`${name}: an instruction with a fault behind its load of a register asks only once it can complete`, (t) => {
    const counting = new Counting();
    using kernel = composeKernel({ arch: arch(), plugins: [counting.plugin()] });
    const { machine } = kernel;
    const task = machine.spawn(
      program([
        { pc: KERNEL_TEXT, length: 4, accesses: [at(counting.address), { kind: 'write', address: 0x1000n, size: 4 }] },
      ]),
      { mode: 'kernel', demandZero: false },
    );
    machine.run(100);
    t.deepEqual(counting.seen, []);
    t.is(task.state, 'dead');
  });
}

test('a device sees accesses of its width, in order; others are put together, and what is nobody’s is ones', (t) => {
  for (const byteOrder of ['little', 'big'] as const) {
    const bus = new Bus(new PhysicalMemory(4096, byteOrder));
    const seen: string[] = [];
    const bytes = (name: string, base: number, width?: number) => ({
      name,
      ...(width === undefined ? {} : { width }),
      read: (offset: number, size: number) => {
        seen.push(`${name} ${offset}/${size}`);
        let value = 0n;
        for (let i = 0; i < size; i++) {
          const shift = BigInt(8 * (byteOrder === 'little' ? i : size - 1 - i));
          value |= BigInt(base + offset + i) << shift;
        }
        return value;
      },
      write: (offset: number, size: number, value: bigint) =>
        void seen.push(`${name} ${offset}/${size}=${value.toString(16)}`),
    });
    bus.map(0xf000_0000n, 4, bytes('one', 0x10, 1));
    bus.map(0xf000_0004n, 8, bytes('two', 0x20));
    const join = (...values: number[]) => {
      const ordered = byteOrder === 'little' ? values.toReversed() : values;
      return ordered.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
    };
    t.is(bus.readDevice(0xf000_0000n, 4), join(0x10, 0x11, 0x12, 0x13));
    t.deepEqual(seen.splice(0), ['one 0/1', 'one 1/1', 'one 2/1', 'one 3/1']);
    t.is(bus.readDevice(0xf000_0002n, 4), join(0x12, 0x13, 0x20, 0x21), 'over a border');
    t.deepEqual(seen.splice(0), ['one 2/1', 'one 3/1', 'two 0/2']);
    t.is(bus.readDevice(0xf000_0005n, 4), join(0x21, 0x22, 0x23, 0x24), 'misaligned, of any width');
    t.deepEqual(seen.splice(0), ['two 1/4']);
    t.is(bus.readDevice(0xf000_000an, 4), join(0x26, 0x27, 0xff, 0xff), 'over its end');
    seen.length = 0;
    bus.writeDevice(0xf000_0003n, 2, join(0xaa, 0xbb));
    t.deepEqual(seen, ['one 3/1=aa', 'two 0/1=bb']);
  }
});

test('ports of two devices in one access are both asked, the lowest first', (t) => {
  const bus = new Bus(new PhysicalMemory(4096, 'big'));
  bus.attach(0x60, 1, { read: () => 0x12n, write() {} });
  bus.attach(0x61, 1, { read: () => 0x34n, write() {} });
  t.is(bus.readPort(0x60, 2), 0x3412n, 'ports are little-endian everywhere');
  t.is(bus.readPort(0xffff, 4), 0xffff_ffffn);
});

test('where a device is there is no memory, and no other device: both are named', (t) => {
  const memory = new PhysicalMemory(4096);
  const bus = new Bus(memory);
  const one = { name: 'one', read: () => 0n, write() {} };
  const back = bus.map(0x2000n, 16, one);
  t.throws(() => bus.map(0x200fn, 1, { ...one, name: 'two' }), {
    message: /addresses 0x2000 to 0x200f have 'one' already; .*'two' elsewhere/,
  });
  t.deepEqual([memory.allocate(), memory.allocate(), memory.allocate()], [0, 1, 3]);
  t.false(memory.has(2));
  t.is(memory.used, 3);
  t.throws(() => bus.map(0x1000n, 16, one), { message: /page frame 1 is memory/ });
  t.throws(() => bus.map(0x1ffen, 2, { ...one, name: 'x' }), { message: /page frame 1 is memory/ });
  t.false(bus.hasAddress(0x1ffen), 'what is refused changes nothing');
  back();
  t.true(memory.has(2));
  t.is(memory.allocate(), 2);
  for (const [first, size] of [
    [-1n, 1],
    [0n, 0],
    [1n << 52n, 1],
    [5, 1],
  ] as const) {
    t.throws(() => bus.map(first as bigint, size, one), { instanceOf: TypeError, message: /physical addresses are/ });
  }
});

test('an access over the border of a page of memory and one of a device reaches both', (t) => {
  const counting = new Counting();
  using kernel = composeKernel({ arch: x86(), plugins: [counting.plugin(4096)] });
  const { kernelMemory } = kernel.machine;
  const frame = Number(PHYSICAL / 4096n);
  kernelMemory.map(KERNEL_TEXT + 0x1_0000n, 4096);
  kernelMemory.map(KERNEL_TEXT + 0x1_1000n, 4096, { frames: [frame] });
  kernelMemory.writeInteger(KERNEL_TEXT + 0x1_0ffcn, 4, 0xaabb_ccddn);
  const loaded = thread(kernel, at(KERNEL_TEXT + 0x1_0ffen, 4), {
    kind: 'write',
    address: KERNEL_TEXT + 0x1_0ffen,
    size: 4,
    value: 0x1122_3344n,
  });
  t.deepEqual(loaded, [0x0011_aabbn]);
  t.deepEqual(counting.seen, ['read 0/2', 'write 0/2 1122']);
  t.is(kernelMemory.readInteger(KERNEL_TEXT + 0x1_0ffcn, 4), 0x3344_ccddn);
});

test('a read-modify-write of a register loads once and stores once', (t) => {
  const counting = new Counting();
  using kernel = composeKernel({ arch: x86(), plugins: [counting.plugin()] });
  const loaded = thread(kernel, { kind: 'readwrite', address: counting.address, size: 4, value: 5n });
  t.deepEqual([loaded, counting.seen], [[0x11n], ['read 0/4', 'write 0/4 5']]);
});

test('a debugger that looks at a register disturbs no device, and user mode does not reach the kernel’s', (t) => {
  const counting = new Counting();
  using kernel = composeKernel({ arch: x86(), plugins: [counting.plugin()] });
  const { kernelMemory } = kernel.machine;
  t.is(kernelMemory.peek(counting.address, 4, { force: true }).length, 0);
  t.throws(() => kernelMemory.read(counting.address, 4, { force: true }), { message: /a device, which has no memory/ });
  const task = kernel.machine.spawn(program([{ pc: 0x40_0000n, length: 4, accesses: [at(counting.address)] }]));
  kernel.machine.run(100);
  t.deepEqual(task.exit, { signal: 'SIGSEGV' });
  t.deepEqual(counting.seen, []);
});

test('a register in a task’s own space is reached by it, and by its child: a fork copies no device', (t) => {
  const counting = new Counting();
  using kernel = composeKernel({ arch: x86(), plugins: [counting.plugin()] });
  const { machine } = kernel;
  const list = [{ pc: 0x40_0000n, length: 4, accesses: [at(0x7000_0000n)] }];
  const task = machine.spawn(program(list), { run: false });
  task.memory.map(0x7000_0000n, 4096, { frames: [Number(PHYSICAL / 4096n)] });
  machine.fork(task, program(list));
  machine.wake(task);
  machine.run(100);
  t.deepEqual(counting.seen, ['read 0/4', 'read 0/4']);
});

test('DMA reaches memory behind every watch, and only memory', (t) => {
  let host: DeviceHost | undefined;
  const kernel = composeKernel({
    arch: x86(),
    plugins: [
      device('disk', (given) => {
        host = given;
        given.map(PHYSICAL, 16, { read: () => 0, write() {} });
        return {};
      }),
    ],
  });
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(program([{ pc: 0x40_0000n, length: 4, accesses: [at(0x5000n)] }]));
  task.memory.map(0x5000n, 4096);
  const hits: unknown[] = [];
  breakpoints.registerUser({ bp_type: 2, bp_addr: 0x5000n, bp_len: 4 }, (hit) => hits.push(hit), task);
  const place = task.memory.translate(0x5000n, true);
  const physical = BigInt((place?.frame ?? 0) * 4096 + (place?.offset ?? 0));
  host?.dma.write(physical, Uint8Array.of(1, 2, 3, 4));
  t.is(task.memory.readInteger(0x5000n, 4), 0x0403_0201n);
  t.deepEqual([...(host?.dma.read(physical, 2) ?? [])], [1, 2]);
  machine.run(10);
  t.deepEqual(hits, []);
  t.throws(() => host?.dma.read(PHYSICAL, 4), { message: /no memory is at the physical address 0xfe000000/ });
  t.throws(() => host?.dma.write(1n << 40n, Uint8Array.of(1)), { message: /EFAULT/ });
  const used = machine.physical.used;
  t.is(host?.dma.allocate() === undefined, false);
  t.is(machine.physical.used, used + 1);
  kernel.dispose();
});

test('a device that throws is told by name, the access reads ones, and the kernel goes on', (t) => {
  const logger = new RingLogger(8);
  let address = 0n;
  const broken = device('broken', (host) => {
    const registers = {
      read: () => {
        throw new RangeError('no such register');
      },
      write: () => {
        throw new RangeError('cannot be written');
      },
    };
    host.ports(0x300, 4, registers);
    address = host.map(PHYSICAL, 4, registers);
    return {};
  });
  using kernel = composeKernel({ arch: x86(), logger, plugins: [broken] });
  const loaded = thread(kernel, { kind: 'read', address: 0x300n, size: 2, space: 'port' }, at(address), {
    kind: 'write',
    address,
    size: 4,
    value: 1n,
  });
  t.deepEqual(loaded, [0xffffn, 0xffff_ffffn]);
  t.deepEqual(
    logger.entries.map(({ message }) => message),
    [
      "device 'broken' threw: RangeError: no such register",
      "device 'broken' threw: RangeError: no such register",
      "device 'broken' threw: RangeError: cannot be written",
    ],
  );
});

test('stop gives back ports, addresses, mappings, timers, memory and lines; a start that fails as well', (t) => {
  const all = device('all', (host) => {
    host.ports(0x300, 4, { read: () => 1, write() {} });
    host.map(PHYSICAL, 4, { read: () => 1, write() {} });
    host.dma.allocate();
    host.every(1000, () => {});
    host.line(5).raise();
    return {};
  });
  const kernel = composeKernel({ arch: x86(), plugins: [all] });
  const { hardware, machine } = kernel;
  t.true(hardware.bus.has(0x300) && hardware.bus.hasAddress(PHYSICAL));
  kernel.dispose();
  t.false(hardware.bus.has(0x300) || hardware.bus.hasAddress(PHYSICAL));
  t.is(machine.physical.used, 0);
  t.false(machine.cpus.some(({ interrupts }) => interrupts.pending));
  t.true(machine.cpus.every(({ alarms }) => alarms.size === 0));
  const failing = device('failing', (host) => {
    host.ports(0x300, 4, { read: () => 1, write() {} });
    throw new Error('no such chip');
  });
  t.throws(() => composeKernel({ arch: x86(), hardware, plugins: [failing] }), { message: /no such chip/ });
  t.false(hardware.bus.has(0x300));
  for (const [registers, message] of [
    [
      { read: 5, write() {} },
      "what 'odd' maps is an object with read(offset, size) and write(offset, size, value), got",
    ],
    [{ read: () => 1, write() {}, width: 3 }, "width of what 'odd' maps is a power of two, 1 to 4096, got 3"],
  ] as const) {
    const odd = device('odd', (host) => {
      host.ports(0x400, 4, registers as never);
      return {};
    });
    const error = t.throws(() => composeKernel({ arch: x86(), hardware, plugins: [odd] }));
    t.true(error.message.includes(message), error.message);
    t.false(hardware.bus.has(0x400));
  }
  t.throws(() => device('none', undefined as never), { instanceOf: TypeError });
  t.throws(() => composeKernel({ arch: x86(), plugins: [device('none', () => undefined as never)] }), {
    message: /a device is an object, such as \{\}, and 'none' returned undefined/,
  });
});

test('two devices of one line: it interrupts until both have let it go', (t) => {
  const served: string[] = [];
  const wires = new Map<string, DeviceLine>();
  const shared = (name: string) =>
    device(name, (host) => {
      const wire = host.line(9);
      wires.set(name, wire);
      host.machine.interrupts.handle(9, {
        name,
        action: () => {
          // A driver that serves one device for each interrupt.
          const [first] = Object.keys(waiting);
          if (first !== name) return;
          served.push(name);
          delete waiting[name];
          wire.lower();
        },
      });
      return {};
    });
  const waiting: Record<string, boolean> = { one: true, two: true };
  using kernel = composeKernel({ arch: x86(), plugins: [shared('one'), shared('two')] });
  wires.get('two')?.raise();
  wires.get('one')?.raise();
  wires.get('one')?.raise();
  kernel.machine.run(10);
  t.deepEqual(served, ['one', 'two']);
  wires.get('one')?.raise();
  wires.get('one')?.lower();
  kernel.machine.run(10);
  t.deepEqual(served, ['one', 'two'], 'nobody has taken it');
});

test('a line that is asserted and nobody handles interrupts once, the log says so once, and again when somebody does', (t) => {
  const logger = new RingLogger();
  let wire: DeviceLine | undefined;
  const bell = device('bell', (host) => {
    wire = host.line(9);
    return {};
  });
  using kernel = composeKernel({ arch: x86(), cpus: 2, plugins: [bell], logger });
  const { machine } = kernel;
  let taken = 0;
  machine.hooks.interrupt.add((_cpu, line) => void (line === 9 && taken++));
  const warnings = (): readonly string[] => logger.entries.map(({ message }) => message);
  wire?.raise();
  machine.run(10);
  machine.run(10);
  t.is(taken, 1);
  const text = 'a device asks for attention on line 9, which nobody handles: it interrupts again when somebody does';
  t.deepEqual(warnings(), [text]);
  const served: number[] = [];
  const late = {
    name: 'late',
    action: (): void => {
      served.push(1);
      wire?.lower();
    },
  };
  const end = machine.interrupts.handle(9, late);
  machine.run(10);
  t.deepEqual(served, [1], 'the one that came late is told');
  end();
  wire?.raise();
  machine.run(10);
  wire?.lower();
  machine.interrupts.handle(9, late);
  machine.run(10);
  t.deepEqual(served, [1], 'what was let go meanwhile interrupts nobody');
  t.deepEqual(warnings(), [text, text], 'once for each time');
  let other: DeviceLine | undefined;
  using second = composeKernel({
    arch: x86(),
    logger,
    plugins: [
      device('polled', (host) => {
        other = host.line(8);
        host.machine.hooks.interrupt.add((_cpu, line) => void (line === 8 && other?.lower()));
        return {};
      }),
    ],
  });
  other?.raise();
  second.machine.run(10);
  t.is(warnings().length, 2, 'a hook handles it');
});

test('addresses of devices in the kernel’s space can be had and given back', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const mappings = kernel.get(IO_MAPPINGS);
  const first = mappings.map(0xfe00_0123n, 4);
  t.is(first % 4096n, 0x123n);
  mappings.unmap(first);
  t.throws(() => mappings.unmap(first), { instanceOf: TypeError });
  t.throws(() => mappings.map(0xfe00_0000n, 2 ** 40), { instanceOf: TypeError, message: /at most/ });
});
