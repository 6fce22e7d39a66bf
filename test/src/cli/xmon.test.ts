import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { PYTHON, testWith } from '../clients/need.js';
import { BIN, hwbp, hwbpProcess, ROOT, scratch } from '../replay/run-cli.js';

const CONFIG = path.join(ROOT, 'examples/src/four-cpus/kernel.config.ts');

/** What `hwbp run --xmon` prints behind the description of the kernel when a script is typed. */
async function xmon(script: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await hwbp(['run', CONFIG, '--xmon', ...args], Buffer.from(script));
  return { code, stderr, session: stdout.slice(stdout.indexOf('\n\n') + 2) };
}

const END = /\nrequests served: 200, counted: (\d+)\n\n([\d,]+) instructions; (.*)\n$/;

test('a script on standard input: a whole session, then the kernel’s report', async (t) => {
  const { code, stderr, session } = await xmon('bdw requests_served\nx\nb\nx\nc\nbd zap\nbc\nx\n');
  t.is(stderr, '');
  t.is(code, 0);
  const lines = session.split('\n');
  t.deepEqual(lines.slice(0, 27), [
    'CPU 0x0: entered by order',
    '    pc: 0000000000000000',
    '  task: worker0-1, kernel mode',
    '0:mon> bdw requests_served',
    '0:mon> x',
    'CPU 0x0: data breakpoint ffffffff82a05000 requests_served+0x0/0x4 [w]',
    '    pc: ffffffff81100000 serve_0+0x0/0x11',
    '  task: worker0-1, kernel mode',
    '0:mon> b',
    '   type            address',
    '   data   ffffffff82a05000  [w]',
    '0:mon> x',
    'CPU 0x1: data breakpoint ffffffff82a05000 requests_served+0x0/0x4 [w]',
    '    pc: ffffffff81100100 serve_1+0x0/0x11',
    '  task: worker1-2, kernel mode',
    '1:mon> c',
    '  CPU 0x0: worker0-1',
    '* CPU 0x1: worker1-2',
    '  CPU 0x2: worker2-3',
    '  CPU 0x3: worker3-4',
    '1:mon> bd zap',
    "'zap' is no address: hexadecimal digits, a symbol, or a register such as %pc",
    '1:mon> bc',
    'All breakpoints cleared',
    '1:mon> x',
    '#       TASK-PID   CPU#      Symbol                    Type    Function',
    '#          |        |          |                        |         |',
  ]);
  t.deepEqual(END.exec(session)?.slice(1), ['120', '1,200', 'nothing can run any more']);
});

test('looking changes nothing: with xmon and without orders the kernel does what it does alone', async (t) => {
  const alone = (await hwbp(['run', CONFIG])).stdout.split('\n\n').slice(1).join('\n\n');
  for (const script of ['', 'x\n', 'b\nr\nt\nc\n?\nx\n', 'x\nb serve_1\nzap\n']) {
    const { session } = await xmon(script);
    t.true(session.endsWith(alone), JSON.stringify(script));
  }
});

test('at the end of the script xmon lets go: its breakpoints are gone', async (t) => {
  const { code, session } = await xmon('b serve_0\nx\nb');
  t.is(code, 0);
  t.regex(session, /CPU 0x0: breakpoint 1\n.*\n.*\n0:mon> b\n {3}type .*\n 1 trap .*\n#/);
  t.is(END.exec(session)?.[2], '1,200');
});

test('--read-only, --budget and --history', async (t) => {
  const file = scratch(t)('history', 'old\n');
  const { session } = await xmon('b serve_0\n\nx\n', '--read-only', '--budget', '600', '--history', file);
  t.regex(session, /0:mon> b serve_0\nOperation disabled: xmon in read-only mode\n0:mon> \n0:mon> x\n/);
  t.regex(session, /600 instructions; the budget is used up\n$/);
  t.is(readFileSync(file, 'utf8'), 'old\nb serve_0\nx\n');
  const stepped = await xmon('s\ns\nx\n', '--budget', '600');
  t.regex(stepped.session, /600 instructions; the budget is used up\n$/, 'steps count');
});

test('what cannot be is refused with the reason and a way out', async (t) => {
  const file = scratch(t);
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['run', CONFIG, '--read-only'], 2, /--read-only and --history are for --xmon\n/],
    [['run', CONFIG, '--history', 'x'], 2, /--read-only and --history are for --xmon\n/],
    [['run', 'none.config.ts', '--xmon'], 2, /there is no config none\.config\.ts/],
    [
      ['run', file('a.config.mjs', 'export default { kernel: {} };'), '--xmon'],
      2,
      /the option arch is an architecture/,
    ],
    [['run', CONFIG, '--xmon', '--history', ROOT], 2, /cannot be written: it is a directory\n.*--history/],
    [['run', CONFIG, '--xmon', '--history', `${ROOT}/no/where`], 2, /cannot be written: ENOENT.*\n.*--history/],
  ];
  for (const [args, expected, message] of cases) {
    const { code, stderr } = await hwbpProcess(args, Buffer.from('x\n'));
    t.is(code, expected, args.join(' '));
    t.regex(stderr, message, args.join(' '));
  }
});

test('the help says how', async (t) => {
  const { stdout } = await hwbp(['run', '--help']);
  t.regex(stdout, /--xmon .*debugger/);
  t.regex(stdout, /Ctrl-C/);
});

testWith(PYTHON, 'at a terminal: line editing, history, and Ctrl-C enters and clears the line', async (t, python) => {
  const file = scratch(t);
  const config = file(
    'endless.config.mjs',
    `import { ppc64 } from '${ROOT}/arch-ppc64/dist/index.js';
     import { defineKernel, program } from '${ROOT}/core/dist/index.js';
     const spin = 0xc000000000100000n;
     export default defineKernel({
       kernel: { arch: ppc64({ cpu: 'power8' }), symbols: [{ name: 'spin', address: spin, size: 8 }] },
       setup({ machine }) {
         machine.spawn(program(function* () {
           for (;;) yield { pc: spin, length: 4, next: spin };
         }), { mode: 'kernel', comm: 'spinner' });
       },
       report: () => 'over',
     });`,
  );
  const history = file('history', 'ls spin\n');
  const steps = [
    ['0:mon> ', 'bi spit\x7fn\r'],
    ['0:mon> ', 'x\r'],
    ['breakpoint 1, behind c000000000100000 spin+0x0/0x8', ''],
    ['0:mon> ', 'bc\r'],
    ['All breakpoints cleared', ''],
    ['0:mon> ', 'x\r'],
    ['x\r', '\x03'],
    ['entered by order', ''],
    ['0:mon> ', 'nonsense\x03'],
    ['0:mon> ', '\x1b[A\x1b[A\x1b[A\x1b[A\r'],
    ['spin: c000000000100000', ''],
    ['0:mon> ', '\x04'],
  ];
  const script = path.join(ROOT, 'test/fixtures/xmon/terminal.py');
  const command = [process.execPath, BIN, 'run', config, '--xmon', '--history', history, '--budget', '10000000'];
  const { stdout } = await promisify(execFile)(python, [script, JSON.stringify(steps), ...command], {
    env: { ...process.env, TERM: 'xterm', NO_COLOR: '1' },
  });
  t.regex(stdout, /over\r\n\r\n10,000,000 instructions; the budget is used up\r\n$/);
  t.deepEqual(readFileSync(history, 'utf8').split('\n'), ['ls spin', 'bi spin', 'x', 'bc', 'x', 'ls spin', '']);
});
