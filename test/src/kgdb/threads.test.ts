import test from 'ava';
import { Client, kernelWith, textOf } from './client.js';
import { lines, spawnCounters } from './programs.js';

const threadsXml = (gdb: Client): string => gdb.send('qXfer:threads:read::0,4000').slice(1);

test('threads are CPUs: online ones, with the task that each runs', (t) => {
  using kernel = kernelWith({ cpus: 4, offline: [2] });
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  t.is(gdb.send('qfThreadInfo'), 'm1,2,4');
  t.is(gdb.send('qsThreadInfo'), 'l');
  t.is(
    threadsXml(gdb),
    '<?xml version="1.0"?><threads>' +
      '<thread id="1" core="0" name="CPU 0 worker0-1"/>' +
      '<thread id="2" core="1" name="CPU 1 idle"/>' +
      '<thread id="4" core="3" name="CPU 3 idle"/></threads>',
  );
  t.is(textOf(gdb.send('qThreadExtraInfo,2')), 'CPU 1 idle');
  gdb.ok('T1', 'T4', 'Hg4', 'Hc-1', 'Hg0');
  for (const packet of ['T3', 'T0', 'T-1', 'Hg3', 'Hx1', 'Hg', 'Tzz', 'qThreadExtraInfo,9']) {
    t.is(gdb.send(packet), 'E16', packet);
  }
  t.is(gdb.send('vCont;s:3'), 'E16');
  t.is(gdb.send('vCont;c:9'), 'E16');
  t.false(gdb.session.running);
});

test('threads are tasks: pids, in order, with their CPUs; one that ends is gone', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  kernel.machine.spawn(lines([{}, {}]), { pid: 30, comm: '<&">', affinity: [1] });
  const gdb = new Client(kernel, { threads: 'tasks' });
  t.is(gdb.send('qfThreadInfo'), 'm1,1e');
  t.regex(threadsXml(gdb), /id="1e" core="1" name="&#60;&#38;&#34;&#62;"/);
  gdb.ok('Hg1e');
  gdb.raw('$c#63');
  gdb.session.run(1000);
  gdb.raw('\x03');
  gdb.session.run(1);
  gdb.take();
  t.is(gdb.send('T1e'), 'E16');
  t.is(gdb.send('qfThreadInfo'), 'm1');
});

test('a selected thread that is gone is refused, and the next stop selects the one that stopped', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 2);
  const gdb = new Client(kernel);
  gdb.ok('Hg2');
  kernel.machine.setOnline(1, false);
  t.is(gdb.send('g'), 'E16');
  gdb.go('vCont;s:1');
  t.notRegex(gdb.send('g'), /^E/);
});

test('a list that is longer than a packet is cut', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  for (let i = 0; i < 3000; i++) kernel.machine.spawn(lines([{}]), { pid: 0x100_0000 + i });
  const gdb = new Client(kernel, { threads: 'tasks' });
  t.true(gdb.send('qfThreadInfo').length <= 0x4000);
  let xml = '';
  for (let part = 'm'; part[0] === 'm'; ) {
    part = gdb.send(`qXfer:threads:read::${xml.length.toString(16)},fff`);
    xml += part.slice(1);
  }
  t.is([...xml.matchAll(/<thread /g)].length, 3000);
});
