import path from 'node:path';
import test from 'ava';
import { hwbpProcess, ROOT } from '../replay/run-cli.js';

const config = (name: string): string => path.join(ROOT, 'examples/src', name, 'kernel.config.ts');
/** What a run says behind the description of its kernel. */
const said = (stdout: string): string => stdout.slice(stdout.indexOf('\n\n') + 2);

test('system calls: a line from standard input goes through a pipe between two processes, to standard output', async (t) => {
  const { code, stdout, stderr } = await hwbpProcess(['run', config('system-calls')], Buffer.from('hello, grüße\n'));
  t.is(stderr, '');
  t.is(code, 0);
  t.regex(said(stdout), /^hello, grüße\n\d+ instructions; nothing can run any more\n$/);
});

// The exit code was 0, though both processes wait for what nobody will bring: a run tells that now.
test('system calls: a run whose input has ended ends, and says who waits for it for ever', async (t) => {
  const { code, stdout, stderr } = await hwbpProcess(['run', config('system-calls')], Buffer.alloc(0));
  t.is(code, 1);
  t.regex(said(stdout), /nothing can run any more/);
  t.regex(stderr, /waits for ever for input from the console: task parent-1/);
});

test('devices: the port sends back what is typed, and the tracer sees the timer’s handler', async (t) => {
  const { code, stdout, stderr } = await hwbpProcess(['run', config('devices')], Buffer.alloc(0));
  t.deepEqual([code, stderr], [0, '']);
  t.true(said(stdout).startsWith('READY\n'), said(stdout));
  t.is(said(stdout).match(/timer_ticks W {2}timer_interrupt\+0x10\/0x20/g)?.length, 5);
});
