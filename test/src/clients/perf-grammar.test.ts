import { KernelError } from '@hwbp/core';
import { type EventDescription, eventAttr, parseEvents } from '@hwbp/perf';
import { PERF, testWith } from './need.js';
import { runPerf } from './real-perf.js';

const NUMBERS = ['0', '010', '4210832', '0x404390', '0xFFFFffff', '18446744073709551615'];
const LENGTHS = ['', '/0', '/1', '/3', '/0x8', '/010', '/4'];
const ACCESS = ['', ':', ':r', ':wr', ':x', ':rwx', ':xw'];
const MODIFIERS = ['', ':', ':u', ':k', ':h', ':uk', ':hp', ':ppp', ':ukh', ':kpp'];

/** Each choice at least once, and every pair of neighbours' phases differently: no need for all 2940. */
const ACCEPTED = Array.from({ length: 42 }, (_, i) => {
  const pick = (list: readonly string[], step: number): string => list[(i * step) % list.length] ?? '';
  const access = pick(ACCESS, 1);
  const modifiers = access === ':' ? pick(MODIFIERS, 3).slice(1) : pick(MODIFIERS, 3);
  return `mem:${pick(NUMBERS, 5)}${pick(LENGTHS, 2)}${access}${access === '' && modifiers === ':' ? '' : modifiers}`;
});

const REFUSED = [
  'mem:',
  'mem:0/',
  'mem:0/q',
  'mem:-1',
  'mem:0x',
  'mem:0X10',
  'mem:18446744073709551616',
  'mem:0/4/4',
  'mem:0:ww',
  'mem:0::',
  'mem:0:w:z',
  'mem:0:w:uu',
  'mem:0:w:pppp',
  'mem:0:w:u:k',
  'mem:0 :w',
  'MEM:0',
  'mem:0}',
];

const GROUPS = ['{mem:0x10:w:k,mem:0x20/8}:u', '{mem:0x10:w,cs:k}:up', 'mem:0x10:w:D,{cs,task-clock:u}:k,dummy'];

/**
 * The attrs that `perf stat -vv` is about to open, the first for each event: it says so even if the kernel refuses
 * them.
 */
function openedAttrs(stderr: string): Readonly<Record<string, string>>[] {
  return stderr
    .split('perf_event_attr:\n')
    .slice(1)
    .map((block) => {
      const [fields = ''] = block.split('------');
      return Object.fromEntries(
        fields.split('\n').flatMap((line) => {
          const [, name, value] = /^ {2}(.*?) {2,}(\S+)$/.exec(line) ?? [];
          return name === undefined || value === undefined ? [] : [[name, value]];
        }),
      );
    });
}

/**
 * What both say of an event; perf leaves out what is 0. `perf stat` opens without a period, and a kernel that lacks
 * `exclude_guest` gets it without.
 */
function ours(event: EventDescription): Readonly<Record<string, string>> {
  const attr = eventAttr(event, () => 0n);
  const fields: readonly (readonly [string, number | bigint | boolean | undefined, number?])[] = [
    ['type', attr.type],
    ['config', attr.config, 16],
    ['bp_type', attr.bp_type],
    ['{ bp_addr, config1 }', attr.bp_addr, 16],
    ['{ bp_len, config2 }', attr.bp_len, 16],
    ['exclude_user', attr.exclude_user],
    ['exclude_kernel', attr.exclude_kernel],
    ['exclude_hv', attr.exclude_hv],
    ['precise_ip', attr.precise_ip],
    ['pinned', attr.pinned],
  ];
  return Object.fromEntries(
    fields.flatMap(([name, value, radix]) => {
      if (value === undefined || BigInt(value) === 0n) return [];
      return [[name, radix === 16 ? `0x${BigInt(value).toString(16)}` : String(Number(value))]];
    }),
  );
}

function pick(names: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const compared = /^(type|config|bp_type|\{ bp_|exclude_(user|kernel|hv)$|precise_ip|pinned)/;
  return Object.fromEntries(Object.entries(names).filter(([name]) => compared.test(name)));
}

/** perf opens an event again and again after a refusal: what comes first for each is what was asked for. */
function firstOfEach(attrs: readonly Readonly<Record<string, string>>[], count: number): unknown[] {
  const distinct = new Map(attrs.map((attr) => [JSON.stringify(pick(attr)), pick(attr)]));
  return [...distinct.values()].slice(0, count);
}

testWith(PERF, 'events mean the same attr to us and to perf', async (t, perf) => {
  t.is(new Set(ACCEPTED).size, ACCEPTED.length);
  for (const text of [
    ...ACCEPTED,
    'cs',
    'context-switches:u',
    'cpu-clock',
    'task-clock:k',
    'dummy',
    'instructions',
    'instructions:u',
    'instructions:kD',
    ...GROUPS,
  ]) {
    const { stderr } = await runPerf(perf, ['stat', '-vv', '-e', text, 'true']);
    const events = parseEvents(text).flatMap((group) => group.events);
    const opened = firstOfEach(openedAttrs(stderr), events.length);
    // The kernel may refuse an event that comes first, and perf then gives up.
    t.true(opened.length > 0, `${text}\n${stderr}`);
    t.deepEqual(opened, events.slice(0, opened.length).map(ours), text);
  }
});

testWith(PERF, 'what perf refuses, we refuse', async (t, perf) => {
  for (const text of REFUSED) {
    const { code, stderr } = await runPerf(perf, ['stat', '-e', text, 'true']);
    t.not(code, 0, text);
    t.regex(stderr, /event syntax error|parser error|list of valid events|invalid/, text);
    t.throws(() => parseEvents(text), { instanceOf: KernelError, code: 'PERF_EVENT_SYNTAX' }, text);
  }
});
