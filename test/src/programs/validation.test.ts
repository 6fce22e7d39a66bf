import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type Instruction, program, resumeKernel, ValueError } from '@hwbp/core';
import test from 'ava';

const ONE: Instruction = { pc: 0x1000n, length: 4 };
const access = (fields: object): Instruction =>
  ({ ...ONE, accesses: [{ kind: 'readwrite', address: 0x2000n, size: 8, ...fields }] }) as unknown as Instruction;

const WRONG: Readonly<Record<string, readonly [instruction: unknown, message: string]>> = {
  'no object': [5, 'instruction 1 is an object with its address and length, got 5: write { pc: 0x1000n, length: 4 }'],
  'no pc': [{ length: 4 }, 'instruction 1: pc is a bigint, such as 0x1000n, got undefined'],
  'a number for a bigint': [
    { ...ONE, pc: 4096 },
    'instruction 1: pc is a bigint, such as 0x1000n, got 4096: write 4096n',
  ],
  'a length': [{ ...ONE, length: 0 }, 'instruction 1 at 0x1000: length is a whole number from 1, got 0'],
  'an unknown field': [
    { ...ONE, acesses: [] },
    'instruction 1 at 0x1000: there is no field acesses; there are: pc, length, next, registers, shadow, repeat, reserve, accesses, control, operation, hypercall, trap, irqs, syscall, wait',
  ],
  kind: [
    access({ kind: 'rd' }),
    "instruction 1 at 0x1000: accesses[0].kind is 'read', 'write' or 'readwrite', got 'rd'",
  ],
  size: [access({ size: 1.5 }), 'instruction 1 at 0x1000: accesses[0].size is a whole number from 1, got 1.5'],
  'a value': [
    access({ value: 1 }),
    'instruction 1 at 0x1000: accesses[0].value is a bigint, such as 1n, or of a readwrite of memory a function of the old value, got 1: write 1n',
  ],
  'a function that only stores': [
    access({ kind: 'write', value: () => 1n }),
    "instruction 1 at 0x1000: accesses[0].value is a function: that takes kind 'readwrite', and memory, got 'write' of memory",
  ],
  'a function for a port': [
    access({ space: 'port', value: () => 1n }),
    "instruction 1 at 0x1000: accesses[0].value is a function: that takes kind 'readwrite', and memory, got 'readwrite' of port",
  ],
  'a register': [
    { ...ONE, registers: { rax: 5 } },
    'instruction 1 at 0x1000: registers.rax is a bigint, such as 0x1000n, got 5: write 5n',
  ],
  'an operation': [
    { ...ONE, operation: 'hlt' },
    "instruction 1 at 0x1000: operation is 'halt', 'identify' or 'shutdown', got 'hlt'",
  ],
  'a control register': [
    { ...ONE, control: { name: 'dr7' } },
    'instruction 1 at 0x1000: there is no field control.name; there are: register, value',
  ],
  'a next': [
    { ...ONE, next: 'ret' },
    "instruction 1 at 0x1000: next is an address, such as 0x1000n, or 'loaded', got 'ret'",
  ],
  'a flag': [{ ...ONE, shadow: 1 }, 'instruction 1 at 0x1000: shadow is true or false, got 1'],
};
for (const [title, [instruction, message]] of Object.entries(WRONG)) {
  test(`a wrong instruction is named where it is made: ${title}`, (t) => {
    t.throws(() => program([ONE, instruction as Instruction]), { instanceOf: TypeError, message });
    using kernel = composeKernel({ arch: x86() });
    const yielding = program(function* () {
      yield ONE;
      yield instruction as Instruction;
    });
    const task = kernel.machine.spawn(yielding);
    const other = kernel.machine.spawn(program([ONE]));
    const yielded = message.replace(/^instruction 1/, `task ${task}: an instruction`);
    const thrown = t.throws(() => kernel.machine.run(), { instanceOf: TypeError, message: yielded });
    t.true(thrown.stack?.includes(yielded), 'also where it is printed with its stack');
    t.is(task.instructions, 1, 'what has retired in front of it counts');
    t.is(kernel.machine.count, kernel.machine.cpu(0).instructions);
    t.is(kernel.machine.run().reason, 'idle', 'the kernel goes on');
    t.deepEqual([task.alive, other.alive], [false, false]);
  });
}

test('a function that is a value: a throwing one ends its program, and the instruction has not happened', (t) => {
  const cause = new Error('no');
  for (const [value, message] of [
    [
      () => {
        throw cause;
      },
      'the value of the store to 0x2000: no',
    ],
    [() => 5, 'the value of the store to 0x2000 is what a function returns, and that is a bigint, got number 5'],
  ] as const) {
    using kernel = composeKernel({ arch: x86() });
    const { machine, breakpoints } = kernel;
    const task = machine.spawn(program([ONE, access({ value, into: 'rax' }), ONE]));
    let hits = 0;
    breakpoints.registerUser({ bp_type: 3, bp_addr: 0x2000n, bp_len: 8 }, () => hits++, task);
    task.memory.writeInteger(0x2000n, 8, 7n);
    const error = t.throws(() => machine.run(), { instanceOf: ValueError, message: `task ${task}: ${message}` });
    if (message.endsWith('no')) t.is(error.cause, cause);
    t.deepEqual(
      [hits, task.memory.readInteger(0x2000n, 8), task.context.get('rax'), task.instructions],
      [0, 7n, 0n, 1],
    );
    t.false(machine.cpu(0).unit.pending);
    machine.run();
    t.false(task.alive);
  }
});

test('an image has functions that are values by their names, or refuses', (t) => {
  const double = (old: bigint): bigint => 2n * old;
  const list = [ONE, access({ value: double, into: 'rax', signed: true }), { ...ONE, next: 'loaded' as const }];
  const kernel = composeKernel({ arch: x86(), code: { double } });
  const task = kernel.machine.spawn(program(list));
  task.memory.writeInteger(0x2000n, 8, 21n);
  kernel.machine.run(1);
  const image = JSON.parse(JSON.stringify(kernel.hibernate()));
  using other = resumeKernel({ arch: x86(), code: { double } }, image);
  const [resumed] = [...other.machine.tasks.values()];
  other.machine.run(1);
  t.is(resumed?.memory.readInteger(0x2000n, 8), 42n);
  t.is(resumed?.context.get('rax'), 21n);
  kernel.dispose();
  const nameless = composeKernel({ arch: x86() });
  nameless.machine.spawn(program(list));
  t.throws(() => nameless.hibernate(), {
    code: 'IMAGE_NOT_WRITABLE',
    message: /the value of a store is a function without a name/,
  });
});

test('what loads and stores needs a page that allows both', (t) => {
  for (const permissions of [
    { read: false, write: true },
    { read: true, write: false },
  ]) {
    using kernel = composeKernel({ arch: x86() });
    const task = kernel.machine.spawn(program([access({ value: (old: bigint) => old + 1n })]));
    task.memory.map(0x2000n, 8, { permissions });
    kernel.machine.run();
    t.deepEqual(task.exit, { signal: 'SIGSEGV' });
  }
});

test('a register that the CPU does not have is named with those that it has, before anything happens', (t) => {
  for (const [fields, field] of [
    [{ registers: { zax: 1n } }, 'registers'],
    [{ accesses: [{ kind: 'read', address: 0x2000n, size: 8, into: 'zax' }] }, 'accesses[0].into'],
  ] as const) {
    using kernel = composeKernel({ arch: x86() });
    kernel.machine.spawn(program([{ ...ONE, ...fields }]));
    const error = t.throws(() => kernel.machine.run());
    t.true(error?.message.includes(`0x1000: ${field}: there is no register 'zax'; there are r15, r14`), error?.message);
    t.is(kernel.machine.cpu(0).instructions, 0);
  }
});
