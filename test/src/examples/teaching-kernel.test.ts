import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { hwbp, ROOT } from '../replay/run-cli.js';

const FOLDER = path.join(ROOT, 'examples/dist/teaching-kernel');
const README = readFileSync(path.join(ROOT, 'examples/src/teaching-kernel/README.md'), 'utf8');

const run = (file: string, ...args: readonly string[]): string =>
  execFileSync(process.execPath, [path.join(FOLDER, file), ...args], { encoding: 'utf8' });

const ANSWER = /visits: (\d+), of (\d+) calls and (\d+) interrupts; lost: (-?\d+)/;

function answer(output: string): { readonly counted: number; readonly calls: number; readonly lost: number } {
  const [, counted, calls, , lost] = ANSWER.exec(output) ?? [];
  return { counted: Number(counted), calls: Number(calls), lost: Number(lost) };
}

/** A block of the README that has a line. */
function shown(line: string): readonly string[] {
  const block = [...README.matchAll(/^```\n(.*?)^```$/gms)]
    .map(([, text = '']) => text)
    .find((text) => text.includes(line));
  return block?.trimEnd().split('\n') ?? [];
}

for (const arch of ['x86', 'ppc64', 'arm64', 'riscv64']) {
  test(`examples/teaching-kernel, ${arch}: init forks what is typed, and no visit is lost under the lock`, (t) => {
    const output = run('main.js', '--arch', arch, '--type', 'hello;visit visit;nap spin hello;nonsense');
    t.regex(output, /^\$ hello\nhello from user mode!\n\$ visit visit\n\$ nap spin hello\nhello from user mode!\n/);
    t.regex(output, /\$ nonsense\nno such program\n\$ exit\n/);
    t.deepEqual([answer(output).calls, answer(output).lost], [40, 0]);
  });
}

for (const scheduler of ['round-robin', 'priority', 'fair', 'edf', 'random']) {
  test(`examples/teaching-kernel: --scheduler ${scheduler} comes to the same end`, (t) => {
    const output = run('main.js', '--scheduler', scheduler, '--seed', '7');
    t.regex(output, /\$ exit\n/);
    t.deepEqual([answer(output).calls, answer(output).lost], [40, 0]);
    t.is(run('main.js', '--scheduler', scheduler, '--seed', '7'), output, 'the same again');
  });
}

test("examples/teaching-kernel: the README's first run", (t) => {
  t.deepEqual(
    run('main.js').trimEnd().split('\n'),
    shown('examples/dist/teaching-kernel/main.js --lock irqsave').slice(1),
  );
});

test('examples/teaching-kernel: hwbp run takes the same options behind --', async (t) => {
  const config = path.join(ROOT, 'examples/src/teaching-kernel/kernel.config.ts');
  const { code, stdout, stderr } = await hwbp(['run', config, '--', '--lock', 'none']);
  t.is(code, 0, stderr);
  t.true(stdout.includes(shown('lost: 17')[0] ?? '?'), stdout);
  const hung = await hwbp(['run', config, '--budget', '50000', '--', '--lock', 'plain']);
  t.regex(hung.stdout, /deadlock: visit-5 waits for hardirq on CPU 0/);
});

test('exercise 1: without the lock visits are lost, how many depends on turns', (t) => {
  const output = run('main.js', '--lock', 'none');
  t.deepEqual(shown('lost: 17'), [ANSWER.exec(output)?.[0] ?? '']);
  t.is(answer(run('main.js', '--lock', 'none', '--scheduler', 'fair')).lost, 0);
  t.true(answer(run('main.js', '--lock', 'none', '--scheduler', 'fair', '--quantum', '7')).lost > 0);
});

test('exercise 2: the ksym tracer shows both who store, and in whose name', (t) => {
  const output = run('ksym.js');
  const lines = shown('visits W  sys_visit');
  t.is(lines.length, 4);
  for (const line of lines) t.true(output.includes(line), line);
  const routines = new Set([...output.matchAll(/ visits W {2}(\w+)\+/g)].map(([, name]) => name));
  t.deepEqual([...routines].sort(), ['clock_interrupt', 'sys_visit']);
});

test('exercise 5: a lock with interrupts on hangs, and the report says who waits for whom', (t) => {
  const output = run('main.js', '--lock', 'plain');
  const lines = shown('irq-unsafe: visits_lock');
  t.is(lines.length, 2);
  for (const line of lines) t.true(output.includes(line), line);
  t.notRegex(output, /\$ exit/);
});

test('exercise 6, row 002-4: a user hit, a kernel hit in an interrupt handler and another user hit in one system call leave exactly the two user bits', async (t) => {
  const { scenarioOnX86 } = await import('@hwbp/examples/teaching-kernel');
  const calls = await scenarioOnX86();
  t.is(calls.length, 20);
  t.true(
    calls.every(({ dr6 }) => dr6 === 0b11n),
    'never a bit of the kernel',
  );
  const played = calls.filter(({ hits }) => String(hits) === 'user in task,kernel in hardirq,user in task');
  t.true(played.length >= 3, `${played.length}`);
  for (const { told } of played) t.deepEqual(told, ['hardirq']);
  for (const { hits, told } of calls) t.is(told.length, hits.filter((hit) => hit.startsWith('kernel')).length);
  t.true(
    calls.some(({ told }) => told.length === 0),
    'calls that no interrupt has come in',
  );
});

test("exercise 6 on POWER10: the signal names the user's first hit, the kernel is told its own", async (t) => {
  const { scenarioOnPower } = await import('@hwbp/examples/teaching-kernel');
  const calls = await scenarioOnPower();
  t.is(calls.length, 20, 'one stop for each call');
  t.true(calls.every(({ at }) => at === 0n));
  const told = calls.flatMap((call) => call.told);
  t.true(told.length >= 3);
  t.true(told.every((context) => context === 'hardirq'));
});

test('examples/teaching-kernel: what the command line cannot be is said', (t) => {
  for (const [args, message] of [
    [['--lock', 'some'], /--lock is one of irqsave, plain, none, got 'some'/],
    [['--scheduler', 'x'], /--scheduler is one of round-robin, priority, fair, edf, random, got 'x'/],
    [['--cpus', '0'], /--cpus is a whole number from 1, got '0'/],
    [['--quantum', '1.5'], /--quantum is a whole number from 1, got '1.5'/],
  ] as const) {
    const error = t.throws(() =>
      execFileSync(process.execPath, [path.join(FOLDER, 'main.js'), ...args], { stdio: 'pipe' }),
    );
    t.regex(String((error as (Error & { stderr?: Buffer }) | undefined)?.stderr), message);
  }
});
