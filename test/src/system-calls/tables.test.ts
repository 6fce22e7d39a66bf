import {
  architecture,
  composeKernel,
  coreError,
  nullBackend,
  program,
  RingLogger,
  resumeKernel,
  SYSTEM_CALLS,
  syscalls,
  USER_AREA,
} from '@hwbp/core';
import test from 'ava';
import { CALLING, CallLab, TEXT, X86 } from './support.js';

for (const calling of CALLING) {
  const { name, args, kernelText, kernelData } = calling;
  const width = name.includes('32') ? 32 : 64;

  test(`${name}: a call gets its number and arguments from the ABI's registers, and the caller its result`, (t) => {
    const seen: unknown[] = [];
    const lab = new CallLab(calling, {
      39: ({ number, args: given, task, cpu, machine }) => {
        seen.push([number, given, task.comm, cpu.index, machine === lab.kernel.machine]);
        return 4242n;
      },
    });
    const given = args.map((_, i) => (1n << BigInt(width - 1)) + BigInt(i));
    lab.run({ number: 39, args: given });
    t.deepEqual(seen, [[39, given, 'task', 0, true]]);
    t.deepEqual(lab.results, [4242n]);
  });

  test(`${name}: what is returned, thrown or not there is a value or an errno in the ABI's own way`, (t) => {
    const logger = new RingLogger(16);
    const lab = new CallLab(
      calling,
      {
        1: () => {},
        2: () => -9,
        3: () => 7,
        4: () => {
          throw coreError('TASK_NO_CHILD', 'none');
        },
        5: function broken() {
          throw new RangeError('a bug');
        },
        6: () => 1.5,
        7: (() => 'text') as never,
      },
      { logger },
    );
    lab.run(...[1, 2, 3, 4, 5, 6, 7, 8].map((number) => ({ number })));
    t.deepEqual(lab.results, [0n, -9n, 7n, -10n, -5n, -5n, -5n, -38n]);
    const errors = logger.entries.filter(({ level }) => level === 'error').map(({ message }) => message);
    t.is(errors.length, 3);
    t.is(errors[0], "the handler of system call 5 (broken) of 'table' threw: RangeError: a bug");
    t.regex(errors[1] ?? '', /system call 6 .*'table' threw: TypeError: a system call returns .*got number 1.5/);
    t.regex(errors[2] ?? '', /got string text/);
  });

  test(`${name}: a program of a call that cannot go on is the handler's error, and the call returns EIO`, (t) => {
    const logger = new RingLogger(16);
    const wrong = { pc: kernelText, length: 0 };
    const lab = new CallLab(
      calling,
      {
        1: function* steps() {
          yield { pc: kernelText, length: 4 };
          yield wrong;
        },
        2: () =>
          program(function* () {
            yield { pc: kernelText, length: 4 };
            yield wrong;
          }),
        3: () =>
          program(function* () {
            yield { pc: kernelText, length: 4 };
            throw coreError('TASK_NO_CHILD', 'none');
          }),
        4: () => ({ begin: () => ({ what: 'rain', over: 'no', end: () => 0n }) }) as never,
      },
      { logger },
    );
    lab.run(...[1, 2, 3, 4].map((number) => ({ number })));
    t.deepEqual(lab.results, [-5n, -5n, -10n, -5n]);
    const errors = logger.entries.filter(({ level }) => level === 'error').map(({ message }) => message);
    t.is(errors.length, 3);
    t.regex(errors[0] ?? '', /system call 1 \(steps\) of 'table' threw: .*an instruction at 0x[0-9a-f]+: length is/);
    t.regex(errors[1] ?? '', /system call 2 .*'table' threw: .*an instruction at 0x[0-9a-f]+: length is/);
    t.regex(errors[2] ?? '', /system call 4 .*'table' threw: .*over of a sleep is true or false, got 'no'/);
  });

  test(`${name}: a call's instructions run in kernel mode, are watched, and leave the caller's registers alone`, (t) => {
    // One that the caller has never written.
    const fresh = calling.arch().backend.manifest.roles.general.at(-1) ?? '';
    const hits: bigint[] = [];
    const lab = new CallLab(calling, {
      10: function* ({ args: [first] }) {
        const [loaded] = yield {
          pc: kernelText,
          length: 4,
          accesses: [{ kind: 'read', address: kernelData, size: 4 }],
        };
        yield {
          pc: kernelText + 4n,
          length: 4,
          registers: { [args[1] as string]: 99n, [fresh]: 1n },
          accesses: [{ kind: 'write', address: kernelData, size: 4, value: 5n }],
        };
        return (loaded ?? 0n) + (first ?? 0n);
      },
    });
    const { machine, breakpoints } = lab.kernel;
    machine.kernelMemory.map(kernelData, 4096);
    machine.kernelMemory.writeInteger(kernelData, 4, 30n);
    breakpoints.registerWide({ bp_type: 2, bp_addr: kernelData, bp_len: 4 }, ({ pc }) => hits.push(pc));
    const task = machine.spawn(lab.caller({ number: 10, args: [12n, 77n] }, { number: 10, args: [0n] }));
    machine.run(1000);
    t.deepEqual(lab.results, [42n, 5n]);
    t.is(hits.length, 2);
    t.is(task.context.get(args[1] as string), 77n);
    t.false(task.context.registers.has(fresh));
    t.false(task.alive);
  });

  test(`${name}: a program that a handler returns leaves its result in the register of results`, (t) => {
    const result = { x86: 'rax', 'x86 of 32 bits': 'eax', ppc64: 'r3', arm64: 'x0', riscv64: 'a0' }[name] ?? '';
    const lab = new CallLab(calling, {
      1: () => program([{ pc: kernelText, length: 4, registers: { [result]: 77n, [args[2] as string]: 1n } }]),
    });
    const task = lab.run({ number: 1, args: [1n, 2n, 3n] });
    t.deepEqual(lab.results, [77n]);
    t.is(task.context.get(args[2] as string), 3n);
  });
}

test('two tables live together; one number twice is refused before anything is made, with both names', (t) => {
  const one = syscalls({ 1: () => 1, 2: () => 2 }, { name: 'one' });
  using kernel = composeKernel({ arch: X86.arch(), plugins: [one, syscalls({ 3: () => 3 })] });
  t.truthy(kernel);
  t.throws(() => composeKernel({ arch: X86.arch(), plugins: [one, syscalls({ 2: () => 2 }, { name: 'other' })] }), {
    message: "'one' and 'other' both have system call 2; leave it out of one of them",
    code: 'COMPOSE_CONFLICT',
  });
});

test('a table is checked where it is written: numbers, handlers and options', (t) => {
  const wrong = (table: unknown, message: RegExp): void => {
    t.throws(() => syscalls(table as never), { instanceOf: TypeError, message });
  };
  wrong({ '-1': () => 0 }, /number of a call is 0 to 2147483647, got '-1'/);
  wrong({ write: () => 0 }, /got 'write'/);
  wrong({ 1.5: () => 0 }, /got '1.5'/);
  wrong({ 4294967295: () => 0 }, /got '4294967295'/);
  wrong({ 1: 5 }, /the handler of system call 1 is a function, got/);
  wrong(undefined, /syscalls takes handlers by number/);
  t.throws(() => syscalls({}, { nome: 'x' } as never), { instanceOf: TypeError, message: /no option 'nome'/ });
});

test('an architecture that says nothing of registers is refused with a table, and without one when it is asked', (t) => {
  const arch = architecture(nullBackend());
  t.throws(() => composeKernel({ arch, plugins: [syscalls({ 1: () => 0 })] }), {
    code: 'COMPOSE_MISSING_FACET',
    message: /'system calls 1' needs the facet 'registers of system calls'/,
  });
  using kernel = composeKernel({ arch });
  kernel.machine.spawn(program([{ pc: TEXT, length: 2, syscall: true }]));
  t.throws(() => kernel.machine.run(), { instanceOf: TypeError, message: /SYSTEM_CALL_ABI/ });
});

test('without a table every number is ENOSYS', (t) => {
  using kernel = composeKernel({ arch: X86.arch() });
  const task = kernel.machine.spawn(program([{ pc: TEXT, length: 2, registers: { rax: 1n }, syscall: true }]));
  kernel.machine.run();
  t.is(BigInt.asIntN(64, task.context.get('rax')), -38n);
  t.is(task.exit && 'code' in task.exit ? task.exit.code : undefined, 0);
});

test('a table that is stopped has no calls any more', (t) => {
  const kernel = composeKernel({ arch: X86.arch(), plugins: [syscalls({ 9: () => 1, 1: () => 1 })] });
  const calls = kernel.get(SYSTEM_CALLS);
  t.deepEqual(calls.numbers, [1, 9]);
  kernel.dispose();
  t.deepEqual(calls.numbers, []);
});

test('a handler looks other parts up by token, and is told who does not provide one', (t) => {
  const lab = new CallLab(X86, {
    1: ({ get, find }) => {
      t.is(find(USER_AREA), get(USER_AREA));
      return 1;
    },
  });
  lab.run({ number: 1 });
  t.deepEqual(lab.results, [1n]);
});

test('a system call without a number gets the task and the CPU', (t) => {
  using kernel = composeKernel({ arch: X86.arch() });
  const seen: string[] = [];
  kernel.machine.spawn(
    program([
      {
        pc: TEXT,
        length: 2,
        syscall: ({ task, cpu }) => {
          seen.push(`${task.comm} ${cpu.index}`);
          return program([])();
        },
      },
    ]),
    { comm: 'me' },
  );
  kernel.machine.run();
  t.deepEqual(seen, ['me 0']);
});

test('a task that ends, or executes something else, inside a call gets no result', (t) => {
  const lab = new CallLab(X86, {
    59: ({ machine, task }) => {
      machine.exec(task, program([{ pc: TEXT, length: 4 }]));
      return 5;
    },
    60: ({ machine, task, args: [code] }) => machine.exit(task, { code: Number(code) }) as undefined,
  });
  const exec = lab.run({ number: 59 });
  t.is(exec.context.get('rax'), 0n);
  t.deepEqual(exec.exit, { code: 0 });
  t.deepEqual(lab.run({ number: 60, args: [3n] }).exit, { code: 3 });
  t.deepEqual(lab.results, []);
});

test('an instruction that makes a numbered call can be written down', (t) => {
  const list = [
    { pc: TEXT, length: 4, registers: { rax: 9n } },
    { pc: TEXT + 4n, length: 2, syscall: true as const },
    { pc: TEXT + 6n, length: 4 },
  ];
  const table = () => syscalls({ 9: () => 5 });
  using first = composeKernel({ arch: X86.arch(), plugins: [table()] });
  first.machine.spawn(program(list));
  first.machine.run(1);
  const image = JSON.parse(JSON.stringify(first.hibernate()));
  using second = resumeKernel({ arch: X86.arch(), plugins: [table()] }, image);
  const [task] = second.machine.tasks.values();
  second.machine.run();
  t.is(task?.context.get('rax'), 5n);
});
