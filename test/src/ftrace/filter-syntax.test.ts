import test from 'ava';
import { readingArch } from './reading-arch.js';
import { refusal, registered, SYMBOLS, traced } from './support.js';

const FILTER = 'ksym_trace_filter';

test('accepted: -w- and rw-, with white space on both sides (row i); the answer is the bytes written', (t) => {
  const { files } = traced();
  t.is(files.write(FILTER, 'pid_max:rw-'), 11);
  t.is(files.write(FILTER, ' \t\r\n jiffies:-w- \v\f\n'), 20);
  t.is(files.read(FILTER), 'jiffies:-w-\npid_max:rw-\n');
});

for (const text of ['', '0', '*:---', '\n', ' 0 \n', ' *:---\n']) {
  test(`${JSON.stringify(text)} removes everything, and does nothing to an empty filter`, (t) => {
    const { files, kernel } = traced();
    t.is(files.write(FILTER, text), text.length);
    files.write(FILTER, 'pid_max:rw-');
    files.write(FILTER, 'jiffies:-w-');
    t.is(files.write(FILTER, text), text.length);
    t.is(files.read(FILTER), '');
    t.false(kernel.breakpoints.isUsed);
  });
}

test('symbol:--- removes one symbol (row 45), EINVAL if it is not listed', (t) => {
  const { files, kernel } = traced();
  files.write(FILTER, 'pid_max:rw-');
  files.write(FILTER, 'jiffies:-w-');
  t.is(files.write(FILTER, 'pid_max:---\n'), 12);
  t.is(files.read(FILTER), 'jiffies:-w-\n');
  t.is(kernel.breakpoints.registered.length, 1);
  const error = refusal(t, () => files.write(FILTER, 'pid_max:---'));
  t.is(error.code, 'KSYM_NOT_LISTED');
  t.is(error.message, 'EINVAL: pid_max is not watched and cannot be removed; watched: jiffies');
});

test('ops characters that a position does not know are ignored', (t) => {
  const { files } = traced();
  files.write(FILTER, 'pid_max:xw-');
  files.write(FILTER, 'jiffies:rwr');
  files.write(FILTER, 'nr_threads: w?');
  t.is(files.read(FILTER), 'nr_threads:-w-\njiffies:rw-\npid_max:-w-\n');
});

const MALFORMED: readonly (readonly [text: string, code: string])[] = [
  ['pid_max', 'KSYM_MALFORMED'],
  ['1', 'KSYM_MALFORMED'],
  ['*', 'KSYM_MALFORMED'],
  ['pid_max:', 'KSYM_MALFORMED'],
  ['pid_max:rw', 'KSYM_MALFORMED'],
  ['pid_max:rw-x', 'KSYM_MALFORMED'],
  ['pid_max:-w ', 'KSYM_MALFORMED'],
  ['ext4:pid_max:rw-', 'KSYM_MALFORMED'],
  ['pid_max:rw-\njiffies:rw-', 'KSYM_MALFORMED'],
  ['*:rw-', 'KSYM_UNKNOWN_SYMBOL'],
  ['0:---', 'KSYM_UNKNOWN_SYMBOL'],
  [':rw-', 'KSYM_UNKNOWN_SYMBOL'],
  ['pid_max :rw-', 'KSYM_UNKNOWN_SYMBOL'],
  ['PID_MAX:rw-', 'KSYM_UNKNOWN_SYMBOL'],
  ['__proto__:rw-', 'KSYM_UNKNOWN_SYMBOL'],
  ['pid_max:--x', 'KSYM_BAD_OPS'],
  ['pid_max:rwx', 'KSYM_BAD_OPS'],
  ['pid_max:-wx', 'KSYM_BAD_OPS'],
  ['pid_max:wr-', 'KSYM_BAD_OPS'],
  ['pid_max:abc', 'KSYM_BAD_OPS'],
  ['pid_max:-w-', 'KSYM_DUPLICATE'],
  ['odd_flag:-w-', 'KSYM_ARCH_REFUSED'],
  ['jiffies:r--', 'KSYM_ARCH_REFUSED'],
  ['pid_max:r--', 'KSYM_ARCH_REFUSED'],
  ['nr_threads:---', 'KSYM_NOT_LISTED'],
  ['nobody:---', 'KSYM_UNKNOWN_SYMBOL'],
];

for (const [text, code] of MALFORMED) {
  test(`${JSON.stringify(text)} is refused: EINVAL, ${code}, and nothing changes`, (t) => {
    const { files, kernel } = traced({ cpus: 2 });
    files.write(FILTER, 'pid_max:-w-');
    const before = registered(kernel);
    const error = refusal(t, () => files.write(FILTER, text));
    t.is(error.errno, 'EINVAL');
    t.is(error.code, code);
    t.is(files.read(FILTER), 'pid_max:-w-\n');
    t.deepEqual(registered(kernel), before);
  });
}

test('an unknown symbol: the message names the nearest', (t) => {
  const { files } = traced();
  const message = (text: string): string => refusal(t, () => files.write(FILTER, text)).message;
  t.is(message('pidmax:rw-'), "EINVAL: there is no symbol 'pidmax'; did you mean pid_max?");
  t.is(message('nx_threads:rw-'), "EINVAL: there is no symbol 'nx_threads'; did you mean nr_threads, max_threads?");
  t.is(message('jif:rw-'), "EINVAL: there is no symbol 'jif'; did you mean jiffies?");
  t.is(message('something_else:rw-'), "EINVAL: there is no symbol 'something_else'");
  const { files: bare } = traced({ symbols: [] });
  t.regex(refusal(t, () => bare.write(FILTER, 'pid_max:rw-')).message, /compose it with the symbols option/);
});

test("a misaligned symbol: the message says so, and the architecture's error is the cause", (t) => {
  const { files } = traced();
  const error = refusal(t, () => files.write(FILTER, 'odd_flag:-w-'));
  t.regex(error.message, /^EINVAL: odd_flag:-w- is refused: .*\(misaligned: the tracer always watches 4 bytes/);
  t.like(error.cause, { code: 'HWBP_ARCH_INVALID', errno: 'EINVAL' });
});

test('reads alone reach the architecture: refused by x86, taken by one that can', (t) => {
  const { files } = traced();
  const error = refusal(t, () => files.write(FILTER, 'pid_max:r--'));
  t.regex(error.message, /^EINVAL: pid_max:r-- is refused: .*x86/);
  t.like(error.cause, { code: 'HWBP_ARCH_INVALID' });
  t.notRegex(error.message, /misaligned/);
  const { files: reading } = traced({ arch: readingArch() });
  reading.write(FILTER, 'pid_max:r--');
  t.is(reading.read(FILTER), 'pid_max:r--\n');
});

test('two names of one address are one entry, listed under the first name of the table', (t) => {
  const first = SYMBOLS[0];
  if (first === undefined) throw new Error('the tests have no symbols');
  const { files, kernel } = traced({ symbols: [...SYMBOLS, { ...first, name: 'jiffies_64' }] });
  files.write(FILTER, 'jiffies_64:-w-');
  t.is(files.read(FILTER), 'jiffies:-w-\n');
  t.is(refusal(t, () => files.write(FILTER, 'jiffies:-w-')).code, 'KSYM_DUPLICATE');
  files.write(FILTER, 'jiffies:---');
  t.false(kernel.breakpoints.isUsed);
});
