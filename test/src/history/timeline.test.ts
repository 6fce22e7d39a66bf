import {
  EVENT_MARKS,
  type HistoryData,
  type HistoryEvent,
  type Interval,
  ownerColour,
  ownerInk,
  timelineSvg,
} from '@hwbp/history';
import test from 'ava';
import fc from 'fast-check';
import { parseXml } from './parse-xml.js';
import { dataOf, nops, observed, writes } from './support.js';

const EMPTY: HistoryData = {
  cpus: 1,
  registers: ['DR0'],
  from: 0,
  to: 0,
  lost: { intervals: 0, events: 0 },
  owners: [],
  intervals: [],
  events: [],
};

const HOSTILE = `</text><script>alert(1)</script>" onload='x' & ]]> <!-- \u0000\u0007\ud800 ﷐￾`;

test('a picture of nothing is a picture', (t) => {
  const { elements, text } = parseXml(timelineSvg(EMPTY));
  t.like(elements[0], { name: 'svg', attributes: { xmlns: 'http://www.w3.org/2000/svg', width: '1000' } });
  t.regex(text, /CPU 0/);
});

test('stays are bars of their owner, where they were, with what they are', (t) => {
  using kernel = observed();
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(nops(10), { comm: 'a' });
  const first = breakpoints.registerUser(writes(0), () => {}, task, { owner: 'me' });
  machine.run(4);
  breakpoints.unregister(first);
  machine.run(1);
  breakpoints.registerUser(writes(1), () => {}, task, { owner: 'you' });
  machine.run();
  const { elements, text } = parseXml(timelineSvg(dataOf(kernel), { width: 640, title: 'who & when' }));
  const bars = elements.filter(({ name, attributes }) => name === 'rect' && attributes.stroke === '#ffffff');
  // 640 pixels without the margins of 124 and 16 are 500, and 50 for each of ten instructions.
  t.deepEqual(
    bars.map(({ attributes: { x, width, fill } }) => [x, width, fill]),
    [
      ['0', '500', '#d9d9d9'],
      ['0', '200', '#0072b2'],
      ['250', '250', '#e69f00'],
    ],
  );
  for (const words of ['who & when', 'me: w 0x1000+8 for a-1, 0 to 4, released', 'you: w 0x1008+8 for a-1, 5 to 10'])
    t.true(text.includes(words), words);
});

test('a bar has names inside, and everything when it is pointed at; the legend leaves out the address of a symbol', (t) => {
  const what = 'w 0xffffffff82a05000+4 requests_served';
  const data: HistoryData = {
    ...EMPTY,
    to: 1200,
    owners: ['ksym_tracer'],
    intervals: [{ cpu: 0, register: 0, owner: 0, what, from: 0 }],
    events: [{ kind: 'switch', count: 0, cpu: 0, to: 'alpha/0-2' }],
  };
  const svg = timelineSvg(data);
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, inside]) => inside);
  const brief = 'ksym_tracer w requests_served';
  t.deepEqual(
    texts.filter((inside) => /alpha|ksym/.test(inside ?? '')),
    ['alpha/0-2', brief, brief],
  );
  for (const title of ['alpha/0-2, 0 to 1200', `ksym_tracer: ${what}, from 0 on`])
    t.true(svg.includes(`<title>${title}<`));
  // Where the address alone tells them apart it stays.
  const two = { ...data, intervals: ['w 0x10+4 same', 'w 0x20+4 same'].map((one, n) => stayOf(one, n)) };
  for (const one of ['ksym_tracer w 0x10+4 same', 'ksym_tracer w 0x20+4 same'])
    t.true(timelineSvg(two).includes(`>${one}<`));
});

test('what is set aside is pale: the host while a guest runs, the guest while it does not', (t) => {
  const held = {
    owners: ['kernel'],
    intervals: [{ cpu: 0, register: 0, owner: 0, what: 'w 0x10+8', from: 0 }],
    to: 860,
  };
  const events = (
    [
      ['guest-entry', 100],
      ['guest-exit', 300],
    ] as const
  ).map(([kind, count]) => ({ kind, count, cpu: 0 }));
  const machine: HistoryData = { ...EMPTY, ...held, events };
  const veils = (data: HistoryData) =>
    parseXml(timelineSvg(data))
      .elements.filter(({ name, attributes }) => name === 'path' && attributes['fill-opacity'] !== undefined)
      .map(({ attributes: { d, ...look } }) => [d, look['fill-opacity'], look['pointer-events']]);
  // A count is a pixel.
  t.deepEqual(veils({ ...machine, guests: [{ name: 'guest', ...machine }] }), [
    ['M100 0h200v14h-200z', '0.65', 'none'],
    ['M0 0h100v14h-100zM300 0h560v14h-560z', '0.65', 'none'],
  ]);
  t.true(timelineSvg(machine).includes('>set aside<'));
  t.false(timelineSvg({ ...machine, events: [] }).includes('>set aside<'));
  // A guest that comes and goes hundreds of times in a pixel takes no more room; the host is as pale as it is long.
  const often = Array.from({ length: 860_000 }, (_, count) => {
    return { kind: count % 2 === 0 ? ('guest-entry' as const) : ('guest-exit' as const), count, cpu: 0 };
  });
  const [[path = '', opacity] = [], ...others] = veils({ ...machine, to: 860_000, events: often });
  t.deepEqual([opacity, others.length], ['0.33', 0]);
  t.is(path.split('M').length - 1, 860);
});

function stayOf(what: string, n: number): Interval {
  return { cpu: 0, register: 0, owner: 0, what, from: 600 * n, to: 600 * n + 600, end: 'released' };
}

test('no mark has a colour that could be one of the first eight owners, or another mark', (t) => {
  const owners = Array.from({ length: 8 }, (_, owner) => ownerColour(owner));
  const channels = (colour: string) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const far = (one: string, other: string): number => {
    const others = channels(other);
    return Math.hypot(...channels(one).map((value, n) => value - (others[n] ?? 0)));
  };
  const marks = Object.values(EVENT_MARKS);
  for (const { colour, words } of marks) {
    for (const owner of owners) t.true(far(colour, owner) >= 40, `${words} ${colour}, ${owner}: ${far(colour, owner)}`);
    for (const mark of marks) {
      if (mark.words !== words) t.true(far(colour, mark.colour) >= 40, `${words}, ${mark.words}`);
    }
  }
});

test('whatever names are, they are text: nothing of them is an element, and the document is well-formed', (t) => {
  const data: HistoryData = {
    ...EMPTY,
    registers: [HOSTILE],
    to: 10,
    owners: [HOSTILE],
    intervals: [
      { cpu: 0, register: 0, owner: 0, what: HOSTILE, task: HOSTILE, from: 0, to: 9, end: 'displaced', by: HOSTILE },
    ],
    events: [
      { kind: 'switch', count: 0, cpu: 0, to: HOSTILE },
      { kind: 'hit', count: 3, cpu: 0, register: 0, owner: 0, what: HOSTILE, pc: HOSTILE, context: 'task' },
      { kind: 'refused', count: 3, cpu: -1, owner: HOSTILE, what: HOSTILE, holders: [HOSTILE] },
      { kind: 'stop', of: 'task', count: 4, cpu: 0, why: HOSTILE },
    ],
  };
  const { elements, text } = parseXml(timelineSvg(data, { title: HOSTILE }));
  t.deepEqual([...new Set(elements.map(({ name }) => name))].sort(), ['g', 'path', 'rect', 'svg', 'text', 'title']);
  t.true(elements.every(({ attributes }) => Object.keys(attributes).every((name) => !name.startsWith('on'))));
  t.true(text.includes('<script>alert(1)</script>'));
});

test('no name makes it anything else than well-formed', (t) => {
  const property = fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary-ascii' }), (owner, what) => {
    const data: HistoryData = {
      ...EMPTY,
      to: 4,
      owners: [owner],
      intervals: [{ cpu: 0, register: 0, owner: 0, what, from: 0 }],
    };
    parseXml(timelineSvg(data, { title: what }));
  });
  fc.assert(property, { numRuns: 300, seed: 18 });
  t.pass();
});

/** So many stays and hits in four registers, of many owners, some long and most short. */
function staysAndHits(count: number): HistoryData {
  const intervals: Interval[] = [];
  const events: HistoryEvent[] = [];
  for (let n = 0; n < count; n++) {
    const register = n % 4;
    const stay = { cpu: 0, register, owner: n % 500, what: `w 0x${n.toString(16)}+8` };
    intervals.push({ ...stay, from: n * 10, to: n * 10 + 9, end: 'switched' });
    events.push({ kind: 'hit', count: n * 10 + 3, ...stay, pc: '0x400000', context: 'task' });
    if (n % 2 === 0) events.push({ kind: 'switch', count: n * 10, cpu: 0, to: `task-${n % 7}` });
  }
  return {
    ...EMPTY,
    registers: ['DR0', 'DR1', 'DR2', 'DR3'],
    to: 10 * count,
    owners: Array.from({ length: 500 }, (_, n) => `owner ${n}`),
    intervals,
    events,
  };
}

test('a million stays and hits are a picture of bounded size: what has no pixel of its own is merged', (t) => {
  const data = staysAndHits(1_000_000);
  const svg = timelineSvg(data);
  const { elements, text } = parseXml(svg);
  const [picture] = elements;
  t.is(picture?.attributes.width, '1000');
  t.true(Number(picture?.attributes.height) < 400, picture?.attributes.height);
  // A bar, a group and a title for each column of 860 pixels, in each of five lanes, and for hits the same in four.
  t.true(elements.length < 3 * 860 * 9 + 500, `${elements.length} elements`);
  t.true(svg.length < 5_000_000, `${svg.length} bytes`);
  t.regex(text, /291 in this column, the first: owner 0: w 0x0\+8/);
  t.regex(text, /and 476 more/);
  // All that was hit is counted.
  const hits = [...text.matchAll(/(\d+), the first: \d+: hit/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  t.is(hits, 1_000_000);
});

test('a part of it can be drawn, and widths have bounds', (t) => {
  const some = staysAndHits(100);
  const { text } = parseXml(timelineSvg(some, { from: 100, to: 150, width: 1e9 }));
  t.true(text.includes('owner 10: w 0xa+8, 100 to 109, switched'));
  t.false(text.includes('owner 30:'));
  t.is(parseXml(timelineSvg(some, { width: 1e9 })).elements[0]?.attributes.width, '8192');
  t.is(parseXml(timelineSvg(some, { width: 1 })).elements[0]?.attributes.width, '400');
});

test('what was lost is said in the picture', (t) => {
  t.regex(parseXml(timelineSvg({ ...EMPTY, lost: { intervals: 1234, events: 5 } })).text, /1,234 stays, 5 events/);
});

test('what is written on a colour can be read: contrast of at least 4.5 to 1, as WCAG 2.2 has it', (t) => {
  const luminance = (colour: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  t.is(luminance('#ffffff').toFixed(6), '1.000000');
  for (let owner = 0; owner < 20; owner++) {
    const [paper, ink] = [luminance(ownerColour(owner)), luminance(ownerInk(owner))];
    const contrast = (Math.max(paper, ink) + 0.05) / (Math.min(paper, ink) + 0.05);
    t.true(contrast >= 4.5, `${ownerInk(owner)} on ${ownerColour(owner)}: ${contrast}`);
  }
});
