import { once } from 'node:events';
import { visible } from '@hwbp/conform/text';
import { hex, ROUTINES, TARGET_DESCRIPTION } from '@hwbp/core';
import { gdbHabits } from '@hwbp/kgdb';
import { KgdbServer } from '@hwbp/kgdb/server';
import { LackeyError } from '@hwbp/lackey';
import type { Command } from 'commander';
import { ARCHITECTURE_NAMES, CPU_NAMES, findArchitecture } from '../architecture/find-architecture.js';
import { registersText } from '../architecture/registers-text.js';
import { runWith } from '../architecture/run-with.js';
import { ARGUMENTS, checkArguments } from '../config/config-arguments.js';
import { isConfig } from '../config/config-name.js';
import { userCode } from '../config/user-code.js';
import { ConfigTarget } from '../debug/config-target.js';
import { GuestTarget } from '../debug/guest-target.js';
import { formatAddress, isLoopback } from '../debug/listen-address.js';
import type { DebugTarget } from '../debug/target.js';
import { TraceTarget } from '../debug/trace-target.js';
import { runError, usageError } from '../errors.js';
import { Output } from '../output.js';
import { openTraces, readFiles } from '../replay/open-traces.js';
import { type LoadedProgram, placeProgram } from '../replay/place-program.js';
import { expectConfig } from '../replay/sniff-file.js';
import { type DebugOptions, parseDebugOptions } from './debug-options.js';

const HELP = `
TARGET is a trace of Valgrind's Lackey, plain or gzipped (- is standard input), or the config of a kernel (*.ts, *.js; see hwbp run --help).
The program waits for gdb before its first instruction, and runs on when gdb detaches. Ctrl-C ends hwbp.
A config may be a function of what stands behind --.
With --guest gdb debugs a virtual machine that the config's setup has made, from outside, as QEMU lets it.

Examples:
  hwbp debug prog.trace.gz --elf prog --listen 1234
  hwbp debug panel.trace.gz --elf panel --arch ppc64
  hwbp debug kernel.config.ts --threads tasks
  hwbp debug kernel.config.ts -- 4 workers
  hwbp debug host.config.ts --guest vm0

Exit code: 0 the program has ended, or Ctrl-C; 1 the run failed, or the trace has ended and is not whole or another
program's; 2 the command line is wrong.`;

/** Gives `hwbp debug` its options, and what it does. `words`: of the command line. */
export function addDebug(command: Command, words: readonly string[]): void {
  command
    .description('Lets your own gdb attach to a simulated kernel: hardware watchpoints, breakpoints, steps.')
    .argument('<target>', 'Lackey trace, or the config of a kernel')
    .argument('[args...]', ARGUMENTS)
    .usage('[options] <target> [-- args...]')
    .option('--elf <file>', 'the program: its symbols, and its initial memory')
    .option('-a, --arch <name>', `architecture of a trace: ${ARCHITECTURE_NAMES}; default x86`)
    .option('--cpu <name>', `CPU ${CPU_NAMES}`)
    .option(
      '-l, --listen <[host:]port>',
      'where gdb attaches; without a host only this machine can; 0: any free port',
      '1234',
    )
    .option('--threads <what>', "what threads are to gdb: cpus or tasks; default: the config's, or cpus")
    .option('-g, --guest <name>', "a virtual machine of the config's kernel: threads are its virtual CPUs")
    .option(
      '--load-bias <address>',
      'where a position-independent program was loaded; default: where the trace shows it',
    )
    .option('--timeout <seconds>', 'cut off a debugger that leaves a packet unfinished for so long', '10')
    .option('--strict', "refuse lines of a trace that are none of Lackey's")
    .addHelpText('after', HELP)
    .action((target: string, args: readonly string[], raw: unknown) => {
      checkArguments('debug', 'target', args, words);
      return debug(target, args, parseDebugOptions(raw));
    });
}

async function open(target: string, args: readonly string[], options: DebugOptions): Promise<DebugTarget> {
  if (isConfig(target)) {
    await expectConfig(target, 'debug');
    const file = await readFiles([], options, 'debug');
    const program = file === undefined ? undefined : placeProgram(file, options.loadBias, undefined);
    if (options.arch !== undefined || options.cpu !== undefined)
      throw usageError('--arch and --cpu are for traces', `${target} says what its kernel is made of`);
    if (options.guest === undefined) return ConfigTarget.open(target, args, program);
    if (options.threads === 'tasks')
      throw usageError('--threads tasks is for kernels', 'from outside of a guest only its CPUs can be seen');
    return GuestTarget.open(target, { args, name: options.guest }, program);
  }
  if (options.guest !== undefined)
    throw usageError('--guest is for the config of a kernel with Kvm', `${target} is a trace`);
  if (args.length > 0)
    throw usageError(`arguments behind -- are a config's, got ${args.join(' ')}`, `${target} is a trace`);
  const { arch: name = 'x86' } = options;
  const file = await readFiles([target], options, 'debug');
  const arch = await findArchitecture(name, options.cpu);
  const opened = await openTraces([target], file, options);
  return await runWith(arch, name, () => TraceTarget.open({ trace: target, arch, opened, strict: options.strict }));
}

async function debug(name: string, args: readonly string[], options: DebugOptions): Promise<void> {
  await using target = await open(name, args, options);
  using symbols = target.program === undefined ? target.symbolFile?.() : undefined;
  const output = new Output(process.stdout);
  const say = (text: string): void => {
    output.write(`${text}\n`);
    output.flush();
  };
  const server = await listen(target, options, say);
  try {
    for (const line of banner(target, server, options, symbols?.path)) say(line);
    const ended = (): Promise<unknown> =>
      Promise.race([server.ended, once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await (target.code === undefined ? ended() : userCode(target.code, ended));
  } catch (error) {
    throw explain(error, name);
  } finally {
    await server.close();
  }
  const report = await target.report();
  if (report !== undefined) say(report.trimEnd());
  await output.drain();
  target.conclude?.();
}

async function listen(target: DebugTarget, options: DebugOptions, say: (text: string) => void): Promise<KgdbServer> {
  const threads = options.threads ?? target.threads;
  try {
    return await KgdbServer.listen(target.debuggable, {
      ...options.listen,
      timeout: options.timeout * 1000,
      feed: () => target.feed(),
      notice: say,
      systemCalls: target.systemCalls,
      ...(threads === undefined ? {} : { threads }),
      ...(target.program?.bias === undefined ? {} : { bias: target.program.bias.value }),
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string') throw error;
    const where = formatAddress(options.listen);
    if (code !== 'EADDRINUSE') throw runError(`${where} cannot be listened on: ${message}`);
    throw runError(
      `${where} is taken by another program`,
      'choose another port with --listen, or 0 for any that is free',
    );
  }
}

function banner(
  target: DebugTarget,
  server: KgdbServer,
  { elf: program, listen: { host } }: DebugOptions,
  symbols: string | undefined,
): string[] {
  const { manifest } = target.kernel.breakpoints;
  const { cpus } = target.kernel.machine;
  const address = formatAddress({ host, port: server.address.port });
  const elf = program ?? symbols;
  // Without a program gdb does not know the byte order; where it has a default it is the wrong one.
  const endian = elf === undefined && manifest.name !== 'x86' ? [`-ex 'set endian ${manifest.byteOrder}'`] : [];
  const file = elf === undefined ? [] : [quote(elf)];
  const rows = [
    ...target.banner,
    ...(target.program === undefined ? [] : [['program', programRow(target.program)] as const]),
    ['kernel', `${manifest.name}, ${count(cpus.length, 'CPU')} of ${registersText(manifest)}`] as const,
    ...(symbols === undefined ? [] : [['symbols', symbolsRow(target)] as const]),
    ...notes(target).map((text, i) => [i === 0 ? 'gdb' : '', text] as const),
    ...(isLoopback(host)
      ? []
      : [['warning', `whoever reaches ${address} can read and change everything here`] as const]),
    ['attach', ['gdb-multiarch', ...endian, `-ex 'target remote ${address}'`, ...file].join(' ')] as const,
  ];
  return rows.map(([name, text]) => `${name.padEnd(8)} ${visible(text)}`);
}

/** What gdb takes for granted that is not so here, and what it sees where there are no instructions in memory. */
function notes({ kernel, program }: DebugTarget): string[] {
  const description = kernel.facet(TARGET_DESCRIPTION);
  const backed = program !== undefined;
  const routines = kernel.get(ROUTINES);
  return [
    ...(backed || routines.length > 0
      ? []
      : ['text reads as zeroes without --elf: what x/i and disassemble show are no instructions']),
    ...(description === undefined ? [] : gdbHabits(description, kernel.breakpoints.manifest, { backed })),
  ];
}

/** What the symbol file has. */
function symbolsRow({ kernel }: DebugTarget): string {
  const names = kernel.get(ROUTINES).map(({ name }) => name);
  const texts = names.length === 0 ? '' : `, and the text of ${names.join(', ')}, which is in no memory: list shows it`;
  return `${count(kernel.symbols.symbols.length, 'symbol')}${texts}`;
}

function programRow({ path, symbolCount, bias, unplaced }: LoadedProgram): string {
  const where = bias === undefined ? '' : `, loaded at ${hex(bias.value)}, ${bias.how}`;
  const nowhere =
    unplaced === undefined
      ? ''
      : `; gdb will look at the wrong addresses: ${unplaced}, say where it was loaded with --load-bias`;
  return `${path} (${count(symbolCount, 'symbol')})${where}${nowhere}`;
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

/** A file name as a shell takes it. */
function quote(file: string): string {
  return /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
}

function explain(error: unknown, name: string): unknown {
  if (!(error instanceof LackeyError)) return error;
  return runError(`${name}: ${error.message}`, 'leave --strict out to have such lines counted and skipped');
}
