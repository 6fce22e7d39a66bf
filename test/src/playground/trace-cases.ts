import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BANK, BANK_DWARF4, BANK_TRACE, REPEAT, THREAD_TRACE } from '../replay/names.js';
import { ELF, ROOT, TRACE } from '../replay/run-cli.js';

/** What is given to the page, and to the command. */
export interface TraceCase {
  readonly what: string;
  /** Files by their names: the trace first, then the program, then libraries. */
  readonly files: readonly (readonly [name: string, bytes: Buffer])[];
  readonly watches: readonly string[];
  /** As the page names it; the usual one is x86-64. */
  readonly arch?: { readonly label: string; readonly args: readonly string[] };
  readonly options?: Readonly<Partial<Record<'cpus' | 'tasks' | 'load-bias', string>>> & { readonly strict?: boolean };
  /** Something is to be said against the answer. */
  readonly doubtful?: boolean;
  /** A name that the answer must have. */
  readonly name: string;
}

const file = (name: string, from: string): readonly [string, Buffer] => [name, readFileSync(from)];
const recorded = (folder: string, name: string) => [
  file(`${name}.trace.gz`, path.join(ROOT, folder, `${name}.trace.gz`)),
  file(name, path.join(ROOT, folder, name)),
];
const text = (name: string, bytes: string): readonly [string, Buffer] => [name, Buffer.from(bytes, 'latin1')];

/** What Valgrind wrote of the bank, on a machine whose libraries are nowhere here. */
const elsewhere = (from: string): string =>
  gunzipSync(readFileSync(from))
    .toString('latin1')
    .replaceAll(/(Reading syms from) .*\//g, '$1 /not/here/');
const bankText = elsewhere(BANK_TRACE);

/** The first instruction of the C library that writes `bank::name`: where a library is said to be instead. */
const IN_LIBRARY = 0x499849cn;
const inLibrary = bankText.replace(
  /--1-- Reading syms from .*libc\.so\.6\n.*\n/,
  `--1-- Reading syms from ./librepeat.so\n--1--    svma 0x401000, avma 0x${(IN_LIBRARY - 4n).toString(16)}\n`,
);

/** Traces that the page and the command are asked about. */
export const TRACE_CASES: readonly TraceCase[] = [
  {
    what: 'of a program on two CPUs',
    files: [file('ledger.trace.gz', TRACE), file('ledger', ELF)],
    watches: ['vault_total:w', 'fees_by_month+44:w', 'charge_fee:x'],
    options: { cpus: '2' },
    name: 'charge_fee+0x23',
  },
  {
    what: 'as plain text, replayed by three tasks on two CPUs',
    files: [text('ledger.trace', gunzipSync(readFileSync(TRACE)).toString('latin1')), file('ledger', ELF)],
    watches: ['vault_total:w'],
    options: { cpus: '2', tasks: '3' },
    name: 'charge_fee+0x23',
  },
  {
    what: 'of C++, watched by its names, with spaces in them',
    files: [text('bank.trace', bankText), file('bank', BANK)],
    watches: ['bank::balances/8:w', '(anonymous namespace)::hidden:rw', 'count(int):x', "'plain'/4:w"],
    name: 'main+0x23',
  },
  {
    what: 'of C++ with packed debug information, watched by a member',
    files: [text('bank.trace', bankText), file('bank-dwarf4', BANK_DWARF4)],
    watches: ['bank::conf.yearly[2].lowest:w'],
    name: 'main',
  },
  {
    what: 'with a hit in a library that was chosen',
    files: [text('bank.trace', inLibrary), file('bank', BANK), file('librepeat.so', REPEAT)],
    watches: ['bank::name/8:w'],
    name: 'begin+0x4 (librepeat.so)',
  },
  {
    what: 'with hits in a library that was not chosen',
    files: [text('bank.trace', bankText), file('bank', BANK)],
    watches: ['bank::name/8:w'],
    name: '0x499849c from main+0x5d',
  },
  {
    what: 'of a program with threads',
    files: [text('bank.trace', elsewhere(THREAD_TRACE)), file('bank', BANK)],
    watches: ['bank::balances/8:w'],
    doubtful: true,
    name: 'main',
  },
  {
    what: 'that was broken off',
    files: [text('bank.trace', bankText.slice(0, -700)), file('bank', BANK)],
    watches: ['bank::balances/8:w'],
    doubtful: true,
    name: 'main',
  },
  {
    what: 'of another program',
    files: [file('ledger.trace.gz', TRACE), file('bank', BANK)],
    watches: ['0x404390/4:w'],
    doubtful: true,
    name: '0x40114f',
  },
  {
    what: 'of arm64',
    files: recorded('examples/meters', 'meters'),
    watches: ['billed:w'],
    arch: { label: 'arm64, Cortex-A57', args: ['--arch', 'arm64', '--cpu', 'cortex-a57'] },
    name: 'clear',
  },
  {
    what: 'of arm64 on the registers of x86',
    files: recorded('examples/meters', 'meters'),
    watches: ['billed/4:w'],
    arch: { label: 'x86-64', args: ['--arch', 'x86'] },
    name: 'clear',
  },
  {
    what: 'of ppc64',
    files: recorded('examples/panel', 'panel'),
    watches: ['lamp:w'],
    arch: { label: 'ppc64, POWER8', args: ['--arch', 'ppc64', '--cpu', 'power8'] },
    name: 'show',
  },
];
