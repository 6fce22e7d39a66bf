import { x86 } from '@hwbp/arch-x86';
import {
  type Access,
  CONSOLE,
  composeKernel,
  type Instruction,
  type Kernel,
  type Loaded,
  program,
  resumeKernel,
} from '@hwbp/core';
import { SerialLine, UART, type Uart16550Options, uart16550 } from '@hwbp/devices';
import test from 'ava';

const { RBR_THR_DLL: DATA, IER_DLM: IER, IIR_FCR: IIR, LCR, MCR, LSR, MSR, SCR } = UART;
/** Of 8 bits, no parity and one stop bit, at 115,200 baud: nanoseconds. */
const CHARACTER = 86_806;

/** A kernel with a port, whose registers a test reads and writes on the bus; the time passes as it says. */
class Port {
  readonly kernel: Kernel;
  readonly wire = new SerialLine();
  readonly sent: number[] = [];

  constructor(options: Uart16550Options = {}) {
    this.wire.output.add((value) => this.sent.push(value));
    this.kernel = composeKernel({ arch: x86(), plugins: [uart16550({ wire: this.wire, ...options })] });
    this.out(LCR, 3);
  }

  in(register: number): number {
    return Number(this.kernel.hardware.bus.readPort(0x3f8 + register, 1));
  }

  out(register: number, value: number): void {
    this.kernel.hardware.bus.writePort(0x3f8 + register, 1, BigInt(value));
  }

  /** The time of so many characters passes: a task executes meanwhile, an instruction in a microsecond. */
  wait(characters = 1): void {
    const { machine } = this.kernel;
    const plain = { pc: 0x40_0000n, length: 4 };
    if (machine.tasks.size === 0) {
      machine.spawn(
        program(function* () {
          for (;;) yield plain;
        }),
      );
    }
    machine.run(Math.floor((characters * CHARACTER) / 1000));
  }

  /** True while its interrupt output is on. */
  get interrupts(): boolean {
    return this.kernel.machine.cpus.some(({ interrupts }) => interrupts.isRaised(4));
  }
}

test('after a reset the registers read as the datasheet says', (t) => {
  const kernel = composeKernel({ arch: x86(), plugins: [uart16550()] });
  const registers = Array.from({ length: 8 }, (_, register) =>
    Number(kernel.hardware.bus.readPort(0x3f8 + register, 1)),
  );
  t.deepEqual(registers, [0, 0, 1, 0, 0, 0x60, 0xb0, 0]);
  kernel.dispose();
  t.is(kernel.hardware.bus.readPort(0x3f8, 1), 0xffn);
});

test('registers keep the bits that they have; DLAB shows the divisor', (t) => {
  const port = new Port();
  port.out(SCR, 0x5a);
  port.out(IER, 0xff);
  port.out(MCR, 0xff);
  port.out(LSR, 0xff);
  t.deepEqual([port.in(SCR), port.in(IER), port.in(MCR), port.in(LSR)], [0x5a, 0x0f, 0x1f, 0x60]);
  port.out(LCR, 0x83);
  t.deepEqual([port.in(DATA), port.in(IER)], [1, 0]);
  port.out(DATA, 0x34);
  port.out(IER, 0x12);
  t.deepEqual([port.in(DATA), port.in(IER), port.in(LCR)], [0x34, 0x12, 0x83]);
  port.out(LCR, 3);
  t.deepEqual([port.in(IER), port.sent], [0x0f, []]);
});

test('a character takes its time on the wire, and LSR says when there is room', (t) => {
  const port = new Port();
  port.out(DATA, 0x41);
  t.is(port.in(LSR), 0x20, 'it is in the shift register already');
  port.out(DATA, 0x42);
  t.is(port.in(LSR), 0);
  port.out(DATA, 0x43);
  port.wait(1.1);
  t.deepEqual([port.sent, port.in(LSR)], [[0x41], 0x20]);
  port.wait(1.1);
  t.deepEqual([port.sent, port.in(LSR)], [[0x41, 0x43], 0x60], 'who does not ask for room loses what waited');
});

test('with FIFOs sixteen characters wait, and what finds no room is lost', (t) => {
  const port = new Port();
  port.out(IIR, 1);
  for (let value = 0; value < 20; value++) port.out(DATA, value);
  port.wait(22);
  t.deepEqual(
    port.sent,
    Array.from({ length: 17 }, (_, value) => value),
  );
});

test('interrupts come by priority: line status, data, an empty transmitter, the modem', (t) => {
  const port = new Port();
  port.out(IER, 0x0f);
  t.true(port.interrupts);
  port.wire.setModem({ cts: false });
  port.wire.send([1], { parity: true });
  port.wait(1.1);
  const ids: number[] = [];
  for (const register of [LSR, DATA, SCR, MSR]) {
    ids.push(port.in(IIR));
    port.in(register);
  }
  ids.push(port.in(IIR));
  t.deepEqual(ids, [6, 4, 2, 0, 1]);
  port.kernel.machine.run(10);
  t.false(port.interrupts);
});

test('an empty transmitter interrupts once: reading IIR is the answer, and so is a character', (t) => {
  const port = new Port();
  port.out(IER, 2);
  t.deepEqual([port.in(IIR), port.in(IIR)], [2, 1]);
  port.out(DATA, 1);
  t.is(port.in(IIR), 2, 'the character is on its way already');
  port.out(DATA, 2);
  t.is(port.in(IIR), 1);
  port.wait(1.1);
  port.out(IER, 0);
  t.is(port.in(IIR), 1);
  port.out(IER, 2);
  t.is(port.in(IIR), 2);
});

test('the FIFO interrupts at its trigger level, and after four characters’ time without one', (t) => {
  for (const [bits, level] of [
    [0, 1],
    [1, 4],
    [2, 8],
    [3, 14],
  ] as const) {
    const port = new Port();
    port.out(IIR, (bits << 6) | 7);
    port.out(IER, 1);
    port.wire.send(Array.from({ length: level }, (_, value) => value));
    port.wait(level - 1 + 0.5);
    t.is(port.in(IIR), 0xc1, `one less than ${level}`);
    port.wait(1);
    t.is(port.in(IIR), 0xc4);
    for (let value = 0; value < level; value++) t.is(port.in(DATA), value);
    t.is(port.in(IIR), 0xc1);
  }
  const port = new Port();
  port.out(IIR, 0xc1);
  port.out(IER, 1);
  port.wire.send([7, 8]);
  port.wait(5.5);
  t.is(port.in(IIR), 0xc1);
  port.wait(1);
  t.is(port.in(IIR), 0xcc);
  t.is(port.in(DATA), 7);
  t.is(port.in(IIR), 0xc1, 'a read counts anew');
  port.wait(4.2);
  t.is(port.in(IIR), 0xcc);
});

test('overruns: without FIFOs the old character is lost, with them the new one', (t) => {
  const port = new Port();
  port.wire.send([1, 2]);
  port.wait(2.2);
  t.is(port.in(LSR), 0x63);
  t.is(port.in(LSR), 0x61, 'reading it clears the error');
  t.is(port.in(DATA), 2);
  port.out(IIR, 1);
  port.wire.send(Array.from({ length: 17 }, (_, value) => value));
  port.wait(18);
  t.is(port.in(LSR), 0x63);
  for (let value = 0; value < 16; value++) t.is(port.in(DATA), value);
  t.is(port.in(LSR), 0x60);
});

test('errors of characters in the FIFO come with them', (t) => {
  const port = new Port();
  port.out(IIR, 1);
  port.wire.send([1]);
  port.wire.send([2], { framing: true });
  port.wire.send([0x55], { break: true });
  port.wait(3.3);
  t.is(port.in(LSR), 0xe1, 'one is in there');
  t.is(port.in(DATA), 1);
  t.is(port.in(LSR), 0xe9);
  t.deepEqual([port.in(DATA), port.in(LSR)], [2, 0xf1]);
  t.deepEqual([port.in(DATA), port.in(LSR)], [0, 0x60]);
});

test('looped back, it hears itself and sees its own outputs, and nobody else does', (t) => {
  const port = new Port();
  port.out(MCR, 0x10);
  t.is(port.in(MSR), 0x0b, 'the modem’s inputs have gone');
  port.out(MCR, 0x1f);
  t.deepEqual([port.in(MSR), port.in(MSR)], [0xfb, 0xf0]);
  port.out(MCR, 0x1b);
  t.is(port.in(MSR), 0xb4, 'the ring indicator has gone off');
  port.wire.send([9]);
  port.out(DATA, 0x41);
  port.wait(1.1);
  t.deepEqual([port.in(DATA), port.sent], [0x41, []]);
  port.out(LCR, 0x43);
  port.out(DATA, 0x41);
  port.wait(1.1);
  t.is(port.in(LSR) & 0x11, 0x11, 'a break');
});

test('characters have as many bits as LCR says, and changing to or from FIFOs empties them', (t) => {
  const port = new Port();
  port.out(LCR, 0);
  port.wire.send([0xff]);
  port.out(DATA, 0xff);
  port.wait(1.1);
  t.deepEqual([port.in(DATA), port.sent], [0x1f, [0x1f]]);
  port.wire.send([1]);
  port.wait(1.1);
  port.out(IIR, 1);
  t.is(port.in(LSR), 0x60);
  t.is(port.in(IIR), 0xc1);
  port.out(IIR, 0);
  t.is(port.in(IIR), 1);
});

test('the console is at its other end, both ways, and a handler reads what is typed', (t) => {
  const kernel = composeKernel({ arch: x86(), plugins: [uart16550()] });
  const shown: number[] = [];
  kernel.get(CONSOLE).output.add((bytes) => shown.push(...bytes));
  const port = (register: number, more: Partial<Access> = {}): Access => ({
    kind: 'read',
    space: 'port',
    address: BigInt(0x3f8 + register),
    size: 1,
    ...more,
  });
  const { machine, hardware } = kernel;
  hardware.bus.writePort(0x3f8 + LCR, 1, 3n);
  hardware.bus.writePort(0x3f8 + IER, 1, 1n);
  machine.interrupts.handle(4, {
    name: 'echo',
    program: program(function* (): Generator<Instruction, void, Loaded> {
      const pc = 0xffff_ffff_8100_0000n;
      const [value = 0n] = yield { pc, length: 1, accesses: [port(DATA)] };
      yield { pc: pc + 1n, length: 1, accesses: [port(DATA, { kind: 'write', value: value + 1n })] };
    }),
  });
  kernel.get(CONSOLE).type(Uint8Array.of(0x41, 0x42, 0x43));
  machine.run(1000);
  t.deepEqual(shown, [0x42, 0x43, 0x44]);
  kernel.dispose();
});

test('in memory its registers may be 1, 2 or 4 bytes apart', (t) => {
  for (const shift of [0, 1, 2]) {
    let address = 0n;
    const kernel = composeKernel({
      arch: x86(),
      plugins: [uart16550({ physical: 0x1000_0000n, shift, mapped: (at) => (address = at) })],
    });
    t.false(kernel.hardware.bus.has(0x3f8));
    const size = 1 << shift;
    const loaded: bigint[] = [];
    kernel.machine.spawn(
      program(function* () {
        const scratch = address + BigInt(SCR << shift);
        const pc = 0xffff_ffff_8100_0000n;
        yield { pc, length: 4, accesses: [{ kind: 'write', address: scratch, size, value: 0x77n }] };
        loaded.push(...(yield { pc, length: 4, accesses: [{ kind: 'read', address: scratch, size }] }));
      }),
      { mode: 'kernel' },
    );
    kernel.machine.run();
    t.deepEqual(loaded, [0x77n]);
    kernel.dispose();
  }
});

test('an image has all of it, and a kernel that goes on from that has its interrupt', (t) => {
  const wire = new SerialLine();
  const plugins = () => [uart16550({ wire })];
  const first = composeKernel({ arch: x86(), plugins: plugins() });
  const write = (kernel: Kernel, register: number, value: number) =>
    kernel.hardware.bus.writePort(0x3f8 + register, 1, BigInt(value));
  const read = (kernel: Kernel, register: number) => Number(kernel.hardware.bus.readPort(0x3f8 + register, 1));
  write(first, LCR, 0x83);
  write(first, DATA, 0x0c);
  write(first, LCR, 0x03);
  write(first, IIR, 0x41);
  write(first, SCR, 0x99);
  wire.send([5, 6]);
  first.machine.run(1000);
  write(first, IER, 1);
  const image = JSON.parse(JSON.stringify(first.hibernate()));
  const second = resumeKernel({ arch: x86(), plugins: plugins() }, image);
  t.true(second.machine.cpu(0).interrupts.isRaised(4));
  t.deepEqual(
    [read(second, SCR), read(second, IIR), read(second, LSR), read(second, DATA), read(second, DATA)],
    [0x99, 0xcc, 0x61, 5, 6],
  );
  write(second, LCR, 0x83);
  t.is(read(second, DATA), 0x0c);
  first.dispose();
  second.dispose();
});

test('options are checked where they are given', (t) => {
  const wrong = (options: unknown, message: RegExp) =>
    t.throws(() => uart16550(options as never), { instanceOf: TypeError, message });
  wrong({ line: 63 }, /line is a whole number from 0 to 62/);
  wrong({ shift: 3 }, /shift/);
  wrong({ port: 0x3f8 }, /no option 'port'/);
  wrong({ wire: {} }, /wire is a SerialLine/);
  const two = () => composeKernel({ arch: x86(), plugins: [uart16550({ name: 'a' }), uart16550({ name: 'b' })] });
  t.throws(two, { message: /ports 1016 to 1023 have 'a' already; .*'b' elsewhere/ });
});
