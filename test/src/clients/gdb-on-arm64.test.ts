import path from 'node:path';
import { arm64 } from '@hwbp/arch-arm64';
import { debugging, gdb as gdbOnPort } from '../cli/debugging.js';
import { kernelWith } from '../kgdb/client.js';
import { data, lines, load, store } from '../kgdb/programs.js';
import { ROOT } from '../replay/run-cli.js';
import { gdb } from './gdb.js';
import { GDB, testWith } from './need.js';

const METERS = path.join(ROOT, 'examples/meters/meters');
const at = (address: bigint): string => `*(long*)0x${address.toString(16)}`;

/** Stops as gdb tells of them: what it was, the values, and where the program counter is then. */
const stopsOf = (output: string): readonly string[] =>
  [
    ...output.matchAll(
      /^(?:Thread .* hit )?(Hardware .*watchpoint|Breakpoint) \d(?:: .*\n\n((?:\w.* = .*\n)+)|, )(0x[0-9a-f]+)/gm,
    ),
  ].map(([, what = '', values = '', pc = '']) =>
    `${what} ${values.trim().replaceAll('\n', ', ')} ${Number(pc).toString(16)}`.replaceAll(/ +/g, ' '),
  );

for (const strict of [true, false]) {
  for (const threads of ['cpus', 'tasks'] as const) {
    const title = `a real gdb on arm64, ${threads}, ${strict ? 'strict' : 'with quirks'}`;

    testWith(GDB, `${title}: watch, rwatch, awatch, a condition, hbreak and stepi`, async (t, executable) => {
      using kernel = kernelWith({ arch: arm64(), cpus: 1, strict });
      kernel.machine.spawn(
        lines([
          { accesses: [store(data(), 5n, 8)] },
          { accesses: [store(data(), 5n, 8)] },
          { accesses: [load(data(), 8)] },
          // A pair, of which the second half is watched.
          { accesses: [store(data() - 8n, 1n, 8), store(data(), 7n, 8)] },
          { accesses: [store(data(), 8n, 8)] },
          {},
          {},
          { accesses: [load(data(), 8)] },
          {},
        ]),
      );
      const before = kernel.breakpoints.registered.length;
      const watches = [`watch ${at(data())}`, 'continue', 'continue', `condition 1 ${at(data())} == 8`, 'continue'];
      const reads = ['delete', `rwatch ${at(data())}`, 'hbreak *$pc+4', 'continue', 'stepi'];
      const last = ['print/x $pc', 'continue', 'delete', 'continue'];
      const output = await gdb(executable, kernel, threads, ...watches, ...reads, ...last);
      t.deepEqual(stopsOf(output), [
        'Hardware watchpoint Old value = 0, New value = 5 401004',
        'Hardware watchpoint Old value = 5, New value = 7 401010',
        'Hardware watchpoint Old value = 7, New value = 8 401014',
        'Breakpoint 401018',
        'Hardware read watchpoint Value = 8 401020',
      ]);
      t.regex(output, /\$1 = 0x40101c\n/);
      t.regex(output, /exited normally/);
      t.is(kernel.breakpoints.registered.length, before, 'nothing is left of it');
    });
  }
}

testWith(
  GDB,
  'a real gdb on arm64: an instruction that breaks and stores has both its stops',
  async (t, executable) => {
    for (const strict of [true, false]) {
      for (const late of [false, true]) {
        using kernel = kernelWith({ arch: arm64(), cpus: 1, strict });
        kernel.machine.spawn(lines([{}, { accesses: [store(data(), 5n, 8)] }, {}, {}, {}]));
        const watch = `watch ${at(data())}`;
        const commands = late ? ['continue', watch, 'delete 1'] : [watch, 'continue'];
        const output = await gdb(executable, kernel, 'tasks', 'hbreak *0x401004', ...commands, 'continue', 'detach');
        const stop = 'Hardware watchpoint Old value = 0, New value = 5 401008';
        t.deepEqual(stopsOf(output), ['Breakpoint 401004', stop], `${strict}, ${late}`);
      }
    }
  },
);

testWith(
  GDB,
  'a real gdb on arm64: four watches and six breakpoints, a fifth watch is refused',
  async (t, executable) => {
    using kernel = kernelWith({ arch: arm64(), cpus: 1 });
    kernel.machine.spawn(lines([{}, {}, { accesses: [store(data(3), 5n, 8)] }, {}, {}]));
    const watches = [0, 1, 2, 3].map((n) => `watch ${at(data(n))}`);
    const breaks = [1, 2, 3, 4, 5, 6].map((n) => `hbreak *${0x40_1100 + 4 * n}`);
    const all = [
      ...watches,
      ...breaks,
      'continue',
      'info breakpoints',
      'monitor bps',
      'delete 1',
      `watch ${at(data(9))}`,
    ];
    const output = await gdb(executable, kernel, 'cpus', ...all, 'continue');
    t.regex(output, /Hardware watchpoint 4: .*\n\nOld value = 0\nNew value = 5\n/);
    t.regex(output, /exited normally/);
    using other = kernelWith({ arch: arm64(), cpus: 1 });
    other.machine.spawn(lines([{}, {}]));
    const more = await t.throwsAsync(gdb(executable, other, 'cpus', ...watches, `watch ${at(data(9))}`, 'continue'));
    t.regex(String(more), /Could not insert hardware watchpoint 5/);
  },
);

testWith(
  GDB,
  'a real gdb on tasks of arm64: breaks and watches in the kernel too, on every CPU',
  async (t, executable) => {
    let text = '';
    const config = path.join(ROOT, 'test/fixtures/arm64/teaching.config.ts');
    const { output } = await debugging([config, '--threads', 'tasks'], async (port, said) => {
      const file = /target remote \S+' (\S+)\n/.exec(said())?.[1];
      const breaking = ['hbreak clock_interrupt', 'continue', 'bt', 'info symbol $pc', 'print/x $cpsr', 'delete'];
      const watching = ['watch visits', 'continue', 'info symbol $pc', 'continue', 'delete', 'catch syscall write'];
      text = await gdbOnPort(
        executable,
        port,
        file,
        ...breaking,
        ...watching,
        'continue',
        'print/d $x8',
        'info threads',
      );
    });
    t.regex(text, /Thread \d "\w+" hit Breakpoint 1, 0x0*f+81100100 in clock_interrupt \(\)\n/);
    t.regex(text, /clock_interrupt in section \.text\n\$1 = 0x5\n/);
    t.regex(text, /Hardware watchpoint 2: visits\n\nOld value = 15\nNew value = 16\n/);
    t.regex(text, /clock_interrupt \+ 24 in section \.text[\s\S]*Old value = 16\nNew value = 17\n/);
    t.regex(text, /call to syscall write\)[\s\S]*\$2 = 64\n/);
    t.notRegex(output, /refused: EINVAL/);
    t.regex(output, /visits: \d+, of 40 calls/, 'it goes on without gdb');
  },
);

testWith(GDB, 'a real gdb on a trace of arm64: pairs, exclusives, and a name of the file', async (t, executable) => {
  let text = '';
  const args = [`${METERS}.trace.gz`, '--elf', METERS, '--arch', 'arm64'];
  const { code, output } = await debugging(args, async (port) => {
    const clearing = ['show architecture', 'hbreak clear', 'ignore 1 6', 'continue', 'x/i $pc', 'awatch billed'];
    const hit = ['continue', 'x/i $pc - 4', 'delete', 'awatch pulses', 'continue', 'x/i $pc - 4'];
    const again = ['continue', 'x/i $pc - 4', 'delete', 'rwatch readings', 'continue', 'x/i $pc - 4', 'delete'];
    const rest = ['break use', 'continue', 'info registers pc cpsr', 'delete', 'continue'];
    text = await gdbOnPort(executable, port, METERS, ...clearing, ...hit, ...again, ...rest);
  });
  t.regex(text, /currently "aarch64"/);
  t.regex(text, /Breakpoint 1, clear \(/);
  t.regex(text, /=> 0x400164 <clear>:\tstp\txzr, xzr, \[x0\]/);
  t.regex(text, /Hardware access \(read\/write\) watchpoint 2: billed\n\nValue = /);
  t.regex(text, /^ +0x400164 <clear>:\tstp\txzr, xzr, \[x0\]/m, 'the last meter but none: the pair is stored');
  // gdb steps over a load-exclusive and what follows it up to the store-exclusive at once, as nothing else could
  // succeed.
  t.is([...text.matchAll(/ +0x400100 <pulse\+16>:\tstxr\t/g)].length, 2);
  t.regex(text, / +0x400138 <reading\+8>:\tldr\t/);
  t.regex(text, /Breakpoint 5, use \([\s\S]*pc +0x400110 [\s\S]*cpsr +0x0 /);
  t.regex(text, /exited normally/);
  t.regex(output, /kernel {3}arm64, 1 CPU of 4 data registers and 6 instruction registers\n/);
  t.is(code, 0);
});
