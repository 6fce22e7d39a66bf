import { fc, testProp } from '@fast-check/ava';
import { KernelError } from '@hwbp/core';
import { type EventDescription, eventAttr, type PerfEventAttr, parseEvents, pointAt } from '@hwbp/perf';
import test from 'ava';

function only(text: string): EventDescription {
  const [group, ...more] = parseEvents(text);
  const [event, ...siblings] = group?.events ?? [];
  if (event === undefined || more.length > 0 || siblings.length > 0) throw new Error(`${text} is not one event`);
  return event;
}

const mem = (bp_type: number, bp_len: number, more: Partial<PerfEventAttr> = {}): PerfEventAttr => ({
  type: 5,
  bp_type,
  bp_len,
  sample_period: 1,
  exclude_guest: true,
  ...more,
});
const user = { exclude_kernel: true, exclude_hv: true };
const kernel = { exclude_user: true, exclude_hv: true };

const vectors: readonly (readonly [text: string, attr: PerfEventAttr])[] = [
  ['mem:0', mem(3, 4)],
  ['mem:0:x', mem(4, 8)],
  ['mem:0:r', mem(1, 4)],
  ['mem:0:w', mem(2, 4)],
  ['mem:0:rw', mem(3, 4)],
  ['mem:0:wr', mem(3, 4)],
  ['mem:0:rwx', mem(7, 4)],
  ['mem:0:xr', mem(5, 4)],
  ['mem:0/1', mem(3, 1)],
  ['mem:0/0', mem(3, 4)],
  ['mem:0/0:x', mem(4, 8)],
  ['mem:0/3:w', mem(2, 3)],
  ['mem:0/0x8:w', mem(2, 8)],
  ['mem:0/4:rwx', mem(7, 4)],
  ['mem:0/010:x', mem(4, 10)],
  ['mem:0:u', mem(3, 4, user)],
  ['mem:0:x:k', mem(4, 8, kernel)],
  ['mem:0:r:hp', mem(1, 4, { exclude_user: true, exclude_kernel: true, precise_ip: 1 })],
  ['mem:0:w:up', mem(2, 4, { ...user, precise_ip: 1 })],
  ['mem:0:rw:kp', mem(3, 4, { ...kernel, precise_ip: 1 })],
  ['mem:0:uk', mem(3, 4, { exclude_hv: true })],
  ['mem:0:ukh', mem(3, 4)],
  ['mem:0:rwu', mem(3, 4, user)],
  ['mem:0:', mem(3, 4)],
  ['mem:0:w:', mem(2, 4)],
  ['mem:0:w:ppp', mem(2, 4, { precise_ip: 3 })],
];

test('instructions are a hardware event, as perf names them', (t) => {
  t.deepEqual(parseEvents('instructions:uD')[0]?.events[0]?.attr, {
    type: 0,
    config: 1,
    exclude_kernel: true,
    exclude_hv: true,
    exclude_guest: true,
    pinned: true,
  });
});

test('the vectors of perf itself, and what else it takes', (t) => {
  for (const [text, attr] of vectors) {
    const event = only(text);
    t.deepEqual(event.attr, attr, text);
    t.deepEqual(event.place, { kind: 'address', address: 0n }, text);
    t.is(event.text, text);
    t.is(event.lengthGiven, /\/(?:[1-9]|0x8|010)/.test(text), text);
  }
});

test('more modifiers', (t) => {
  for (const [modifiers, more] of [
    ['D', { pinned: true }],
    ['e', { exclusive: true }],
    ['I', { exclude_idle: true }],
    ['G', { exclude_guest: undefined, exclude_host: true }],
    ['H', {}],
    ['GH', { exclude_guest: undefined }],
    ['P', {}],
    ['uD', { ...user, pinned: true }],
  ] as const) {
    const expected = Object.fromEntries(
      Object.entries(mem(2, 4, more as object)).filter(([, value]) => value !== undefined),
    );
    t.deepEqual(only(`mem:0:w:${modifiers}`).attr, expected as unknown as PerfEventAttr, modifiers);
  }
  t.true(only('cs:S').sampleRead);
});

test('addresses have 64 bits, lengths too; symbols may have an offset', (t) => {
  const place = (text: string) => only(text).place;
  t.deepEqual(place('mem:18446744073709551615'), { kind: 'address', address: 2n ** 64n - 1n });
  t.deepEqual(place('mem:0xFFff'), { kind: 'address', address: 0xffffn });
  t.is(only('mem:0/0xffffffffffffffff').attr.bp_len, 2n ** 64n - 1n);
  t.deepEqual(place('mem:limit/4:w'), { kind: 'symbol', symbol: 'limit', offset: 0n });
  t.deepEqual(place('mem:vault+8/4:rw:u'), { kind: 'symbol', symbol: 'vault', offset: 8n });
  t.deepEqual(place('mem:_ZN3foo3barEv+0x10:x'), { kind: 'symbol', symbol: '_ZN3foo3barEv', offset: 16n });
  t.deepEqual(place('mem:main.constprop.0@V:x'), { kind: 'symbol', symbol: 'main.constprop.0@V', offset: 0n });
  t.deepEqual(only('mem:vault+8/4:rw:u').attr, mem(3, 4, user));
  const resolve = (symbol: string): bigint => (symbol === 'vault' ? 2n ** 64n - 4n : 0n);
  t.is(eventAttr(only('mem:vault+8:w'), resolve).bp_addr, 4n);
  t.is(eventAttr(only('mem:7:w'), resolve).bp_addr, 7n);
  t.deepEqual(eventAttr(only('cs'), resolve), { type: 1, config: 3, exclude_guest: true });
});

test('lists and groups: columns, names, and what a group adds to its members', (t) => {
  t.deepEqual(parseEvents('cs, {mem:a:w,task-clock:k}:uD ,dummy'), [
    { grouped: false, events: [{ text: 'cs', column: 1, attr: { type: 1, config: 3, exclude_guest: true } }] },
    {
      grouped: true,
      events: [
        {
          text: 'mem:a:w',
          column: 6,
          attr: mem(2, 4, { ...user, pinned: true }),
          place: { kind: 'symbol', symbol: 'a', offset: 0n },
          lengthGiven: false,
        },
        { text: 'task-clock:k', column: 14, attr: { type: 1, config: 1, exclude_guest: true, exclude_hv: true } },
      ],
    },
    { grouped: false, events: [{ text: 'dummy', column: 32, attr: { type: 1, config: 9, exclude_guest: true } }] },
  ]);
  t.deepEqual(
    parseEvents('{cs:D,cs:e}').map(({ events }) => events.map(({ attr }) => [attr.pinned, attr.exclusive])),
    [
      [
        [true, undefined],
        [undefined, true],
      ],
    ],
  );
  t.deepEqual(only('context-switches').attr, only('cs').attr);
  t.is(only('cpu-clock').attr.config, 0);
});

const refused: readonly (readonly [text: string, column: number, message: RegExp])[] = [
  ['', 1, /there is no event, but the end: known are mem:ADDRESS/],
  ['foo', 1, /no event 'foo'.*context-switches, cs, cpu-clock/],
  ['cs,', 4, /no event, but the end/],
  ['cs,,cs', 4, /no event, but ','/],
  ['cs cs', 4, /'c' does not continue an event: write a comma/],
  ['mem', 4, /a colon and what to watch follow mem/],
  ['mem:', 5, /nothing to watch, but the end.*mem:limit\/4:w/],
  ['mem: 0', 5, /nothing to watch, but ' '/],
  ['mem:-1', 5, /nothing to watch, but '-'/],
  ['mem:404f:w', 5, /'404f' is no address: write 0x404f/],
  ['mem:0X10', 5, /write 0x10/],
  ['mem:0xg', 5, /'0xg' is no address/],
  ['mem:18446744073709551616', 5, /more than 64 bits/],
  ['mem:0x10+4', 9, /only symbols take an offset/],
  ['mem:a+', 7, /no offset, but the end: write a\+8/],
  ['mem:a+b', 7, /'b' is no offset: write 0xb/],
  ['mem:0/', 7, /no length, but the end: write 1, 2, 4 or 8 bytes, or leave the \/ out/],
  ['mem:0/q', 7, /'q' is no length/],
  ['mem:0/-1', 7, /no length, but '-'/],
  ['mem:0/4/4', 8, /'\/' does not continue/],
  ['mem:0:ww', 8, /'w' is there twice/],
  ['mem:0:w:z', 9, /'z' is no modifier: u user, k kernel/],
  ['mem:0:w:uu', 10, /'u' is there twice/],
  ['mem:0:w:pppp', 12, /more than 3 'p'/],
  ['mem:0:w:W', 9, /'W' is no modifier/],
  ['mem:0:w:u:k', 10, /':' does not continue/],
  ['mem:0::', 7, /':' does not continue/],
  ['mem:0 :w', 7, /':' does not continue/],
  ['MEM:0:w', 1, /no event 'MEM'/],
  ['{cs', 1, /not closed/],
  ['cs}', 3, /'}' does not continue/],
  ['{cs,{cs}}', 5, /no groups in it/],
  ['{}', 2, /no event, but '}'/],
  ['{cs:p}:ppp', 10, /more than 3 'p'/],
];

test('what is wrong, where, and what to write', (t) => {
  for (const [text, column, message] of refused) {
    const error = t.throws(
      () => parseEvents(text),
      { instanceOf: KernelError, code: 'PERF_EVENT_SYNTAX', message },
      text,
    );
    t.is((error as KernelError | undefined)?.details.column, column, text);
  }
  t.is(pointAt('mem:0/q', 7), 'mem:0/q\n      ^');
});

const letters = fc.string({ unit: fc.constantFrom(...'mem:0x1f/+,{}rwxukhpDS cs\n'), maxLength: 24 });

testProp(
  'any text is a list of events, or a syntax error at a column of it',
  [fc.oneof(letters, fc.string())],
  (t, text) => {
    try {
      for (const { events } of parseEvents(text)) {
        t.true(events.length > 0);
        for (const event of events) t.is(text.slice(event.column - 1).startsWith(event.text), true);
      }
    } catch (error) {
      t.true(error instanceof KernelError, String(error));
      const { code, details } = error as KernelError;
      t.is(code, 'PERF_EVENT_SYNTAX');
      t.true(Number(details.column) >= 1 && Number(details.column) <= text.length + 1);
    }
  },
);

testProp(
  'what is put together is taken apart',
  [
    fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.stringMatching(/^[a-zA-Z_.$@][\w.$@]{0,8}$/)),
    fc.bigInt({ min: 0n, max: 999n }),
    fc.option(fc.integer({ min: 1, max: 64 }), { nil: undefined }),
    fc.subarray(['r', 'w', 'x'], { minLength: 1 }),
    fc.subarray(['u', 'k', 'h'], { minLength: 1 }),
    fc.boolean(),
  ],
  (t, place, offset, length, access, modes, hex) => {
    const number = (value: bigint): string => (hex ? `0x${value.toString(16)}` : String(value));
    const where = typeof place === 'bigint' ? number(place) : `${place}+${number(offset)}`;
    const text = `mem:${where}${length === undefined ? '' : `/${length}`}:${access.join('')}:${modes.join('')}`;
    const event = only(text);
    t.deepEqual(
      event.place,
      typeof place === 'bigint' ? { kind: 'address', address: place } : { kind: 'symbol', symbol: place, offset },
    );
    t.is(event.attr.bp_len, length ?? (access.join('') === 'x' ? 8 : 4));
    t.is(
      event.attr.bp_type,
      access.reduce((bits, letter) => bits | (2 ** 'rwx'.indexOf(letter)), 0),
    );
    for (const [letter, field] of [
      ['u', 'exclude_user'],
      ['k', 'exclude_kernel'],
      ['h', 'exclude_hv'],
    ] as const) {
      t.is(event.attr[field] ?? false, !modes.includes(letter), letter);
    }
  },
);
