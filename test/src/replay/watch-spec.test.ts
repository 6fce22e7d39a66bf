import { fc, testProp } from '@fast-check/ava';
import { CliError, parseWatchSpec } from '@hwbp/cli';
import test from 'ava';

test('what a watch says', (t) => {
  t.deepEqual(parseWatchSpec('vault_total:w'), {
    text: 'vault_total:w',
    place: 'vault_total',
    offset: 0n,
    length: undefined,
    type: 'w',
  });
  t.deepEqual(parseWatchSpec('table+0x18/8:rw'), {
    text: 'table+0x18/8:rw',
    place: 'table',
    offset: 24n,
    length: 8,
    type: 'rw',
  });
  t.deepEqual(parseWatchSpec('0xFFFF800000001000/1:r'), {
    text: '0xFFFF800000001000/1:r',
    place: 0xffff_8000_0000_1000n,
    offset: 0n,
    length: 1,
    type: 'r',
  });
  t.is(parseWatchSpec('_ZN3foo3barEv:x').place, '_ZN3foo3barEv');
});

testProp(
  'any other text is a usage error with the syntax',
  [fc.string({ unit: fc.constantFrom(...'ax0+/:rw 9-') })],
  (t, text) => {
    try {
      const { type, length } = parseWatchSpec(text);
      t.true(['r', 'w', 'rw', 'x'].includes(type));
      t.true(length === undefined || Number.isSafeInteger(length));
    } catch (error) {
      t.true(error instanceof CliError);
      t.is((error as CliError).exitCode, 2);
      t.regex((error as CliError).remedy ?? '', /SYMBOL/);
    }
  },
);
