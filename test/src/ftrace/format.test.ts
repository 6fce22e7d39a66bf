import { StaticSymbolTable } from '@hwbp/core';
import { formatStatHeader, formatStatRow, formatTraceHeader, formatTraceRecord, type KsymRecord } from '@hwbp/ftrace';
import test from 'ava';
import { addressOf, SYMBOLS } from './support.js';

const symbols = new StaticSymbolTable(SYMBOLS);

const record = (fields: Partial<KsymRecord> = {}): KsymRecord => ({
  timestamp: 0,
  cpu: 0,
  pid: 4502,
  comm: 'bash',
  ip: addressOf('do_fork') + 0x14n,
  pc: addressOf('do_fork') + 0x10n,
  type: 'w',
  address: addressOf('pid_max'),
  symbol: 'pid_max',
  context: 'task',
  irqsOff: false,
  ...fields,
});

test('the trace header is two lines', (t) => {
  t.is(
    formatTraceHeader(),
    '#       TASK-PID   CPU#      Symbol                    Type    Function\n' +
      '#          |        |          |                        |         |\n',
  );
});

test('a record is a line: task right-aligned in 11, pid left-aligned in 5, CPU in 3 digits, type in 4 columns', (t) => {
  t.is(formatTraceRecord(record(), symbols), '       bash-4502  [000] pid_max W  do_fork+0x14/0x300\n');
  t.is(
    formatTraceRecord(record({ type: 'rw', cpu: 11, pid: 1, comm: 'swapper' }), symbols),
    '    swapper-1     [011] pid_max RW do_fork+0x14/0x300\n',
  );
  t.is(formatTraceRecord(record({ type: 'r' }), symbols), '       bash-4502  [000] pid_max R  do_fork+0x14/0x300\n');
});

test('what is wider than its column is not cut', (t) => {
  t.is(
    formatTraceRecord(record({ comm: 'ksoftirqd/01234', pid: 1234567, cpu: 4095 }), symbols),
    'ksoftirqd/01234-1234567 [4095] pid_max W  do_fork+0x14/0x300\n',
  );
});

test('the function column is %pS: offset 0 included, no size where it is unknown, an address where there is no symbol', (t) => {
  const line = (ip: bigint): string | undefined => formatTraceRecord(record({ ip }), symbols).split(' W  ')[1];
  t.is(line(addressOf('do_fork')), 'do_fork+0x0/0x300\n');
  t.is(line(addressOf('asm_label') + 8n), 'asm_label+0x8\n');
  t.is(line(0x1234n), '0x1234\n');
});

test('an unknown type makes a partial line', (t) => {
  const odd = record({ type: 'x' as unknown as 'w' });
  t.is(formatTraceRecord(odd, symbols), '       bash-4502  [000] pid_max');
});

test('the statistics: header and rows', (t) => {
  t.is(
    formatStatHeader(),
    '  Access Type   Symbol                                       Counter\n' +
      '  -----------   ------                                       -------\n',
  );
  t.is(
    formatStatRow({ type: 'w', symbol: 'pid_max', count: 3 }),
    '  W             pid_max                                            3\n',
  );
  t.is(
    formatStatRow({ type: 'rw', symbol: 'jiffies', count: 123456 }),
    '  RW            jiffies                                       123456\n',
  );
  t.is(
    formatStatRow({ type: 'r', symbol: undefined, count: 0 }),
    '  R             <NA>                                               0\n',
  );
  t.is(
    formatStatRow({ type: undefined, symbol: undefined, count: 0 }),
    '  NA            <NA>                                               0\n',
  );
});
