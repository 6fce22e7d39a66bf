import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { BIN, ELF, hwbp, ROOT, scratch, TRACE, traceText } from '../replay/run-cli.js';
import { testUsage, type UsageError } from '../replay/usage.js';

const COMMANDS = ['replay', 'record', 'stat', 'conform', 'contract', 'run', 'debug'] as const;
const CONFIG = path.join(ROOT, 'examples/src/four-cpus/kernel.config.ts');

/** The options of a command, as its help lists them: the letter, the long name, and what it takes. */
async function optionsOf(command: string): Promise<{ letter: string | undefined; name: string }[]> {
  const { stdout } = await hwbp([command, '--help']);
  return [...stdout.matchAll(/^ {2}(?:(-\w), )?(--[\w-]+)/gm)]
    .map(([, letter, name = '']) => ({ letter, name }))
    .filter(({ name }) => name !== '--help');
}

test('one letter, one meaning: in every command that has it', async (t) => {
  const meanings = new Map<string, string>();
  for (const command of COMMANDS) {
    for (const { letter, name } of await optionsOf(command)) {
      if (letter === undefined) continue;
      t.is(meanings.get(letter) ?? name, name, `${letter} of hwbp ${command}`);
      meanings.set(letter, name);
    }
  }
  t.is(meanings.get('-e'), '--event');
  t.is(meanings.get('-c'), '--count');
});

test('an option that two commands have has the same letter in both', async (t) => {
  const letters = new Map<string, string | undefined>();
  for (const command of COMMANDS) {
    for (const { letter, name } of await optionsOf(command)) {
      if (letters.has(name)) t.is(letters.get(name), letter, `${name} of hwbp ${command}`);
      letters.set(name, letter);
    }
  }
});

test('the synopses of the manual name every option that there is, and no other', async (t) => {
  const manual = readFileSync(path.join(ROOT, 'cli/README.md'), 'utf8');
  for (const command of COMMANDS) {
    // Every other piece between fences is code.
    const synopses = manual
      .split(/^```.*$/m)
      .filter((_, i) => i % 2 === 1)
      .flatMap((block) => block.split(/^(?=hwbp )/m))
      .filter((block) => new RegExp(`^hwbp ${command} +(?:[A-Z[]|-e EVENTS)`).test(block));
    t.true(synopses.length > 0, `hwbp ${command} has a synopsis`);
    const written = synopses.join(' ');
    const options = await optionsOf(command);
    for (const { letter, name } of options) {
      const said = new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(written);
      t.true(said || (letter !== undefined && written.includes(`${letter} `)), `${name} of hwbp ${command}`);
    }
    for (const [, name = ''] of written.matchAll(/(--[a-z][\w-]+)/g))
      t.true(
        options.some((option) => option.name === name),
        `${name} in the synopsis of hwbp ${command}`,
      );
  }
});

test('hwbp help: of a command, of all, and of one that there is not', async (t) => {
  const unknown = await hwbp(['help', 'foo']);
  t.is(unknown.code, 2);
  t.regex(unknown.stderr, /unknown command 'foo'/);
  const near = await hwbp(['help', 'reply']);
  t.is(near.code, 2);
  t.regex(near.stderr, /Did you mean replay\?/);
  const own = await hwbp(['help', 'replay']);
  t.is(own.code, 0);
  t.is(own.stdout, (await hwbp(['replay', '--help'])).stdout);
  const all = await hwbp(['help']);
  t.is(all.code, 0);
  for (const command of COMMANDS) t.regex(all.stdout, new RegExp(`^ {2}${command} `, 'm'));
});

const usage: readonly UsageError[] = [
  ['a config given to replay', ['replay', CONFIG, '-w', '0x1000:w'], /is the config of a kernel/, /hwbp run /],
  ['a config given to stat', ['stat', '-e', 'cs', CONFIG], /is the config of a kernel, and hwbp stat takes the trace/],
  ['a trace given to run', ['run', TRACE], /is the trace of a program, and hwbp run takes the config/, /hwbp replay /],
  ['a program given to replay', ['replay', ELF, '-w', '0x1000:w'], /is a program/, /--elf /],
  ['a program given to run', ['run', ELF], /is a program, and hwbp run takes the config of a kernel/],
  ['a program given to debug', ['debug', ELF], /is a program, and hwbp debug takes the trace of one/],
  ['a missing trace, before a watch that is wrong', ['replay', 'nowhere', '-w', 'bad'], /no trace nowhere/],
  ['a missing trace, before no watch at all', ['replay', 'nowhere'], /no trace nowhere/],
  ['a missing program, before a watch that is wrong', ['replay', TRACE, '--elf', 'no', '-w', 'bad'], /no program no/],
  ['a missing trace, before an event that is wrong', ['stat', '-e', 'bad', 'nowhere'], /no trace nowhere/],
  ['a missing config', ['run', 'nowhere.config.ts'], /no config nowhere/],
  ['-e for a program', ['replay', TRACE, '-e', ELF, '-w', 'today:w'], /unknown option '-e'/, /--elf FILE/],
  ['-c for CPUs', ['replay', TRACE, '-c', '2', '-w', '0x1000:w'], /unknown option '-c'/, /--cpus N/],
  [
    'a device for a recording',
    ['record', '-e', 'cs', '-o', '/dev/null', TRACE],
    /\/dev\/null cannot be written: it is no regular file/,
  ],
];

testUsage(usage);

const FULL = '/dev/full';
const onFullDisk = existsSync(FULL) ? test : test.skip;

onFullDisk('a full disk is said, without a stack: exit code 1', async (t) => {
  for (const args of [['replay', TRACE, '--elf', ELF, '-w', 'today:w'], ['--help'], ['stat', '-e', 'cs', TRACE]]) {
    const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', openSync(FULL, 'w'), 'pipe'] });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    t.is(code, 1);
    t.regex(stderr, /^hwbp: standard output cannot be written: ENOSPC/);
    t.notRegex(stderr, /\n {4}at /);
  }
});

/** What a config of these tests says on standard error once its kernel executes. */
const RUNNING = 'running';

/**
 * Runs `hwbp` on a trace that never ends, presses Ctrl-C once it has read that twice or has said {@link RUNNING}, and
 * waits.
 */
async function interrupt(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  let pressed = false;
  const press = (): void => {
    if (!pressed) child.kill('SIGINT');
    pressed = true;
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (stderr.includes(RUNNING)) press();
  });
  child.stdin.on('error', () => {});
  const trace = traceText();
  let taken = 0;
  const more = (): void => {
    if (++taken > 2) press();
    while (child.stdin.writable && child.stdin.write(trace));
  };
  child.stdin.on('drain', more);
  more();
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

test('Ctrl-C leaves what was counted: exit code 130', async (t) => {
  const replay = await interrupt(['replay', '-', '--elf', ELF, '-w', 'vault_total:w']);
  t.is(replay.code, 130);
  t.regex(replay.stdout, /vault_total:w {2}[\d,]+ hits at \d sites/);
  t.regex(replay.stderr, /interrupted: what happened later in the trace was not looked at/);
  const stat = await interrupt(['stat', '-e', 'mem:vault_total:w', '--elf', ELF, '-']);
  t.is(stat.code, 130);
  t.regex(stat.stdout, /[\d,]+ +mem:vault_total:w/);
  const file = scratch(t)('perf.data', '');
  const record = await interrupt(['record', '-e', 'mem:vault_total:w', '-o', file, '--elf', ELF, '-']);
  t.is(record.code, 130);
  t.true(readFileSync(file).length > 1000, 'the file has what there was');
});

test('Ctrl-C ends a kernel that runs for ever, after its report', async (t) => {
  const config = scratch(t)(
    'kernel.config.mjs',
    `import { x86 } from '${path.join(ROOT, 'arch-x86/dist/index.js')}';
     import { defineKernel, program } from '${path.join(ROOT, 'core/dist/index.js')}';
     export default defineKernel({
       kernel: { arch: x86() },
       setup: (kernel) => {
         kernel.machine.spawn(program(function* () {
           process.stderr.write('${RUNNING}');
           for (;;) yield { pc: 0x1000n, length: 4 };
         }));
       },
       report: () => 'the report',
     });`,
  );
  const { code, stdout } = await interrupt(['run', config]);
  t.is(code, 130);
  t.regex(stdout, /the report\n\n[\d,]+ instructions; interrupted\n$/);
});
