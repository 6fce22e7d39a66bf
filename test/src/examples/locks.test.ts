import path from 'node:path';
import test from 'ava';
import { hwbpProcess, ROOT } from '../replay/run-cli.js';

const CONFIG = path.join(ROOT, 'examples/src/locks/kernel.config.ts');

test('a watch on the word of a lock shows who takes it, who spins, and who gives it back; nothing is lost', async (t) => {
  const { code, stdout, stderr } = await hwbpProcess(['run', CONFIG]);
  t.deepEqual([code, stderr], [0, '']);
  const rows = stdout.split('\n').filter((line) => line.includes('requests_lock RW'));
  t.regex(rows[0] ?? '', /worker0-1 +\[000\] requests_lock RW spin_lock\+0x4\/0xc/, 'takes a ticket');
  t.regex(rows[1] ?? '', /worker1-2 +\[001\] requests_lock RW spin_lock\+0x4\/0xc/);
  t.regex(rows[2] ?? '', /worker1-2 +\[001\] requests_lock RW spin_lock\+0x8\/0xc/, 'spins');
  t.true(rows.some((row) => /worker0-1 .* spin_unlock\+0x4\/0x8/.test(row)));
  t.regex(stdout, /\n100 of 100 requests were counted\n/);
});

test('the same with a mutex, by an argument; another one is refused', async (t) => {
  const { code, stdout } = await hwbpProcess(['run', CONFIG, '--', 'mutex']);
  t.is(code, 0);
  t.regex(stdout, /requests_lock RW mutex_lock\+0x8\/0x14/);
  t.regex(stdout, /\n100 of 100 requests were counted\n/);
  const { code: refused, stderr } = await hwbpProcess(['run', CONFIG, '--', 'rwlock']);
  t.is(refused, 2);
  t.regex(
    stderr,
    /it cannot be loaded: the lock is a spinlock or a mutex, got rwlock \(.*kernel\.config\.ts:\d+:\d+\)/,
  );
});
