import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { BIN, beginningOf, hwbp, hwbpProcess, ROOT } from '../replay/run-cli.js';

const folder = mkdtempSync(path.join(ROOT, 'test/dist/troubles-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** A config file of this name: its imports, what is in front of it, and the rest of the kernel. */
function configOf(name: string, text: string): string {
  const file = path.join(folder, name);
  const imports =
    "import { x86 } from '@hwbp/arch-x86'; import * as core from '@hwbp/core'; import * as locks from '@hwbp/locks';\n";
  writeFileSync(file, `${imports}const { CONSOLE, defineKernel, program, WaitQueue } = core;\n${text}`);
  return file;
}

const run = (name: string, text: string, ...args: readonly string[]) => hwbp(['run', configOf(name, text), ...args]);

test('a run in which nothing goes wrong says nothing on standard error, and its exit code is 0', async (t) => {
  const { code, stdout, stderr } = await run(
    'fine.config.ts',
    `export default defineKernel({
  kernel: { arch: x86() },
  setup: ({ machine }) => void machine.spawn(program([{ pc: 0x1000n, length: 4, wait: machine.timers.sleep(5000) }])),
});`,
  );
  t.deepEqual([code, stderr], [0, '']);
  t.regex(stdout, /^architecture {2}x86[\s\S]*\n\n1 instruction; nothing can run any more\n$/);
});

test('errors of handlers have the line of the config, the task, the CPU and the pc, and the run goes on', async (t) => {
  const { code, stdout, stderr } = await run(
    'handlers.config.ts',
    `export default defineKernel({
  kernel: { arch: x86(), symbols: [{ name: 'work', address: 0x401000n, size: 0x10 }] },
  setup({ machine, breakpoints }) {
    const task = machine.spawn(program([{ pc: 0x401000n, length: 4, accesses: [{ kind: 'write', address: 0x2000n, size: 4 }] }, { pc: 0x401004n, length: 4 }]), { comm: 'worker' });
    breakpoints.registerUser({ bp_type: 2, bp_addr: 0x2000n, bp_len: 4 }, () => {
      throw new Error('in the handler');
    }, task);
    machine.after(500, function late() {
      throw new TypeError('in the timer');
    }, { name: 'late' });
  },
});`,
  );
  t.is(code, 1);
  t.regex(stdout, /2 instructions; nothing can run any more\n$/);
  t.regex(stderr, /threw: in the handler \(.*handlers\.config\.ts:8:\d+\): task worker-1, CPU 0, pc 0x40100[04] work/);
  t.regex(
    stderr,
    /late.* threw: in the timer \(.*handlers\.config\.ts:11:\d+\): task worker-1, CPU 0, pc 0x40100[04] work/,
  );
  t.notRegex(stderr, /a bug in hwbp/);
});

test('a handler that throws is placed on its CPU, also while others are in handlers', async (t) => {
  const { code, stderr } = await run(
    'both.config.ts',
    `export default defineKernel({
  kernel: { arch: x86(), cpus: 2, quantum: 2 },
  setup({ machine }) {
    const pc = 0xffff_ffff_8100_0000n;
    const slow = program(Array.from({ length: 20 }, (_, i) => ({ pc: pc + 4n * BigInt(i), length: 4 })));
    const work = program(Array.from({ length: 50 }, (_, i) => ({ pc: 0x401000n + 4n * BigInt(i), length: 4 })));
    for (const cpu of [0, 1]) machine.spawn(work, { comm: 'worker' + cpu, affinity: [cpu] });
    machine.interrupts.handle(1, { name: 'slow', program: slow });
    machine.interrupts.handle(2, { name: 'bad', action() { throw new Error('no'); } });
    machine.interrupts.raise(1, machine.cpu(0));
    machine.timers.after(3000, () => machine.interrupts.raise(2), { cpu: 1 });
    machine.interrupts.setAffinity(2, [1]);
  },
});`,
  );
  t.is(code, 1);
  t.regex(
    stderr,
    /the hardirq handler bad threw: no \(.*both\.config\.ts:11:\d+\): task worker1-2, CPU 1, pc 0x401008\n/,
  );
});

test('a handler that throws at every hit is not told without end', async (t) => {
  const { code, stderr } = await run(
    'often.config.ts',
    `export default defineKernel({
  kernel: { arch: x86() },
  setup({ machine }) {
    machine.timers.every(1000, () => { throw new Error('again'); });
    machine.spawn(program(Array.from({ length: 100 }, () => ({ pc: 0x1000n, length: 4 }))));
  },
});`,
  );
  t.is(code, 1);
  t.regex(
    stderr,
    /^hwbp: .*often\.config\.ts: a timer threw: again \(.*often\.config\.ts:6:\d+\), 101 times: task task-1.*\n$/,
  );
});

test('a program that throws ends the run: with its line, and whose turn it was', async (t) => {
  const { code, stderr } = await run(
    'throws.config.ts',
    `export default defineKernel({
  kernel: { arch: x86() },
  setup({ machine }) {
    machine.spawn(program(function* () {
      yield { pc: 0x401000n, length: 4 };
      throw new Error('boom');
    }), { comm: 'worker' });
  },
});`,
  );
  t.is(code, 1);
  t.regex(
    stderr,
    /the run failed: boom \(.*throws\.config\.ts:8:\d+\)\n {2}next was task worker-1, CPU 0, pc 0x401004\n/,
  );
});

test('tasks that a signal has killed are told, those that end of themselves are not; an oops is told once', async (t) => {
  const { code, stderr } = await run(
    'killed.config.ts',
    `const fault = { pc: 0x401000n, length: 4, accesses: [{ kind: 'write', address: 0x5000n, size: 4 }] };
export default defineKernel({
  kernel: { arch: x86() },
  setup({ machine }) {
    machine.spawn(program([fault]), { comm: 'user', demandZero: false });
    machine.spawn(program([{ pc: 0x1000n, length: 2, syscall: program([fault]) }]), { comm: 'caller', demandZero: false });
    machine.exit(machine.spawn(program([])), { code: 3 });
  },
});`,
  );
  t.is(code, 1);
  t.regex(stderr, /killed by SIGSEGV: task user-1, CPU 0, pc 0x401000\n/);
  t.is(stderr.match(/caller-2/g)?.length, 1);
  t.regex(stderr, /the kernel may not store to 0x5000 at 0x401000: task caller-2, which ends/);
  t.notRegex(stderr, /task-3/);
});

test('tasks that are left where nothing can run: what they wait for, whose it is, and who is stopped', async (t) => {
  const { code, stdout, stderr } = await run(
    'stranded.config.ts',
    `export default defineKernel({
  kernel: { arch: x86(), cpus: 2 },
  setup({ machine }) {
    const owned = {};
    const queues = ['a', 'b', 'rain'].map((name) => new WaitQueue(machine, name, { owners: () => owned[name] ?? [] }));
    const [one, two] = queues.map((queue, i) => machine.spawn(program([{ pc: 0x401000n, length: 4, wait: queue.wait() }]), { comm: ['one', 'two', 'three'][i] }));
    owned.a = [two];
    owned.b = [one];
    machine.spawn(program([{ pc: 0x1000n, length: 4 }]), { comm: 'parked', run: false });
  },
});`,
  );
  t.is(code, 1);
  t.regex(stdout, /3 instructions; nothing can run any more\n$/);
  t.regex(stderr, /: one-1 waits for a, which two-2 has; two-2 waits for b, which one-1 has\n/);
  t.regex(stderr, /waits for ever for rain: task three-3, CPU \d, pc 0x401004\n/);
  t.regex(stderr, /waits for ever for a, which two-2 has: task one-1, CPU 0, pc 0x401004\n/);
  t.regex(stderr, /stopped, and nobody lets it go on: task parked-4, CPU \d, pc 0x0\n/);
});

const PHILOSOPHERS = `export default defineKernel({
  kernel: { arch: x86(), cpus: 2, quantum: 1, plugins: [locks.locks()], symbols: [...locks.lockSymbols()] },
  budget: 20_000,
  setup(kernel) {
    const make = kernel.get(locks.LOCKS);
    const forks = ['left', 'right'].map((name, i) => make[KIND]({ name, address: 0xffff_ffff_8200_0000n + BigInt(16 * i) }));
    const eat = (first, second) => program(function* () {
      yield* first.lock();
      for (let i = 0n; i < 9n; i++) yield { pc: 0xffff_ffff_8100_0000n + 4n * i, length: 4 };
      yield* second.lock();
      yield* second.unlock();
      yield* first.unlock();
    });
    const [a, b] = forks;
    kernel.machine.spawn(eat(a, b), { comm: 'one', mode: 'kernel', affinity: [0] });
    kernel.machine.spawn(eat(b, a), { comm: 'two', mode: 'kernel', affinity: [1] });
  },
});`;

test('locks are watched without being asked for: a deadlock of sleepers, and one of those that spin through the budget', async (t) => {
  const sleeping = await run('mutexes.config.ts', `const KIND = 'mutex';\n${PHILOSOPHERS}`);
  t.is(sleeping.code, 1);
  t.regex(sleeping.stdout, /nothing can run any more\n$/);
  t.regex(
    sleeping.stderr,
    /lock-order: locks are taken in a circle, (left -> right -> left|right -> left -> right)\n {4}/,
  );
  t.regex(
    sleeping.stderr,
    /two-2 waits for left at mutex_lock, which one-1 has; one-1 waits for right at mutex_lock, which/,
  );
  const spinning = await run('spinlocks.config.ts', `const KIND = 'spinlock';\n${PHILOSOPHERS}`);
  t.is(spinning.code, 1);
  t.regex(spinning.stdout, /20,000 instructions; the budget is used up\n$/);
  t.regex(spinning.stderr, /one-1 waits for right at spin_lock, which two-2 has/);
});

test('the console is shown as it comes, in one line with nothing else; setup is over before', async (t) => {
  const { code, stdout } = await run(
    'console.config.ts',
    `export default defineKernel({
  kernel: { arch: x86() },
  setup(kernel) {
    const console = kernel.get(CONSOLE);
    const say = (text) => console.write(new TextEncoder().encode(text));
    say('booted\\n');
    kernel.machine.spawn(program(function* () {
      for (const text of ['Gr\\u00fc', '\\u00dfe', '\\x1b[2J']) { yield { pc: 0x1000n, length: 4 }; say(text); }
    }));
  },
  report: () => 'the report',
});`,
  );
  t.is(code, 0);
  const [, rest] = stdout.split('\n\nbooted\n');
  t.regex(rest ?? '', /^Grüße.*\nthe report\n\n3 instructions; nothing can run any more\n$/);
  t.false(stdout.includes('\u001b'));
});

test('arguments behind -- reach a config that is a function; others are refused with the way out', async (t) => {
  const text = `export default defineKernel(async ({ args }) => ({
  kernel: { arch: x86(), cpus: Number(args[0] ?? 1) },
  report: () => args.join('|'),
}));`;
  const file = configOf('args.config.ts', text);
  const given = await hwbpProcess(['run', file, '--budget', '5', '--', '3', '--budget', 'x y']);
  t.is(given.code, 0);
  t.regex(given.stdout, /cpus {10}3, online 0, 1, 2[\s\S]*\n3\|--budget\|x y\n/);
  t.regex((await hwbpProcess(['run', file])).stdout, /cpus {10}1,/);
  const bare = await hwbpProcess(['run', file, '3']);
  t.deepEqual(
    [bare.code, /takes one config, got 3 too\narguments of the config stand behind --/.test(bare.stderr)],
    [2, true],
  );
  const object = await run('object.config.ts', 'export default defineKernel({ kernel: { arch: x86() } });', '--', '3');
  t.is(object.code, 2);
  t.regex(object.stderr, /object\.config\.ts takes no arguments, got 3\na config that does exports a function/);
  const wrong = await run('five.config.ts', 'export default () => 5;');
  t.is(wrong.code, 2);
  t.regex(wrong.stderr, /the default export: .*received number/);
});

test('--json has the same as lines: what was composed, the console, the report, the end, and each trouble', async (t) => {
  const { code, stdout, stderr } = await run('json.config.ts', `const KIND = 'mutex';\n${PHILOSOPHERS}`, '--json');
  t.deepEqual([code, stderr], [1, '']);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.deepEqual(
    [lines[0]?.kind, lines[0]?.arch, lines[0]?.plugins],
    ['composed', 'x86', ['x86', 'locks', 'lock report']],
  );
  t.deepEqual([lines[1]?.kind, lines[1]?.reason], ['end', 'idle']);
  t.deepEqual(
    lines.slice(2).map(({ kind, trouble, task }) => [kind, trouble, task]),
    [
      ['trouble', 'lock', undefined],
      ['trouble', 'deadlock', undefined],
      ['trouble', 'waits', 'one-1'],
      ['trouble', 'waits', 'two-2'],
    ],
  );
  const refused = await run('json.config.ts', PHILOSOPHERS, '--json', '--xmon');
  t.is(refused.code, 2);
});

test('Ctrl-C ends the run where it is, with the report so far', async (t) => {
  const text = `export default defineKernel({
  kernel: { arch: x86() },
  setup(kernel) {
    kernel.machine.spawn(program(function* () {
      yield { pc: 0x1000n, length: 4 };
      kernel.get(CONSOLE).write(new TextEncoder().encode('ready\\n'));
      for (;;) yield { pc: 0x1000n, length: 4 };
    }));
  },
  report: () => 'so far',
});`;
  const stdout = await beginningOf(['run', configOf('forever.config.ts', text)], /ready/);
  t.regex(stdout, /\nso far\n\n[\d,]+ instructions; interrupted\n$/);
});

test('Ctrl-C behind something that went wrong: that is told too, and the exit code is still 130', async (t) => {
  const file = configOf(
    'early.config.ts',
    `export default defineKernel({
  kernel: { arch: x86() },
  setup(kernel) {
    kernel.machine.after(1000, () => { throw new Error('early'); });
    kernel.machine.spawn(program(function* () {
      for (let i = 0; i < 5; i++) yield { pc: 0x1000n, length: 4 };
      kernel.get(CONSOLE).write(new TextEncoder().encode('ready'));
      for (;;) yield { pc: 0x1000n, length: 4 };
    }));
  },
});`,
  );
  const child = spawn(process.execPath, [BIN, 'run', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes('ready')) child.kill('SIGINT');
  });
  const [code] = await once(child, 'close');
  t.is(code, 130);
  t.regex(stderr, /a timer threw: early \(.*early\.config\.ts:6:\d+\)/);
});
