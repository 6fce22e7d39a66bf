import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { BANK } from '../replay/names.js';
import { ELF, hwbp, TRACE, traceText } from '../replay/run-cli.js';
import { tinyElf } from '../replay/tiny-elf.js';
import { pageTest } from './page-test.js';
import { type Asked, commandLine, drop, fileField, folderOf, openTracePage, replay } from './trace-page-use.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const trace = bytes('I  00401000,3\n S 00404390,4\n');
const ledger = [
  ['ledger.trace.gz', readFileSync(TRACE)],
  ['ledger', readFileSync(ELF)],
] as const;
const WATCH = ['vault_total:w'];
const packed = gzipSync(traceText().subarray(0, 2_000_000));
const damaged = Buffer.from(packed);
damaged.fill(0x55, 30_000, 30_100);

/** What cannot be answered, or is surprising, and what is to be said. */
const FAULTS: readonly (Asked & { readonly what: string; readonly says: RegExp })[] = [
  {
    what: 'a text that is no trace',
    files: [['notes.txt', bytes('nothing\n')]],
    watches: ['0x404390:w'],
    says: /^there is no Lackey trace in notes\.txt: none of its 1 lines is an instruction; the first is 'nothing'/,
  },
  { what: 'an empty file', files: [['empty', bytes('')]], watches: ['0x404390:w'], says: /empty: it is empty/ },
  {
    what: 'a program instead of its trace',
    files: [['ledger', readFileSync(ELF)]],
    watches: WATCH,
    says: /^ledger is a program, and hwbp replay takes the trace of one/,
  },
  {
    what: "a recording of perf's",
    files: [['perf.data', bytes('PERFILE2........')]],
    watches: ['0x404390:w'],
    says: /^perf\.data is a recording of perf's/,
  },
  {
    what: 'a config',
    files: [['kernel.config.ts', bytes('export default {};\n')]],
    watches: ['0x404390:w'],
    says: /is the config of a kernel/,
  },
  {
    what: 'gzip data that end early',
    files: [['cut.trace.gz', packed.subarray(0, packed.length / 2)]],
    watches: ['0x404390:w'],
    says: /^the gzip data of cut\.trace\.gz ends early/,
  },
  {
    what: 'gzip data that are damaged',
    files: [['bad.trace.gz', damaged]],
    watches: ['0x404390:w'],
    says: /^the gzip data of bad\.trace\.gz is damaged \(Z_DATA_ERROR\)/,
  },
  {
    what: 'a trace instead of the program',
    files: [
      ['a.trace', trace],
      ['b.trace', trace],
    ],
    watches: WATCH,
    says: /^--elf b\.trace: not an ELF file: name the program that was traced/,
  },
  {
    what: 'an object file instead of the program',
    files: [
      ['a.trace', trace],
      ['ledger.o', Buffer.from(tinyElf({ wide: true, little: true, type: 1, symbols: [] }))],
    ],
    watches: WATCH,
    says: /^--elf ledger\.o: ELF type 1 is no program but an object file: link it first/,
  },
  {
    what: 'a damaged program',
    files: [
      ['a.trace', trace],
      ['cut', readFileSync(BANK).subarray(0, 3000)],
    ],
    watches: WATCH,
    says: /^--elf cut: /,
  },
  { what: 'nothing that is watched', files: ledger, watches: [], says: /^nothing is watched/ },
  { what: 'a watch without a type', files: ledger, watches: ['vault_total'], says: /the type is missing/ },
  { what: 'a name that is nearly one', files: ledger, watches: ['vault_totl:w'], says: /did you mean vault_total\?/ },
  {
    what: 'a symbol without a program',
    files: [['a.trace', trace]],
    watches: WATCH,
    says: /a symbol needs the program that was traced/,
  },
  {
    what: 'more watches than there are registers',
    files: ledger,
    watches: [0, 4, 8, 12, 16].map((at) => `fees_by_month+${at}:w`),
    says: /no debug register is left: x86 has 4 on each CPU, all taken:\n {2}register 0: fees_by_month\+0:w \(held by /,
  },
  {
    what: 'a variable that one register cannot watch',
    files: ledger,
    watches: ['fees_by_month:w'],
    says: /fees_by_month has 48 bytes, more than one register can watch/,
  },
  {
    what: 'an address that is not aligned',
    files: ledger,
    watches: ['vault_total+1/4:w'],
    says: /is not a multiple of 4, and x86 watches aligned blocks only/,
  },
  {
    what: 'a load address that is none',
    files: ledger,
    watches: WATCH,
    options: { 'load-bias': '108000h' },
    says: /^--load-bias takes an address such as 0x108000/,
  },
  {
    what: 'a load address of a program at fixed addresses',
    files: ledger,
    watches: WATCH,
    options: { 'load-bias': '0x108000' },
    says: /^--load-bias: ledger is linked at fixed addresses/,
  },
  {
    what: "a line of Valgrind's where only Lackey's are wanted",
    files: ledger,
    watches: WATCH,
    options: { strict: true },
    says: /^ledger\.trace\.gz:1: .*that is Valgrind's own message/s,
  },
];

pageTest('what cannot be answered: the page says what the command says, word for word', async (t, site, errors) => {
  const page = await openTracePage(site, errors);
  for (const { what, says, ...asked } of FAULTS) {
    const folder = folderOf(t, asked.files);
    const paths = asked.files.map(([name]) => path.join(folder, name));
    for (const n of [0, 1] as const) await fileField(page, n).setInputFiles(paths.slice(n, n + 1));
    const [told] = await replay(page, asked);
    t.regex(told ?? '', says, what);
    // What the command says without a watch is about its option.
    if (asked.watches.length === 0) continue;
    const { stderr } = await hwbp(commandLine({ ...asked, files: paths.map((file) => [file, bytes('')]) }));
    t.is(`hwbp: ${told}\n`, stderr.replaceAll(`${folder}${path.sep}`, ''), what);
  }
  await page.context().close();
});

pageTest('what is dropped is told apart by what is in it; what does not fit is told', async (t, site, errors) => {
  const picture = bytes('\x89PNG\r\n\x1a\n\0\0\0\rIHDR');
  const others = [
    ['other', readFileSync(BANK)],
    ['perf.data', bytes('PERFILE2')],
    ['cat.png', picture],
  ] as const;
  const files = [...ledger, ...others] as const;
  const folder = folderOf(t, files);
  const at = (...names: readonly string[]): string[] => names.map((name) => path.join(folder, name));
  mkdirSync(path.join(folder, 'traces'));
  const page = await openTracePage(site, errors);
  const told = page.getByTestId('trace-message');
  for (const [names, says] of [
    [['ledger', 'other'], /^there are 2 programs: ledger, other/],
    [['perf.data'], /^perf\.data is a recording of perf's/],
    [['cat.png'], /^cat\.png is neither a trace of Valgrind's Lackey nor a program/],
    [['traces'], /^the file traces cannot be read: .*a directory has nothing to read/s],
  ] as const) {
    await drop(page, at(...names));
    await told.filter({ hasText: says }).waitFor();
  }
  // In any order, and with any names.
  await drop(page, at('ledger', 'ledger.trace.gz'));
  await told.waitFor({ state: 'detached' });
  t.deepEqual(await replay(page, { files, watches: WATCH }), []);
  t.is(await page.getByTestId('watch-title').textContent(), 'vault_total:w: 3,513 hits at 3 sites');
  await page.context().close();
});

pageTest('a program chooses its architecture, and another one is told', async (t, site, errors) => {
  const page = await openTracePage(site, errors);
  const arch = page.locator('.trace-page').getByLabel('architecture');
  await fileField(page, 1).setInputFiles(path.join(path.dirname(ELF), '../meters/meters'));
  await page.getByText(/^meters \(\d+\.\d KB\)$/).waitFor();
  t.is(await arch.inputValue(), 'arm64 cortex-a57');
  t.is(await page.getByTestId('other-machine').count(), 0);
  await arch.selectOption('x86');
  t.is(
    await page.getByTestId('other-machine').textContent(),
    'meters is a program for arm64: its trace is replayed on the registers of another architecture.',
  );
  await page.context().close();
});

pageTest('a program of 32 bits has its names, as with the command', async (t, site, errors) => {
  const elf = tinyElf({ wide: false, little: true, symbols: [{ name: 'level', value: 0x2000n, size: 4n }] });
  const files = [
    ['small.trace', bytes('I  00001000,3\n S 00002000,4\n')],
    ['small', Buffer.from(elf)],
  ] as const;
  const folder = folderOf(t, files);
  const page = await openTracePage(site, errors);
  await drop(
    page,
    files.map(([name]) => path.join(folder, name)),
  );
  await page.getByText('small (').waitFor();
  t.deepEqual(await replay(page, { files, watches: ['level:w'] }), []);
  t.is(await page.getByTestId('watch-title').textContent(), 'level:w: 1 hit at 1 site');
  await page.context().close();
});

pageTest(
  'gzip members that follow each other are one trace, and zeros behind them padding',
  async (t, site, errors) => {
    const text = traceText();
    const middle = Math.floor(text.length / 3);
    const members = [gzipSync(text.subarray(0, middle)), gzipSync(text.subarray(middle)), Buffer.alloc(512)];
    const files = [['ledger.trace.gz', Buffer.concat(members)], ledger[1]] as const;
    const folder = folderOf(t, files);
    const page = await openTracePage(site, errors);
    for (const n of [0, 1] as const)
      await fileField(page, n).setInputFiles(path.join(folder, (files[n] ?? ledger[1])[0]));
    t.deepEqual(await replay(page, { files, watches: WATCH }), []);
    t.is(await page.getByTestId('watch-title').textContent(), 'vault_total:w: 3,513 hits at 3 sites');
    await page.context().close();
  },
);
