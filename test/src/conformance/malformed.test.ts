import test from 'ava';
import fc from 'fast-check';
import {
  C,
  conform,
  conformJson,
  H,
  type Json,
  P,
  readScripts,
  Scratch,
  type Script,
  type Step,
  script,
} from './support.js';

const recorded = readScripts(P);
/** What is damaged: suites P and H, and a few of suite C, which takes long. */
const playable = [...recorded, ...readScripts(H), ...readScripts(C).filter((_, i) => i % 10 === 0)];
const SPAWN: Step = { op: 'spawn', task: 't0', cpu: 0 };

function steps(...list: readonly unknown[]): object {
  return { suite: 'P', id: 'X', setup: { after: 'dr' }, steps: list };
}

/** Why each of these scripts is malformed. */
async function reasons(...scripts: readonly (readonly unknown[])[]): Promise<(string | undefined)[]> {
  using scratch = new Scratch();
  const result = await conformJson(
    scratch.write(
      'x.jsonl',
      scripts.map((list) => steps(...list)),
    ),
  );
  if (result.code !== 1 || result.stderr !== '') throw new Error(JSON.stringify(result));
  return result.scripts.map(({ result, reason }) => (result === 'malformed' ? reason : result));
}

test('a step that cannot be is told with its number and what is wrong; the scripts behind it are played', async (t) => {
  const cases: readonly (readonly [list: readonly unknown[], complaint: string | RegExp])[] = [
    [[SPAWN, { op: 'juggle', task: 't0' }], "step 1: unknown op 'juggle'"],
    [[SPAWN, { op: 'constructor' }], "step 1: unknown op 'constructor'"],
    [[SPAWN, { op: 'peek', task: 't9', reg: 0 }], 'step 1: op peek: there is no task t9'],
    [[{ op: 'poke', task: 't0', reg: 0, val: '0x0' }], 'step 0: op poke: there is no task t0'],
    [[SPAWN, { op: 'peek', reg: 0 }], 'step 1: op peek: task is a text, got (absent)'],
    [[SPAWN, { op: 'poke', task: 't0', reg: -1, val: '0x0' }], /^step 1: op poke: reg is a whole number .*, got -1$/],
    [
      [SPAWN, { op: 'poke', task: 't0', reg: 2 ** 53, val: '0x0' }],
      /reg is a whole number .*, got "9007199254740992"$/,
    ],
    [[SPAWN, { op: 'poke', task: 't0', reg: 1e300, val: '0x0' }], /reg is a whole number/],
    [
      [SPAWN, { op: 'poke', task: 't0', reg: 0, val: 'many' }],
      /val is a number, ksym:NAME or alias:TASK:ADDR, got 'many'$/,
    ],
    [[SPAWN, { op: 'poke', task: 't0', reg: 0, val: 0.5 }], /val is an address, got 0.5$/],
    [[{ ...SPAWN, cpu: 2 }], 'step 0: op spawn: cpu is a whole number from 0 to 1, got 2'],
    [[SPAWN, { op: 'access', task: 't0', insn: 'vzeroall', addr: '0x0' }], /there is no instruction 'vzeroall'$/],
    [[SPAWN, { op: 'access', task: 't0', insn: 'ld1', addr: '0x0', n: 2 ** 32 }], /n is a whole number/],
    [[SPAWN, { op: 'sys', task: 't0', call: 'fsync' }], /there is no call 'fsync'$/],
  ];
  const told = await reasons(...cases.map(([list]) => list));
  for (const [i, [, complaint]] of cases.entries()) {
    if (typeof complaint === 'string') t.is(told[i], complaint);
    else t.regex(told[i] ?? '', complaint);
  }

  using scratch = new Scratch();
  const file = scratch.write('mixed.jsonl', [steps({ op: 'juggle' }), playable[0]]);
  const { code, stdout } = await conform(file);
  t.is(code, 1);
  t.is(stdout, `${file}: matched 1 of 2 scripts, 1 malformed\n`);
});

const ATTR = { bp_type: 2, bp_addr: '0x10000010', bp_len: '0x8', sample_period: 1, flags: [] };
const OPEN: Step = { op: 'open', ev: 'e0', target: 't0', cpu: -1, attr: ATTR };

/** As a recorder writes them, with what came of them. */
const AFTER: Json = { dr: { t0: ['0x0', '0x0', '0x0', '0x0', '0x0', '0x0', '0xffff0ff0', '0x0'] } };
const SPAWN_DONE: Step = { ...SPAWN, after: AFTER };
const REFUSED: Step = { ...OPEN, attr: { ...ATTR, bp_type: 0 }, ret: -1, errno: 'EINVAL', after: AFTER };

test('a step on an event that cannot be is told with its number and what is wrong', async (t) => {
  const attr = (change: object): Step => ({ ...OPEN, attr: { ...ATTR, ...change } });
  const on = (op: string, rest: object): readonly unknown[] => [SPAWN, OPEN, { op, ev: 'e0', ...rest }];
  const cases: readonly (readonly [list: readonly unknown[], complaint: string | RegExp])[] = [
    // What is opened.
    [[SPAWN, { ...OPEN, ev: 3 }], 'step 1: op open: ev is a text, got 3'],
    [[SPAWN, { ...OPEN, target: null }], 'step 1: op open: target is a text, got null'],
    [[SPAWN, { ...OPEN, cpu: 'one' }], 'step 1: op open: cpu is a whole number, got "one"'],
    [[SPAWN, { ...OPEN, cpu: 0.5 }], 'step 1: op open: cpu is a whole number, got 0.5'],
    [[SPAWN, { ...OPEN, group: 'e7' }], 'step 1: op open: no event e7 is open'],
    [[SPAWN, { ...OPEN, group: 7 }], 'step 1: op open: group is a text, got 7'],
    [[SPAWN, { ...OPEN, as: 'somebody' }], "step 1: there is no identity 'somebody': root or nobody"],
    [[SPAWN, { ...OPEN, as: 1 }], 'step 1: op open: as is a text, got 1'],
    // Its attr.
    [[SPAWN, { ...OPEN, attr: [] }], 'step 1: op open: attr is an object'],
    [[SPAWN, { op: 'open', ev: 'e0', target: 't0' }], 'step 1: op open: attr is an object'],
    [[SPAWN, attr({ flags: ['pinned', 'juggling'] })], "step 1: op open: no flag 'juggling'"],
    [[SPAWN, attr({ flags: ['precise_ip'] })], "step 1: op open: no flag 'precise_ip'"],
    [[SPAWN, attr({ flags: ['__proto__'] })], "step 1: op open: no flag '__proto__'"],
    [[SPAWN, attr({ flags: 'pinned' })], 'step 1: op open: flags is a list'],
    [[SPAWN, attr({ sample_type: ['time'] })], "step 1: sample_type has no 'time': ip, tid, addr, cpu, period"],
    [[SPAWN, attr({ sample_type: ['toString'] })], /^step 1: sample_type has no 'toString'/],
    [[SPAWN, attr({ sample_type: 'ip' })], 'step 1: sample_type is a list of names'],
    [[SPAWN, attr({ read_format: [7] })], "step 1: read_format has no '7': enabled, running, id, group, lost"],
    [[SPAWN, attr({ bp_len: 'long' })], 'step 1: op open: bp_len is a 64-bit value, got "long"'],
    [[SPAWN, attr({ sample_period: 1.5 })], 'step 1: op open: sample_period is a 64-bit value, got 1.5'],
    [
      [SPAWN, attr({ type: 2 ** 32 })],
      /^step 1: op open: type is a whole number from 0 to 4294967295, got 4294967296$/,
    ],
    [[SPAWN, attr({ bp_type: -1 })], /^step 1: op open: bp_type is a whole number from 0 to 4294967295/],
    [[SPAWN, attr({ wakeup_events: -1 })], /^step 1: op open: wakeup_events is a whole number from 0 to 4294967295/],
    [[SPAWN, attr({ precise_ip: 4 })], /^step 1: op open: precise_ip is a whole number from 0 to 3, got 4$/],
    // Addresses.
    [
      [SPAWN, attr({ bp_addr: 'here' })],
      "step 1: op open: bp_addr is a number, ksym:NAME or alias:TASK:ADDR, got 'here'",
    ],
    [[SPAWN, attr({ bp_addr: true })], 'step 1: op open: bp_addr is an address, got true'],
    [[SPAWN, attr({ bp_addr: 'alias:t9:0x10000010' })], 'step 1: op open: bp_addr: there is no task t9'],
    [[SPAWN, attr({ bp_addr: 'alias:t0:0x50000000' })], 'step 1: op open: bp_addr: t0 has no page at 0x50000000'],
    [[SPAWN, { op: 'self_store', addr: [] }], 'step 1: op self_store: addr is an address, got []'],
    // Ops on one that is open.
    [[SPAWN, { op: 'close', ev: 'e0' }], 'step 1: op close: no event e0 is open'],
    [[...on('close', {}), { op: 'read', ev: 'e0' }], 'step 3: op read: no event e0 is open'],
    [[SPAWN_DONE, REFUSED, { op: 'read', ev: 'e0' }], 'step 2: op read: no event e0 is open'],
    [on('ioctl', { cmd: 'juggle' }), "step 2: op ioctl: there is no command 'juggle'"],
    [on('ioctl', { cmd: 'constructor' }), "step 2: op ioctl: there is no command 'constructor'"],
    [on('ioctl', {}), 'step 2: op ioctl: cmd is a text, got (absent)'],
    [on('ioctl', { cmd: 'refresh' }), 'step 2: op ioctl: arg is a 64-bit value, got (absent)'],
    [on('ioctl', { cmd: 'period', arg: {} }), 'step 2: op ioctl: arg is a 64-bit value, got {}'],
    [on('mmap', { pages: 'two' }), /^step 2: op mmap: pages is a whole number from 0 to 65536, got "two"$/],
    [on('signal', { sig: 31 }), /^step 2: op signal: sig is a whole number from 0 to 30, got 31$/],
    [on('modify', {}), 'step 2: op modify: attr is an object'],
    [on('modify', { attr: { ...ATTR, flags: [null] } }), "step 2: op modify: no flag 'null'"],
    [on('modify', { attr: ATTR, as: 'root!' }), "step 2: there is no identity 'root!': root or nobody"],
  ];
  const told = await reasons(...cases.map(([list]) => list));
  for (const [i, [list, complaint]] of cases.entries()) {
    const what = JSON.stringify(list.at(-1));
    if (typeof complaint === 'string') t.is(told[i], complaint, what);
    else t.regex(told[i] ?? '', complaint, what);
  }
});

test('a step on an event that only our kernel has refused is no fault of the recorder’s: the refusal differs', async (t) => {
  using scratch = new Scratch();
  const accepted = { ...OPEN, attr: REFUSED.attr, ret: 0, after: AFTER };
  const script = steps(SPAWN_DONE, accepted, { op: 'read', ev: 'e0', ret: 8 });
  const { scripts } = await conformJson(scratch.write('refused.jsonl', [script]));
  t.deepEqual(
    scripts.map(({ result, difference }) => [result, difference?.step, difference?.field]),
    [['differs', 1, 'ret']],
  );
});

test('what a real kernel refuses is a result, and not malformed', async (t) => {
  const told = await reasons(
    ...[{ bp_len: '0x3' }, { bp_type: 7 }, { type: 77 }, { sample_period: -1 }, { bp_addr: '0xffffffffffffffff' }].map(
      (change) => [SPAWN, { ...OPEN, attr: { ...ATTR, ...change } }],
    ),
    [SPAWN, { ...OPEN, cpu: 2 }],
    [SPAWN, { ...OPEN, target: 'nobody at all' }],
    [SPAWN, OPEN, { op: 'mmap', ev: 'e0', pages: 3 }],
    [SPAWN, OPEN, { op: 'ioctl', ev: 'e0', cmd: 'period', arg: '0xffffffffffffffff' }],
  );
  // They differ from these scripts, which have no results.
  t.deepEqual(new Set(told), new Set(['differs']));
});

test('a step on a task that is gone or untraced is malformed: no recorder would have written it', async (t) => {
  const exit = { op: 'exit', task: 't0', how: 'group' };
  const after = [
    { op: 'poke', task: 't0', reg: 0, val: '0x0' },
    { op: 'peek', task: 't0', reg: 0 },
    { op: 'access', task: 't0', insn: 'ld1', addr: '0x10000000' },
    { op: 'fork', task: 't0', new: 'f0' },
    { op: 'exec', task: 't0' },
    { op: 'nops', task: 't0', from: '0x20002000' },
    { op: 'detach', task: 't0' },
    { op: 'sys', task: 't0', call: 'getresuid', a: '0x0', b: '0x0', c: '0x0' },
    exit,
  ];
  const told = await reasons(
    ...[exit, { op: 'detach', task: 't0' }].flatMap((end) => after.map((step) => [SPAWN, end, step])),
  );
  t.is(told.length, 2 * after.length);
  for (const [i, reason] of told.entries()) {
    const { op } = after[i % after.length] ?? { op: '' };
    // What is merely refused is a result, and one that the recording does not have.
    if (op === 'poke' || op === 'peek' || op === 'detach') t.is(reason, 'differs');
    else
      t.regex(reason ?? '', new RegExp(`^step 2: op ${op}: E(SRCH|PERM): .*debuggee|^step 2: op ${op}: E.*worker`), op);
  }
});

test('a task that never comes back to its debugger is malformed, not for ever', async (t) => {
  const [told] = await reasons([SPAWN, { op: 'nops', task: 't0', from: '0x20002300' }]);
  t.regex(told ?? '', /neither stopped nor ended/);
});

test('op kill ends a task; its registers are no longer listed', async (t) => {
  using scratch = new Scratch();
  const after = (...tasks: string[]) => ({
    dr: Object.fromEntries(
      tasks.map((task) => [task, ['0x0', '0x0', '0x0', '0x0', '0x0', '0x0', '0xffff0ff0', '0x0']]),
    ),
  });
  const killed = steps(
    { ...SPAWN, after: after('t0') },
    { op: 'spawn', task: 't1', cpu: 1, after: after('t0', 't1') },
    { op: 'kill', task: 't0', after: after('t1') },
  );
  const file = scratch.write('kill.jsonl', [killed]);
  const ours = scratch.path('ours.jsonl');
  const { stdout, code } = await conform('--emit', ours, file);
  t.is(stdout, `${file}: matched 1 of 1 scripts\n`);
  t.is(code, 0);
  t.deepEqual(readScripts(ours), [killed as Script]);
});

test('numbers keep all their digits, and may be negative where a 64-bit value is asked for', async (t) => {
  using scratch = new Scratch();
  const poke = (val: string, read: string): string =>
    `{"suite":"P","id":"to ${read}","setup":{"after":"dr"},"steps":[{"op":"spawn","task":"t0","cpu":0,"after":{"dr":{"t0":["0x0","0x0","0x0","0x0","0x0","0x0","0xffff0ff0","0x0"]}}},` +
    `{"op":"poke","task":"t0","reg":6,"val":${val},"ret":0,"after":{"dr":{"t0":["0x0","0x0","0x0","0x0","0x0","0x0","${read}","0x0"]}}}]}`;
  const file = scratch.write(
    'numbers.jsonl',
    [
      poke('9007199254740993', '0x20000000000001'),
      poke('18446744073709551615', '0xffffffffffffffff'),
      poke('-1', '0xffffffffffffffff'),
      poke('"0xABC"', '0xabc'),
    ].join('\n'),
  );
  const { stdout, code } = await conform('--verbose', file);
  t.is(stdout, `${file}: matched 4 of 4 scripts\n`);
  t.is(code, 0);
});

// --- fuzz ---

/** What may stand where it should not. */
const weird: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    '',
    '0x',
    '-0x1',
    't0',
    '__proto__',
    'constructor',
    -1,
    0.5,
    1e300,
    -1e300,
    2 ** 53,
    '0xffffffffffffffff',
    '0x10000000000000000',
    [],
    {},
    [[]],
  ),
  fc.integer(),
  fc.string(),
  fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }).map((value) => `0x${value.toString(16)}`),
);

interface Damage {
  readonly script: number;
  readonly step: number;
  readonly key: number;
  readonly value: Json;
  readonly how: 'set' | 'delete' | 'drop the step' | 'repeat the step' | 'swap';
}

const damage: fc.Arbitrary<Damage> = fc.record({
  script: fc.nat({ max: playable.length - 1 }),
  step: fc.nat(),
  key: fc.nat(),
  value: weird,
  how: fc.constantFrom('set', 'set', 'set', 'delete', 'drop the step', 'repeat the step', 'swap'),
});

/** Sets an argument, or every other time a field inside it. */
function setInside(step: Step, key: string, choice: number, value: Json): void {
  const inner = step[key];
  if (typeof inner !== 'object' || inner === null || choice % 2 === 0) {
    step[key] = value;
    return;
  }
  const names = Object.keys(inner);
  (inner as { [name: string]: Json })[names[choice % names.length] ?? 'flags'] = value;
}

function harm({ script: index, step: pick, key: choice, value, how }: Damage, id: string): Script {
  const copy = { ...structuredClone(playable[index] as Script), id };
  const list = copy.steps;
  const at = pick % list.length;
  const step = list[at] as Step;
  const keys = Object.keys(step).filter((key) => key !== 'after');
  const key = keys[choice % keys.length] ?? 'op';
  if (how === 'set') setInside(step, key, choice, value);
  else if (how === 'delete' && key !== 'op') delete step[key];
  else if (how === 'drop the step') list.splice(at, 1);
  else if (how === 'repeat the step') list.splice(at, 0, structuredClone(step));
  else list.push(...list.splice(at, 1));
  // An op must be a text, or the whole line is none.
  if (typeof step.op !== 'string') step.op = 'odd';
  return copy;
}

test('damaged steps: every script has an outcome, and nothing is ever a bug in hwbp', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(damage, { minLength: 1, maxLength: 120, size: 'max' }),
      fc.boolean(),
      async (list, strict) => {
        using scratch = new Scratch();
        const file = scratch.write(
          'damaged.jsonl',
          list.map((one, i) => harm(one, `D-${i}`)),
        );
        const emitted = scratch.path('emitted.jsonl');
        const { code, scripts, stderr } = await conformJson(...(strict ? ['--strict'] : []), '--emit', emitted, file);
        if (stderr !== '') throw new Error(stderr);
        if (scripts.length !== list.length) throw new Error(`${scripts.length} of ${list.length} scripts`);
        const agrees = scripts.every(({ result }) => result === 'matched' || result === 'not played');
        if (code !== (agrees ? 0 : 1)) throw new Error(`exit code ${code}`);
      },
    ),
    { numRuns: 4, endOnFailure: true },
  );
  t.pass();
});

test('the scripts that the tests damage are whole themselves', (t) => {
  t.truthy(script(recorded, 'P-0000'));
  t.is(playable.length, 278 + 290 + 27);
});
