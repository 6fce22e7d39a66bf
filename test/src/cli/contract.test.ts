import { heron } from '@hwbp/examples/toy-arch';
import { backendContract, collectCases } from '@hwbp/testkit';
import test from 'ava';
import { hwbp } from '../replay/run-cli.js';
import { HERON, IMPORT_HERON, UserModules } from './user-modules.js';

const modules = new UserModules();
test.after.always(() => modules[Symbol.dispose]());

interface CaseLine {
  readonly kind: 'case';
  readonly id: string;
  readonly result: 'passed' | 'failed' | 'not run';
  readonly seconds: number;
  readonly message?: string;
}

interface SummaryLine {
  readonly kind: 'summary';
  readonly arch: string;
  readonly whole: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
  readonly groups: readonly { readonly name: string; readonly passed: number; readonly failed: number }[];
}

async function contractJson(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly cases: readonly CaseLine[]; readonly summary: SummaryLine }> {
  const { code, stdout, stderr } = await hwbp(['contract', ...args, '--json']);
  const lines: (CaseLine | SummaryLine)[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const summary = lines.pop();
  if (summary?.kind !== 'summary') throw new Error(`the last line is no summary: ${stderr}`);
  return { code, cases: lines.filter((line) => line.kind === 'case'), summary };
}

test('a backend that keeps its promises: every case of the suite, in its order, and exit code 0', async (t) => {
  const { code, cases, summary } = await contractJson([HERON]);
  const suite = collectCases((declare) => backendContract({ test: declare, name: 'heron', createBackend: heron }));
  t.deepEqual(
    cases.map(({ id }) => id),
    suite.results.map(({ id }) => id),
  );
  t.is(code, 0);
  t.like(summary, { arch: 'heron', whole: true, passed: suite.results.length, failed: 0, notRun: 0 });
  t.deepEqual(
    summary.groups.map(({ name }) => name),
    ['driver', 'silicon', 'together', 'scheduler'],
  );
});

test('the table and the summary, for people', async (t) => {
  const { code, stdout } = await hwbp(['contract', HERON, '--only', 'silicon/', '--only', 'driver/parse']);
  t.is(code, 0);
  t.regex(stdout, /^heron {2}2 data registers, 1 instruction register; r, w, rw, x; 1 to 16 bytes, reported after\n/);
  t.regex(stdout, /\n {2}group +passed +failed +time\n {2}driver +\d+ +0 +\d+\.\d\d s\n {2}silicon +\d+ +0 /);
  t.regex(stdout, /\n\d+ cases passed\n$/);
});

/** Backends with one defect, and the case that has to be told first. */
const DEFECTS: readonly (readonly [name: string, text: string, id: string, says: RegExp])[] = [
  [
    'reset.ts',
    `export default () => ({ ...heron(), createUnit: () => Object.assign(heron().createUnit(), { reset() {} }) });`,
    'silicon/reset-disarms-every-register',
    /^.+: expected /,
  ],
  [
    'refuses-nothing.ts',
    `export default () => {
       const backend = heron();
       return { ...backend, parse: (attr) => backend.parse({ ...attr, bp_type: attr.bp_type & 7 }) };
     };`,
    'driver/unknown-bits-of-the-type-are-refused',
    /bp_type 0x9 has bits beside a kind that is listed .*: expected it to be refused, got /,
  ],
  [
    'takes-everything.ts',
    `export default () => {
       const backend = heron();
       const parse = (attr) => {
         try { return backend.parse(attr); } catch { return backend.parse({ ...attr, bp_type: 2, bp_len: 4 }); }
       };
       return { ...backend, parse };
     };`,
    'driver/unlisted-conditions-are-refused',
    /bp_type 8 is no condition .*: expected it to be refused, got /,
  ],
];

for (const [name, source, id, says] of DEFECTS) {
  test(`a defect is told with the case and what was expected, exit code 1: ${id}`, async (t) => {
    const file = modules.write(name, IMPORT_HERON + source);
    const { code, cases, summary } = await contractJson([file]);
    t.is(code, 1);
    const failed = cases.filter(({ result }) => result === 'failed');
    t.is(summary.failed, failed.length);
    t.is(failed[0]?.id, id);
    t.regex(failed[0]?.message ?? '', says);
    const text = await hwbp(['contract', file]);
    t.is(text.code, 1);
    const first = failed[0];
    t.true(text.stdout.includes(`\n${first?.id}\n  ${first?.message?.split('\n')[0]}`), text.stdout);
    t.true(text.stdout.includes(`hwbp contract ${file} --only ${first?.id}\n`));
    for (const other of failed.slice(1, 12)) t.true(text.stdout.includes(`\n  ${other.id}\n`));
    t.regex(text.stdout, new RegExp(`\\n${failed.length} of \\d+ cases failed\\n$`));
    const verbose = await hwbp(['contract', file, '--verbose']);
    for (const { message = '' } of failed) t.true(verbose.stdout.includes(`  ${message.split('\n')[0]}`));
  });
}

test('--only runs what begins so, repeatedly; a beginning of none is refused with the groups', async (t) => {
  const { cases } = await contractJson([HERON, '--only', 'scheduler/', '--only', 'silicon/reset']);
  t.true(cases.some(({ id }) => id.startsWith('scheduler/')));
  t.true(cases.some(({ id }) => id === 'silicon/reset-disarms-every-register'));
  t.true(cases.every(({ id }) => id.startsWith('scheduler/') || id.startsWith('silicon/reset')));
  const none = await hwbp(['contract', HERON, '--only', 'togther/']);
  t.is(none.code, 2);
  t.is(none.stdout, '');
  t.regex(
    none.stderr,
    /--only togther\/: no case .* begins so\ndid you mean together\/\? the groups are driver\/, silicon\//,
  );
});

test('a backend that is four functions that throw: every case is red, none is missing, and says where', async (t) => {
  const file = modules.write(
    'red.ts',
    `${IMPORT_HERON}const no = () => {
       throw new Error('not written yet'); };
     export default () => ({ manifest: heron().manifest, createUnit: no, createDriver: no, parse: no, connect: no });`,
  );
  const { code, cases, summary } = await contractJson([file]);
  const whole = await contractJson([HERON]);
  t.is(code, 1);
  t.is(summary.passed, 0);
  const ids = new Set(cases.map(({ id }) => id));
  t.deepEqual(
    whole.cases.filter(({ id }) => !ids.has(id)),
    [],
  );
  t.regex(cases[0]?.message ?? '', /^threw Error: not written yet \(.*red\.ts:3:\d+\)$/);
});

test('every architecture that is known by name passes, its facets too', async (t) => {
  for (const args of [['x86'], ['ppc64', '--cpu', 'power9'], ['arm64', '--cpu', 'fewest'], ['riscv64'], ['none']]) {
    const { code, summary } = await contractJson([...args, ...(args[0] === 'none' ? [] : ['--only', 'facet/'])]);
    t.is(code, 0, args.join(' '));
    t.is(summary.failed + summary.notRun, 0, args.join(' '));
    t.true(summary.passed > 10);
  }
});

test('facets: what no manifest says is an export; without it those cases are not run, and that is said', async (t) => {
  const silent = modules.write('silent.ts', "export { x86 as default } from '@hwbp/arch-x86';");
  const untold = await contractJson([silent, '--only', 'facet/debug-registers']);
  t.is(untold.code, 0);
  t.is(untold.summary.failed, 0);
  t.true(untold.summary.notRun > 10);
  t.regex(
    (await hwbp(['contract', silent, '--only', 'facet/'])).stdout,
    /\n\d+ cases not run: the module does not say/,
  );
  const telling = modules.write(
    'telling.ts',
    "export { x86 as default } from '@hwbp/arch-x86';\nexport { X86_USE as contract } from '@hwbp/cli/facet-uses';",
  );
  const told = await contractJson([telling, '--only', 'facet/']);
  t.is(told.code, 0);
  t.is(told.summary.notRun, 0);
  t.true(told.summary.passed > untold.summary.notRun);
});
