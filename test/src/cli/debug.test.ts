import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { lldb } from '../clients/lldb.js';
import { GDB, LLDB, testWith } from '../clients/need.js';
import { ELF, expected, hwbpProcess, ROOT, TRACE } from '../replay/run-cli.js';
import { debugging, gdb } from './debugging.js';

const CONFIG = path.join(ROOT, 'examples/src/four-cpus/kernel.config.ts');
const GUESTS = path.join(ROOT, 'examples/src/guest-kernel/guests.config.ts');

testWith(GDB, 'a real gdb on a trace: there is nothing to catch, and gdb says so', async (t, executable) => {
  let text = '';
  await debugging([TRACE, '--elf', ELF, '--threads', 'tasks'], async (port) => {
    text = await gdb(executable, port, ELF, 'catch syscall', 'catch fork', 'continue');
  });
  for (const number of [1, 2]) t.true(text.includes(`Error inserting catchpoint ${number}`), text);
});

testWith(GDB, 'a real gdb on a trace: the 188 fees, and who touched vault_total', async (t, executable) => {
  let text = '';
  const { code, output } = await debugging([TRACE, '--elf', ELF], async (port) => {
    text = await gdb(
      executable,
      port,
      ELF,
      'hbreak *0x4011c4',
      'ignore 1 185',
      'continue',
      'info breakpoints',
      'delete',
      'awatch vault_total',
      'continue',
      'info symbol $pc',
      'delete',
      'rwatch turnover',
      'ignore 3 2',
      'continue',
      'print vault_total',
      'monitor bps',
      'delete',
      'continue',
    );
  });
  t.regex(text, /charge_fee \(.*\) at .*ledger\.c:84/);
  t.regex(text, /breakpoint already hit 186 times/);
  t.regex(text, /Hardware access \(read\/write\) watchpoint 2: vault_total\n\nValue = 0\n/);
  t.regex(text, /charge_fee \+ 42 in section \.text/, 'it stands behind the store that has no business there');
  t.regex(text, /Hardware read watchpoint 3: turnover/);
  t.regex(text, /\$1 = 0/, 'what the program began with: a trace has no values');
  t.regex(text, /turnover +rw +8 +kgdb +CPU 0/);
  t.regex(text, /exited normally/);
  t.is(code, 0);
  t.regex(output, /memory {3}the program's initial image, for good: a trace carries no values/);
  t.regex(output, /attach {3}gdb-multiarch -ex 'target remote 127\.0\.0\.1:\d+' \S+ledger\n/);
  t.regex(output, /^ +bt, up, finish, next and step into functions do not: there is no stack pointer/m);
  t.notRegex(output, /^gdb /m, 'its text is there');
  t.regex(output, /1,339,322 instructions, 25 other lines\n$/);
  t.is(expected.culprit_hits[0]?.pc, '4011c4');
});

testWith(LLDB, 'a real lldb on a trace: hardware breakpoints by name, watches, steps', async (t, executable) => {
  let text = '';
  const { code } = await debugging([TRACE, '--elf', ELF], async (port) => {
    text = await lldb(
      executable,
      `target create ${ELF}`,
      `gdb-remote ${port}`,
      'breakpoint set -H -n charge_fee',
      'continue',
      'thread step-inst',
      'breakpoint delete 1',
      'watchpoint set variable -w read_write vault_total',
      'continue',
      'watchpoint delete 1',
      'breakpoint set -n withdraw',
      'continue',
      'register read rip',
      'detach',
    );
  });
  t.regex(text, /1 = |Breakpoint 1: where = ledger`charge_fee at ledger\.c:80/);
  t.regex(text, /stop reason = breakpoint 1\.1\n\s+frame #0: 0x00000000004011a1 ledger`charge_fee/);
  t.regex(text, /stop reason = instruction step into\n\s+frame #0: 0x00000000004011a4 /);
  t.regex(text, /stop reason = watchpoint 1\n\s+frame #0: 0x[0-9a-f]+ ledger`/);
  t.regex(text, /stop reason = breakpoint 2\.1/);
  t.regex(text, /rip = 0x[0-9a-f]+ {2}ledger`withdraw/);
  t.is(code, 0);
});

testWith(GDB, 'a real gdb on a trace of PowerPC: it steps over the watchpoint itself', async (t, executable) => {
  const panel = path.join(ROOT, 'examples/panel/panel');
  let text = '';
  const args = [`${panel}.trace.gz`, '--elf', panel, '--arch', 'ppc64', '--cpu', 'power8'];
  const { code, output } = await debugging(args, async (port) => {
    text = await gdb(
      executable,
      port,
      panel,
      'show architecture',
      'awatch lamp',
      'continue',
      'x/i $pc - 4',
      'x/xb &lamp',
      'ignore 1 2',
      'continue',
      'info breakpoints',
      'delete',
      'hbreak show',
      'continue',
      'monitor why',
      'delete',
      'break show',
      'continue',
      'info registers pc msr',
      'delete',
      'continue',
    );
  });
  t.regex(text, /currently "powerpc:common64"/);
  t.regex(text, /Hardware access \(read\/write\) watchpoint 1: lamp\n\nValue = /);
  // The trace's first access to lamp is a store; loads before it are of a word beside it, in the same doubleword.
  t.regex(text, /^ +0x[0-9a-f]+ <switch_lamp\+\d+>:\tstb /m, 'the program counter stands behind the store');
  t.regex(text, /<lamp>:\s+0x[0-9a-f]{2}$/m);
  t.regex(text, /breakpoint already hit 4 times/);
  t.regex(text, /ppc64 power8 has no debug register that watches execution; use break, which needs none/);
  t.regex(text, /Breakpoint \d, show \(/);
  t.regex(text, /msr +0x800000000000f033/);
  t.regex(text, /exited normally/);
  t.regex(output, /kernel {3}ppc64 power8, 1 CPU of 1 debug register\n/);
  t.is(code, 0);
});

testWith(GDB, 'a real gdb on a kernel of one’s own: four CPUs, ksym tracing at once', async (t, executable) => {
  let text = '';
  const { code, output } = await debugging([CONFIG], async (port) => {
    text = await gdb(
      executable,
      port,
      undefined,
      'info threads',
      'watch *(int*)0xffffffff82a05000 if *(int*)0xffffffff82a05000 == 100',
      'continue',
      'monitor bps',
      'delete',
      'continue',
    );
  });
  t.regex(text, /4 +Thread 1\.4 "CPU 3 worker3-4"/);
  t.regex(text, /hit Hardware watchpoint 1: .*\n\nOld value = 99\nNew value = 100\n/);
  t.regex(text, /^0 +0 +0xffffffff82a05000 requests_served +w +4 +ksym_tracer +CPU 0$/m);
  t.regex(text, /^3 +1 +0xffffffff82a05000 requests_served +w +4 +kgdb +CPU 3$/m);
  t.regex(text, /exited normally/);
  t.regex(output, /^gdb {6}text reads as zeroes without --elf: what x\/i and disassemble show are no instructions$/m);
  t.regex(output, /requests served: 200, counted: 120\n$/, 'the debugger changes nothing');
  t.is(code, 0);
});

testWith(GDB, 'tasks as threads, by option', async (t, executable) => {
  await debugging([CONFIG, '--threads', 'tasks'], async (port) => {
    const text = await gdb(executable, port, undefined, 'info threads', 'kill');
    t.regex(text, /Thread 1\.3 "worker2"/);
  });
});

testWith(GDB, 'a real gdb on a guest, from outside: what the example’s README shows', async (t, executable) => {
  const readme = readFileSync(path.join(ROOT, 'examples/src/guest-kernel/README.md'), 'utf8');
  const [, session = ''] = /```\n\$ gdb-multiarch [^\n]*\n(.*?)```\n/s.exec(readme) ?? [];
  const commands = [...session.matchAll(/^\(gdb\) (.*)$/gm)].map(([, command = '']) => command);
  let text = '';
  const { code, output } = await debugging([GUESTS, '--guest', 'alpha'], async (port) => {
    text = await gdb(executable, port, undefined, ...commands);
  });
  const squeeze = (lines: string): string[] => lines.split('\n').filter((line) => line !== '');
  const shown = squeeze(session).filter((line) => !line.startsWith('(gdb)'));
  const printed = squeeze(text);
  const first = printed.indexOf(shown[0] ?? '');
  t.deepEqual(printed.slice(first, first + shown.length), shown);
  t.regex(output, /^guest {4}alpha, 1 virtual CPU, from outside$/m);
  t.regex(output, /(jiffies W .*\n.*){2}/);
  t.regex(output, /alpha's own watch was hit [1-5] times, beta's 5 times\n$/, 'alpha has gone on, with its own watch');
  t.is(code, 0);
});

test('hwbp run: the same kernel, without anybody', async (t) => {
  const { code, stdout, stderr } = await hwbpProcess(['run', CONFIG]);
  t.is(stderr, '');
  t.is(code, 0);
  t.regex(stdout, /^architecture {2}x86: 4 shared/);
  t.regex(stdout, /worker0-1 {5}\[000\] requests_served W {2}serve_0/);
  t.regex(stdout, /requests served: 200, counted: 120\n\n1,200 instructions; nothing can run any more\n$/);
  const cut = await hwbpProcess(['run', CONFIG, '--budget', '600']);
  t.regex(cut.stdout, /600 instructions; the budget is used up\n$/);
});

test('what cannot be debugged or run is refused with the reason and a way out', async (t) => {
  const folder = mkdtempSync(path.join(ROOT, 'test/dist/config-'));
  const config = (name: string, text: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  try {
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['run', 'none.config.ts'], 2, /there is no config none\.config\.ts/],
      [['run', config('a.ts', 'export const kernel = 1;')], 2, /has no default export.*\n.*defineKernel/],
      [['run', config('b.ts', 'export default { kernel: {}, setup: 1 };')], 2, /setup: a function of the kernel/],
      [['run', config('c.ts', 'export default { kernel: {}, tasks: [] };')], 2, /unknown: tasks/],
      [['run', config('d.ts', 'export default { kernel: {} };')], 2, /the option arch is an architecture/],
      [['run', config('e.ts', 'export default (;')], 2, /cannot be loaded/],
      [['run', CONFIG, '--budget', '0'], 2, /--budget takes a whole number/],
      [['debug', TRACE, '--listen', 'x'], 2, /--listen takes PORT or HOST:PORT/],
      [['debug', TRACE, '--listen', '70000'], 2, /--listen takes PORT/],
      [['debug', TRACE, '--threads', 'cores'], 2, /--threads takes cpus or tasks/],
      [['debug', TRACE, '--timeout', '0'], 2, /--timeout takes a whole number from 1 to 86400/],
      [['debug', TRACE, '--arch', 'vax'], 2, /there is no architecture 'vax'/],
      [['debug', 'nothing.trace', '--listen', '0'], 2, /there is no trace nothing\.trace/],
      [['debug', CONFIG, '--arch', 'x86'], 2, /--arch and --cpu are for traces/],
      [['debug', config('x.trace', 'nothing\n'), '--listen', '0'], 1, /there is no Lackey trace/],
      [['debug', TRACE, '--elf', TRACE], 2, /not an ELF file/],
      [['debug', TRACE, '--guest', 'vm0'], 2, /--guest is for the config of a kernel with Kvm/],
      [['debug', GUESTS, '--guest', 'gamma'], 2, /has no virtual machine 'gamma'\nthere is: alpha, beta/],
      [['debug', GUESTS, '--guest', 'alpha', '--threads', 'tasks'], 2, /only its CPUs can be seen/],
      [['debug', CONFIG, '--guest', 'alpha'], 2, /its kernel has no virtual machines\nadd Kvm/],
      [['debug', CONFIG, '3'], 2, /hwbp debug takes one target, got 3 too\narguments of the config stand behind --/],
      [['debug', CONFIG, '--', '3'], 2, /takes no arguments, got 3\na config that does exports a function/],
      [['debug', TRACE, '--', '3'], 2, /arguments behind -- are a config's, got 3\n.* is a trace/],
    ];
    const { arch } = { arch: "import { x86 } from '@hwbp/arch-x86';\n" };
    const throwing = `${arch}export default { kernel: { arch: x86() }, setup() { throw new Error('planted'); } };`;
    for (const [args, code, message] of [
      ...cases,
      [['run', config('f.ts', throwing)], 1, /setup threw: planted/] as const,
    ]) {
      const result = await hwbpProcess(args);
      t.regex(result.stderr, message, args.join(' '));
      t.is(result.code, code, args.join(' '));
      // What was composed is said at once: by then there is a kernel, and its setup fails.
      if (message.source.includes('setup threw')) t.regex(result.stdout, /^architecture {2}x86: /);
      else t.is(result.stdout, '', args.join(' '));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

testWith(GDB, 'arguments behind -- reach the config that gdb debugs', async (t, executable) => {
  const file = path.join(ROOT, `test/dist/arguments-${process.pid}.config.ts`);
  writeFileSync(
    file,
    `import { x86 } from '@hwbp/arch-x86';
import { defineKernel, program } from '@hwbp/core';
export default defineKernel(({ args: [count, comm] }) => ({
  kernel: { arch: x86(), cpus: Number(count) },
  setup: ({ machine }) => void machine.spawn(program([{ pc: 0x1000n, length: 4 }]), { comm, affinity: [2] }),
  report: () => \`reported \${comm}\`,
}));
`,
  );
  try {
    const { code, output } = await debugging([file, '--', '3', '--threads'], async (port) => {
      const text = await gdb(executable, port, undefined, 'info threads', 'continue');
      t.regex(text, /Thread 1\.3 "CPU 2 --threads-1"/);
    });
    t.regex(output, /kernel {3}x86, 3 CPUs/);
    t.regex(output, /reported --threads\n$/);
    t.is(code, 0);
  } finally {
    rmSync(file);
  }
});

test('a port that is taken is said, with a way out', async (t) => {
  await debugging([CONFIG], async (port) => {
    const { code, stderr } = await hwbpProcess(['debug', CONFIG, '--listen', String(port)]);
    t.is(code, 1);
    t.regex(stderr, /is taken by another program\nchoose another port with --listen/);
  });
});
