import { CONSOLE, type Instruction, program, RingLogger, SA_RESTART, type Task } from '@hwbp/core';
import { createPipe, FILES, linuxSystemCalls, NUMBERS, PIPE_SIZE, SYSCALLS_ERRORS } from '@hwbp/syscalls';
import test from 'ava';
import { DATA, LinuxLab } from './linux.js';
import { CALLING, TEXT, X86 } from './support.js';

const signal = (si_signo: 'SIGUSR1' | 'SIGKILL') => ({ si_signo, si_code: 0 }) as const;
const handler = () => program([{ pc: 0x50_0000n, length: 4 }])();
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

for (const calling of CALLING) {
  const { name } = calling;

  test(`${name}: write shows bytes on the console, read waits for what is typed there`, (t) => {
    const lab = new LinuxLab(calling);
    const shown: string[] = [];
    lab.kernel.get(CONSOLE).output.add((bytes) => shown.push(text(bytes)));
    const results: bigint[] = [];
    const task = lab.spawn(function* () {
      results.push(yield ['write', 1n, DATA, 5n]);
      results.push(yield ['read', 0n, DATA + 0x101n, 64n]);
      results.push(yield ['write', 2n, DATA + 0x101n, 3n]);
    });
    lab.put(task, DATA, 'hello');
    lab.run();
    t.deepEqual([shown, results, task.waitsFor], [['hello'], [5n], 'input from the console']);
    lab.kernel.get(CONSOLE).type(Uint8Array.from([0x79, 0x65, 0x73]));
    lab.run();
    t.deepEqual(
      [shown, results],
      [
        ['hello', 'yes'],
        [5n, 3n, 3n],
      ],
    );
  });

  test(`${name}: fork copies a program that is a list, its child gets 0, and wait4 its status`, (t) => {
    const lab = new LinuxLab(calling);
    const { machine } = lab.kernel;
    const seen: bigint[] = [];
    const numbers = { x86: 57, 'x86 of 32 bits': 2, ppc64: 2, arm64: 220, riscv64: 220 };
    const number = numbers[name as keyof typeof numbers];
    const registers: Record<string, bigint> = { [calling.number]: BigInt(number), [calling.args[0] as string]: 17n };
    const list: Instruction[] = [
      { pc: TEXT, length: 4, registers },
      { pc: TEXT + 4n, length: 4, syscall: true },
      { pc: TEXT + 8n, length: 4 },
    ];
    const parent = machine.spawn(program(list));
    const results: Record<number, bigint> = {};
    machine.hooks.exit.add((task) => {
      const register = { x86: 'rax', 'x86 of 32 bits': 'eax', ppc64: 'r3', arm64: 'x0' }[name] ?? 'a0';
      results[task.pid] = task.context.get(register);
      seen.push(task.context.pc);
    });
    machine.run(1000);
    t.deepEqual(results, { [parent.pid]: BigInt(parent.pid + 1), [parent.pid + 1]: 0n });
    t.deepEqual(seen, [TEXT + 12n, TEXT + 12n]);
  });

  test(`${name}: a watch on a buffer sees the kernel fill it, and the kernel read it`, (t) => {
    const lab = new LinuxLab(calling);
    const { breakpoints } = lab.kernel;
    const task = lab.spawn(function* () {
      yield ['write', 1n, DATA, 4n];
      yield ['read', 0n, DATA, 4n];
    });
    const modes: string[] = [];
    breakpoints.registerUser({ bp_type: 3, bp_addr: DATA, bp_len: 4 }, ({ mode }) => modes.push(mode), task);
    lab.run();
    lab.kernel.get(CONSOLE).type(Uint8Array.of(1, 2, 3, 4));
    lab.run();
    t.deepEqual(modes, ['kernel', 'kernel']);
    t.deepEqual([...task.memory.read(DATA, 4)], [1, 2, 3, 4]);
  });
}

test('pipes carry bytes between processes, tell the end, and kill who writes to nobody', (t) => {
  const lab: LinuxLab = new LinuxLab(X86, { child: () => lab.program(child) });
  const results: (readonly [string, bigint])[] = [];
  const child = function* (task: () => Task) {
    yield ['close', 3n] as const;
    const written: bigint = yield ['write', 4n, DATA, 6n] as const;
    results.push(['child wrote', written]);
    yield ['exit', BigInt(task().pid)] as const;
  };
  const parent = lab.spawn(function* () {
    results.push(['pipe', yield ['pipe2', DATA + 0x100n, 0n]]);
    yield ['fork'];
    yield ['close', 4n];
    results.push(['read', yield ['read', 3n, DATA + 0x200n, 100n]]);
    results.push(['end', yield ['read', 3n, DATA + 0x200n, 100n]]);
    results.push(['wait', yield ['wait4', -1n, DATA + 0x300n, 0n, 0n]]);
    yield ['pipe2', DATA + 0x100n, 0n];
    yield ['close', 4n];
    yield ['write', 5n, DATA, 1n];
    results.push(['not reached', 0n]);
  });
  lab.put(parent, DATA, 'parcel');
  lab.run();
  t.deepEqual(results.slice(0, 1), [['pipe', 0n]]);
  t.deepEqual(new Map(results).get('read'), 6n);
  t.deepEqual(new Map(results).get('end'), 0n);
  t.deepEqual(new Map(results).get('wait'), BigInt(parent.pid + 1));
  t.is(parent.memory.readInteger(DATA + 0x300n, 4), BigInt(parent.pid + 1) << 8n);
  t.deepEqual(parent.exit, { signal: 'SIGPIPE' });
});

test('a pipe holds what it holds: who writes more waits, and small writes are not split', (t) => {
  const lab = new LinuxLab();
  const { reader, writer } = createPipe(lab.kernel.machine);
  t.is(writer.write?.put(new Uint8Array(PIPE_SIZE - 10)), PIPE_SIZE - 10);
  t.is(writer.write?.put(new Uint8Array(20)), 0, 'up to PIPE_BUF together or not');
  t.is(writer.write?.put(new Uint8Array(5000)), 10);
  t.is(reader.read?.take(7)?.length, 7);
  writer.close?.();
  t.is(reader.read?.take(PIPE_SIZE)?.length, PIPE_SIZE - 7);
  t.is(reader.read?.take(1)?.length, 0);
});

test('nanosleep takes its time; a stop does not shorten it, a handler does, and what is left is stored', (t) => {
  const lab = new LinuxLab();
  const { machine } = lab.kernel;
  const results: bigint[] = [];
  const clock = () => machine.cpu(0).clock.now;
  const sleeper = function* () {
    results.push(yield ['nanosleep', DATA, DATA + 16n] as const);
  };
  const first = lab.spawn(sleeper);
  first.memory.writeInteger(DATA + 8n, 8, 50_000n);
  const before = clock();
  lab.run();
  t.deepEqual(results, [0n]);
  t.true(clock() - before >= 50_000, `${clock() - before}`);

  const second = lab.spawn(sleeper);
  second.memory.writeInteger(DATA, 8, 1n);
  while (second.state !== 'waiting') machine.run(1);
  second.handlers.set('SIGUSR1', { sa_handler: handler, sa_flags: SA_RESTART });
  machine.sendSignal(second, signal('SIGUSR1'));
  machine.run(100);
  t.deepEqual(results, [0n, -4n], 'SA_RESTART does not help it (signal(7))');
  const [seconds = 0n, rest = 0n] = [16n, 24n].map((offset) => second.memory.readInteger(DATA + offset, 8));
  const left = seconds * 1_000_000_000n + rest;
  t.true(left > 999_000_000n && left <= 1_000_000_000n, `${left}`);
});

test('a stop and SIGCONT have a sleeper sleep on for what is left', (t) => {
  const lab = new LinuxLab();
  const { machine } = lab.kernel;
  const results: bigint[] = [];
  const task = lab.spawn(function* () {
    results.push(yield ['nanosleep', DATA, 0n]);
  });
  task.memory.writeInteger(DATA + 8n, 8, 100_000_000n);
  while (task.state !== 'waiting') machine.run(1);
  const began = machine.cpu(0).clock.now;
  machine.sendSignal(task, { si_signo: 'SIGSTOP', si_code: 0 });
  machine.run(20);
  t.is(String(task.state), 'stopped');
  machine.sendSignal(task, { si_signo: 'SIGCONT', si_code: 0 });
  lab.run();
  t.deepEqual(results, [0n]);
  const slept = machine.cpu(0).clock.now - began;
  t.true(slept >= 99_000_000 && slept < 102_000_000, `${slept}`);
});

test('futexes: waits while the word is what was seen, wakes as many as were asked for, and gives up in time', (t) => {
  const lab = new LinuxLab(X86, {}, { cpus: 2 });
  const results: string[] = [];
  const waiter = (name: string, expected: bigint, timeout = 0n) =>
    function* () {
      const result: bigint = yield ['futex', DATA, 0n, expected, timeout] as const;
      results.push(`${name} ${result}`);
    };
  const { machine } = lab.kernel;
  const first = lab.spawn(waiter('a', 7n));
  first.memory.writeInteger(DATA, 4, 7n);
  const others = ['b', 'c'].map((name) => machine.fork(first, lab.program(waiter(name, 7n)), { thread: true }));
  lab.run();
  t.deepEqual(results, []);
  t.deepEqual(
    others.map(({ waitsFor }) => waitsFor),
    ['a futex', 'a futex'],
  );
  machine.fork(first, lab.program(waiter('late', 8n)), { thread: true });
  lab.run();
  t.deepEqual(results, ['late -11']);
  machine.fork(
    first,
    lab.program(function* () {
      const woken: bigint = yield ['futex', DATA, 129n, 2n] as const;
      results.push(`woke ${woken}`);
    }),
    { thread: true },
  );
  lab.run();
  t.true(results.includes('woke 2'));
  t.is(results.filter((one) => / 0$/.test(one)).length, 2, results.join());
  t.true(results.includes('a 0'), 'who came first');
  first.memory.writeInteger(DATA + 0x108n, 8, 1000n);
  const timed = lab.spawn(waiter('timed', 0n, DATA + 0x100n));
  timed.memory.writeInteger(DATA + 0x108n, 8, 5000n);
  lab.run();
  t.is(results.at(-1), 'timed -110');
  for (const task of others) machine.sendSignal(task, signal('SIGKILL'));
  lab.run();
  t.is(machine.tasks.size, 0);
});

test('a word that changes between a look and the wait is not slept on: no wake-up is lost', (t) => {
  for (let quantum = 1; quantum <= 12; quantum++) {
    const lab = new LinuxLab(X86, {}, { cpus: 2, quantum });
    const { machine } = lab.kernel;
    const results: bigint[] = [];
    const waiting = lab.spawn(
      function* () {
        results.push(yield ['futex', DATA, 0n, 0n, 0n]);
      },
      { affinity: [0] },
    );
    machine.fork(
      waiting,
      lab.program(function* () {
        yield { pc: TEXT, length: 4, accesses: [{ kind: 'write', address: DATA, size: 4, value: 1n }] };
        yield ['futex', DATA, 1n, 1n];
      }),
      { thread: true },
    );
    for (const task of machine.tasks.values()) if (task !== waiting) machine.setAffinity(task, [1]);
    lab.run();
    t.is(machine.tasks.size, 0, `everybody has come to an end, ${quantum} instructions at a time`);
    t.true(results[0] === 0n || results[0] === -11n);
  }
});

test('execve finds programs by path, with arguments, and ENOENT leaves the caller as it is', (t) => {
  const told: unknown[] = [];
  const results: bigint[] = [];
  const lab: LinuxLab = new LinuxLab(X86, {
    programs: {
      '/bin/echo': ({ path, argv, envp, task }) => {
        told.push([path, argv, envp, task.comm]);
        return lab.program(function* () {
          yield ['write', 1n, DATA, 2n];
        })();
      },
    },
  });
  const shown: string[] = [];
  lab.kernel.get(CONSOLE).output.add((bytes) => shown.push(text(bytes)));
  const task = lab.spawn(function* () {
    results.push(yield ['execve', DATA, 0n, 0n]);
    yield ['execve', DATA + 0x10n, DATA + 0x100n, 0n];
    results.push(1n);
  });
  lab.put(task, DATA, '/bin/sh');
  lab.put(task, DATA + 0x10n, '/bin/echo');
  lab.put(task, DATA + 0x40n, 'echo');
  lab.put(task, DATA + 0x48n, 'hi');
  task.memory.writeInteger(DATA + 0x100n, 8, DATA + 0x40n);
  task.memory.writeInteger(DATA + 0x108n, 8, DATA + 0x48n);
  lab.run();
  t.deepEqual(results, [-2n]);
  t.deepEqual(told, [['/bin/echo', ['echo', 'hi'], [], 'task']]);
  t.is(task.comm, 'echo');
  t.deepEqual(shown, ['\0\0'], 'descriptors stay open');
});

test('mmap gives pages that the task can use, munmap takes them, and what there is not is refused', (t) => {
  const lab = new LinuxLab(X86, { mostMemory: 0x4000 });
  const results: bigint[] = [];
  const task = lab.spawn(
    function* () {
      for (const args of [
        [0n, 0x1800n, 3n, 0x22n],
        [0n, 0x1000n, 1n, 0x22n],
        [0x10_0000n, 0x1000n, 3n, 0x32n],
        [0n, 0x1000n, 3n, 0x22n],
        [0n, 0x1000n, 3n, 0x02n],
        [0n, 0n, 3n, 0x22n],
        [0x10_0001n, 0x1000n, 3n, 0x32n],
      ] as const) {
        results.push(yield ['mmap', ...args, -1n, 0n]);
      }
      results.push(yield ['munmap', results[0] as bigint, 0x2000n]);
      results.push(yield ['mmap', 0n, 0x1000n, 3n, 0x22n, -1n, 0n]);
    },
    { demandZero: false },
  );
  lab.run();
  const [first = 0n, second = 0n, fixed, ...refused] = results;
  t.is(second, first - 0x1000n);
  t.is(fixed, 0x10_0000n);
  t.deepEqual(refused.slice(0, 5), [-12n, -19n, -22n, -22n, 0n]);
  t.is(refused[5], second - 0x1000n);
  t.deepEqual(task.exit, { code: 0 });
});

test('kill, exit_group, getppid and sched_yield do what their names say', (t) => {
  const lab: LinuxLab = new LinuxLab(X86, { child: () => lab.program(child) });
  const results: bigint[] = [];
  const child = function* () {
    results.push(yield ['getppid'] as const);
    for (;;) yield ['sched_yield'] as const;
  };
  const parent = lab.spawn(function* () {
    const pid: bigint = yield ['fork'];
    yield ['sched_yield'];
    yield ['sched_yield'];
    results.push(yield ['kill', pid, 9n]);
    results.push(yield ['wait4', pid, DATA, 0n, 0n]);
    results.push(yield ['kill', pid, 0n], yield ['kill', 1n, 99n], yield ['wait4', -1n, 0n, 0n, 0n]);
    yield ['exit_group', 0x107n];
  });
  lab.run();
  const pid = BigInt(parent.pid);
  t.deepEqual(results, [pid, 0n, pid + 1n, -3n, -22n, -10n]);
  t.is(parent.memory.readInteger(DATA, 4), 9n);
  t.deepEqual(parent.exit, { code: 7 });
});

test('a program that nobody can copy is said to be so, with the way out', (t) => {
  const logger = new RingLogger(16);
  const lab = new LinuxLab(X86, {}, { logger });
  const results: bigint[] = [];
  lab.spawn(function* () {
    results.push(yield ['fork']);
  });
  lab.run();
  t.deepEqual(results, [-5n]);
  t.regex(
    logger.entries.map(({ message }) => message).join('\n'),
    /system call 57 \(fork\) of 'linux system calls' threw: TypeError: .*a generator.*linuxSystemCalls\(\{ child \}\)/,
  );
});

test('descriptors: the lowest number, shared by children, closed with the last, and on exec where asked', (t) => {
  const lab: LinuxLab = new LinuxLab(X86, { files: () => [], child: () => lab.program(child) });
  const closed: string[] = [];
  const child = function* () {
    yield ['close', 0n] as const;
    yield ['close', 1n] as const;
  };
  const task = lab.spawn(function* () {
    yield ['fork'];
    yield ['wait4', -1n, 0n, 0n, 0n];
    closed.push('waited');
    yield ['close', 0n];
    yield ['close', 7n];
  });
  const files = lab.kernel.get(FILES).of(task);
  const file = (name: string) => ({ name, close: () => closed.push(name) });
  t.deepEqual([files.open(file('a')), files.open(file('b'), { closeOnExec: true })], [0, 1]);
  lab.run();
  t.deepEqual(closed, ['waited', 'a', 'b']);
  const other = lab.spawn(function* () {
    yield ['getpid'];
  });
  const open = lab.kernel.get(FILES).of(other);
  open.open(file('kept'));
  open.open(file('gone'), { closeOnExec: true });
  lab.kernel.machine.exec(other, program([]));
  t.is(closed.at(-1), 'gone');
  t.deepEqual(open.numbers, [0]);
});

test('the codes of its errors are API, and options are checked where they are given', (t) => {
  t.deepEqual(SYSCALLS_ERRORS, {
    CALL_BAD_DESCRIPTOR: 'EBADF',
    CALL_NO_DESCRIPTOR: 'EMFILE',
    CALL_BAD_ADDRESS: 'EFAULT',
    CALL_BAD_ARGUMENT: 'EINVAL',
    CALL_WOULD_WAIT: 'EAGAIN',
    CALL_FUTEX_CHANGED: 'EAGAIN',
    CALL_TIMED_OUT: 'ETIMEDOUT',
    CALL_NO_READER: 'EPIPE',
    CALL_NO_PROGRAM: 'ENOENT',
    CALL_NO_TASK: 'ESRCH',
    CALL_NOT_PERMITTED: 'EPERM',
    CALL_NO_MEMORY: 'ENOMEM',
    CALL_NO_SUCH_MEMORY: 'ENODEV',
  });
  const wrong = (options: unknown, message: RegExp) =>
    t.throws(() => linuxSystemCalls(options as never), { instanceOf: TypeError, message });
  wrong({ numbers: { reed: 1 } }, /no call reed/);
  wrong({ numbers: { read: 1, write: 1 } }, /1 twice/);
  wrong({ numbers: NUMBERS.x86_64, nimbers: 1 }, /no option 'nimbers'/);
  wrong({}, /numbers/);
});
