import { ARM64_QUIRKS, type Arm64Features, arm64 } from '@hwbp/arch-arm64';
import { conformScript, parseLine, type Script as Recording } from '@hwbp/conform';
import test from 'ava';
import { arm64File, conform, conformJson, type Json, readScripts, Scratch, type Script } from './support.js';

/** Scripts of each suite by CPU and kernel. */
const SUITES = {
  AP: { 'a57 6.1': 96, 'a57 6.12': 96, 'n1s 6.1': 96, 'n1s 6.12': 96, 'max 6.12': 96 },
  AV: { 'a57 6.1': 35, 'a57 6.12': 35, 'n1s 6.1': 35, 'n1s 6.12': 35, 'max 6.12': 35 },
  AC: { 'a57 6.1': 63, 'a57 6.12': 63, 'n1s 6.1': 63, 'n1s 6.12': 63, 'max 6.12': 63 },
  AH: { 'a57 6.1': 114, 'a57 6.12': 113, 'n1s 6.1': 114, 'n1s 6.12': 113, 'max 6.12': 114 },
} as const;

const fileOf = (suite: string, machine: string): string => {
  const [cpu = '', kernel = ''] = machine.split(' ');
  return arm64File(suite, cpu, kernel);
};

/** All of them in one process: most of what a file of its own would cost is starting one. */
const everything = conformJson(
  ...Object.entries(SUITES).flatMap(([suite, machines]) =>
    Object.keys(machines).map((machine) => fileOf(suite, machine)),
  ),
);

for (const [suite, machines] of Object.entries(SUITES)) {
  for (const [machine, scripts] of Object.entries(machines)) {
    test(`suite ${suite} of ${machine.replace(' ', ', Linux ')}: every script matches, tainted ones too`, async (t) => {
      const file = fileOf(suite, machine);
      const result = await everything;
      t.is(result.stderr, '');
      t.deepEqual(
        result.scripts.filter((script) => script.file === file && script.result !== 'matched'),
        [],
      );
      const counts = result.files.find((line) => line.file === file);
      t.like(counts, { scripts, matched: scripts, differs: 0, malformed: 0, notPlayed: {} });
    });
  }
}

const EMITTED = arm64File('AP', 'max', '6.12');

test('--emit writes arm64 scripts as they were recorded', async (t) => {
  using scratch = new Scratch();
  const file = scratch.path('ours.jsonl.gz');
  const { code } = await conform('--emit', file, EMITTED);
  t.is(code, 0);
  t.deepEqual(readScripts(file), readScripts(EMITTED));
});

/** The scripts of a kind of CPU and kernel, as the player has them. */
function recordings(cpu: string, kernel: string, ...suites: readonly string[]): Recording[] {
  return suites
    .flatMap((suite) => readScripts(arm64File(suite, cpu, kernel)))
    .map((script) => {
      const line = parseLine(JSON.stringify(script), { source: script.id, line: 1 });
      if (!('script' in line)) throw new Error(`${script.id} is no script`);
      return line.script;
    });
}

/** What each script's results are said to rest on, of those that differ on a CPU that chooses otherwise. */
function differing(change: Partial<Arm64Features>): Map<string, readonly string[]> {
  const scripts = recordings('n1s', '6.12', 'AP', 'AH', 'AC');
  const createArchitecture = (options: object) => arm64({ ...options, ...change });
  const differ = scripts.filter(
    (script) => conformScript(script, { strict: false, createArchitecture }).result !== 'matched',
  );
  return new Map(differ.map(({ id, setup: { taint } }) => [id, Array.isArray(taint) ? taint.map(String) : []]));
}

for (const [choice, change, taints] of [
  ['the byte that FAR reports', { far: 'access' }, ['si_addr', 'attribution']],
  ['the byte that FAR reports, as a Cortex-A72', { far: 'quadword' }, ['si_addr', 'attribution']],
  ['what a multi-register store has made before it hits', { storesEarlier: false }, ['pieces']],
] as const) {
  test(`the emulator’s choice, ${choice}: only scripts that are said to rest on it differ without`, (t) => {
    const differ = differing(change);
    t.true(differ.size > 0);
    t.deepEqual(
      [...differ].filter(([, taint]) => !taints.some((one) => taint.includes(one))),
      [],
    );
  });
}

test('every quirk shows in the recordings: without it scripts differ, of these suites', (t) => {
  const suites = ['AC', 'AH', 'AP', 'AV'].map((suite) => [suite, recordings('n1s', '6.12', suite)] as const);
  const differ = ARM64_QUIRKS.map(({ name }) => {
    const differs = (script: Recording): boolean =>
      conformScript(script, { strict: false, without: [name] }).result !== 'matched';
    return [name, suites.filter(([, scripts]) => scripts.some(differs)).map(([suite]) => suite)] as const;
  });
  t.deepEqual(
    new Map(differ),
    new Map<string, readonly string[]>([
      ['arm64-touched-entries-take-slots', ['AC', 'AH', 'AP']],
      ['arm64-accepts-any-execution', ['AC', 'AH', 'AP', 'AV']],
      ['arm64-level-follows-address', ['AH', 'AV']],
      ['arm64-shifted-mask-hides-kernel', ['AP']],
      ['arm64-steps-like-a-tracer', ['AH', 'AP']],
      ['arm64-copies-are-silent', ['AH']],
      ['arm64-stepped-call-stops-twice', ['AH', 'AP']],
      ['arm64-detach-keeps-breakpoints', ['AP']],
    ]),
  );
});

interface Arm64Script extends Script {
  cfg: { [key: string]: Json };
}

const recorded = (suite: string, cpu = 'a57'): Arm64Script[] =>
  readScripts(arm64File(suite, cpu, '6.1')) as unknown as Arm64Script[];

/** Every result of a step, and of its stops, by its path. */
function resultsOf({ steps }: Script): [step: number, path: readonly string[]][] {
  const results = ['ret', 'errno', 'end', 'got', 'info', 'stx', 'traps', 'trap_addr'];
  return steps.flatMap((step, number) => {
    const own = results.filter((field) => step[field] !== undefined && !(field === 'info' && step.op === 'set'));
    const stops = (step.stops ?? []) as readonly { readonly [field: string]: Json }[];
    const inStops = stops.flatMap((stop, at) => Object.keys(stop).map((field) => ['stops', String(at), field]));
    return [...own.map((field) => [field]), ...inStops].map((path): [number, readonly string[]] => [number, path]);
  });
}

function other(value: Json | undefined): Json {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return `${String(value)}0`;
}

test('every recorded field counts: change one, and the script differs there', async (t) => {
  using scratch = new Scratch();
  const expected: string[] = [];
  const changed = [...recorded('AP'), ...recorded('AH'), ...recorded('AV')].flatMap((original, number) => {
    const script = structuredClone(original);
    const results = resultsOf(script);
    const [step, path] = results[(number * 7) % results.length] ?? [0, []];
    const key = path.at(-1);
    if (key === undefined) return [];
    let holder = script.steps[step] as { [key: string]: Json };
    for (const part of path.slice(0, -1)) holder = holder[part] as { [key: string]: Json };
    holder[key] = other(holder[key]);
    expected.push(`${step} ${path.join('.')}`);
    return [script];
  });
  const { scripts } = await conformJson(scratch.write('changed.jsonl', changed));
  t.true(scripts.length > 200);
  t.deepEqual(
    scripts.map(({ difference }) => `${difference?.step} ${difference?.field}`),
    expected,
  );
});

test('the cfg selects the composition: the answers of one CPU are not those of another', async (t) => {
  using scratch = new Scratch();
  const { cfg } = recorded('AC', 'n1s')[0] as Arm64Script;
  const disguised = recorded('AC').map((script) => ({ ...script, cfg }));
  const { files } = await conformJson(scratch.write('disguised.jsonl', disguised));
  t.true((files[0]?.differs ?? 0) > 50, 'scripts of a Cortex-A57 on two registers of each kind');
});

test('what is no step of the format is told with its number; a cfg that no machine has with its field', async (t) => {
  using scratch = new Scratch();
  const { cfg } = recorded('AP')[0] as Arm64Script;
  const spawn = { op: 'spawn', task: 't0', cpu: 0, after: {} };
  const script = (...steps: unknown[]) => ({ suite: 'AP', id: 'AP-X', cfg, setup: {}, steps: [spawn, ...steps] });
  const set = { op: 'set', task: 't0', set: 'watch', regs: [], len: 24 };
  const access = { op: 'access', task: 't0', insn: 'st8', addr: '0x10000040', mode: 'cont' };
  const { scripts } = await conformJson(
    scratch.write('wrong.jsonl', [
      script({ op: 'poke', task: 't0' }),
      script({ ...set, set: 'sve' }),
      script({ ...set, regs: [7] }),
      script({ ...set, regs: [['here', '0x0']] }),
      script({ ...set, len: -4 }),
      script({ ...access, insn: 'mov' }),
      script({ ...access, insn: 'stm4' }),
      script({ ...access, mode: 'under' }),
      script({ ...access, max: 'many' }),
      script({ op: 'self_access', insn: 'stm', addr: '0x30000000' }),
      script({ op: 'remote_write', task: 't0', addr: '0x10000040', via: 'dma' }),
      script({ op: 'exe', task: 't7', from: '0x20002000', mode: 'cont' }),
      { ...script(), cfg: { ...cfg, wrps: 17 } },
      { ...script(), cfg: { ...cfg, task_size: '0x1000' } },
    ]),
  );
  t.deepEqual(
    scripts.map(({ result, reason }) => `${result}: ${reason}`),
    [
      "malformed: step 1: unknown op 'poke'",
      "malformed: step 1: op set: set is break or watch, got 'sve'",
      'malformed: step 1: op set: regs is a list of [address, control]',
      'malformed: step 1: op set: address is a 64-bit value, got "here"',
      'malformed: step 1: op set: len is a whole number from 0 to 4096, got -4',
      "malformed: step 1: op access: a task of 64 bits has no instruction 'mov'",
      "malformed: step 1: op access: a task of 64 bits has no instruction 'stm4'",
      'malformed: step 1: op access: mode is cont, step or over, got "under"',
      'malformed: step 1: op access: max is a whole number from 0 to 1000, got "many"',
      "malformed: step 1: op self_access: there is no instruction 'stm'",
      "malformed: step 1: op remote_write: there is no way 'dma': pokedata, proc_mem, vm_writev",
      'malformed: step 1: op exe: there is no task t7',
      'malformed: no recorded script: cfg.wrps: Too big: expected number to be <=16',
      'malformed: no recorded script: cfg.task_size: Invalid option: expected one of "0x1000000000000"|"0x10000000000000"',
    ],
  );
});
