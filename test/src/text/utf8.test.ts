import { fc, testProp } from '@fast-check/ava';
import { utf8, utf8Length } from '@hwbp/core';
import test from 'ava';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Both ends of each width, and what is no code point: halves of pairs, alone and the wrong way round. */
const BORDERS = [
  ...['', '\0', '\u007f', '\u0080', '\u07ff', '\u0800', '\uffff', '\u{10000}', '\u{10ffff}', '\ufeff', '\ufffd'],
  ...[
    '\ud7ff',
    '\ud800',
    '\udbff',
    '\udc00',
    '\udfff',
    '\ue000',
    'a\ud83db',
    '\ud83d',
    '\ude00\ud83d',
    '\ud83d\ud83d\ude00',
  ],
];

for (const text of BORDERS) {
  const name = JSON.stringify(text);
  test(`${name} is in UTF-8 what the platform makes of it`, (t) => {
    t.deepEqual(utf8(text), encode(text));
    t.is(utf8Length(text), encode(text).length);
  });
}

for (const unit of ['grapheme', 'binary', 'binary-ascii'] as const) {
  testProp(`any text of ${unit} units`, [fc.string({ unit })], (t, text) => {
    t.deepEqual(utf8(text), encode(text));
    t.is(utf8Length(text), encode(text).length);
  });
}

testProp('any sequence of UTF-16 units, pairs or not', [fc.uint16Array()], (t, units) => {
  const text = String.fromCharCode(...units);
  t.deepEqual(utf8(text), encode(text));
  t.is(utf8Length(text), encode(text).length);
});

const surrogates = fc.array(fc.integer({ min: 0xd7fe, max: 0xe001 }));
testProp('mostly surrogates', [surrogates], (t, units) => {
  const text = String.fromCharCode(...units);
  t.deepEqual(utf8(text), encode(text));
  t.is(utf8Length(text), encode(text).length);
});
