import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { bytesOf, Client, frame, kernelWith, payloads } from './client.js';
import { lines, spawnCounters } from './programs.js';

function connected(options: ConstructorParameters<typeof Client>[1] = {}) {
  const kernel = kernelWith();
  spawnCounters(kernel, 1);
  return { kernel, gdb: new Client(kernel, options) };
}

test('packets are acknowledged until both sides agree not to', (t) => {
  const { gdb } = connected({ raw: true });
  t.is(gdb.raw(frame('qC')), '+$QC1#c5');
  t.true(gdb.session.owed, 'an acknowledgement');
  gdb.raw('+');
  t.false(gdb.session.owed);
  t.is(gdb.raw(frame('QStartNoAckMode')), '+$OK#9a');
  t.is(gdb.raw(`+${frame('qC')}`), '$QC1#c5');
  t.is(gdb.raw('$qC#00'), '$QC1#c5', 'checksums say nothing any more');
  t.false(gdb.session.owed);
});

test('a damaged packet is asked for again, a rejected answer is repeated', (t) => {
  const { gdb } = connected({ raw: true });
  t.is(gdb.raw('$qC#00'), '-');
  t.is(gdb.raw('$qC#zz'), '-');
  t.is(gdb.raw('-'), '', 'there is nothing to repeat');
  gdb.raw(frame('qC'));
  t.is(gdb.raw('-'), '$QC1#c5');
  t.is(gdb.raw('-----'), '$QC1#c5', 'once for each piece that arrives: asking costs nothing');
});

test('what is between packets is noise; a $ in a packet begins it anew', (t) => {
  const { gdb } = connected();
  t.is(gdb.raw(`+++\r\n#xx garbage ${frame('qC')}`), '$QC1#c5');
  t.is(gdb.raw(`$m0,ffff${frame('qC')}`), '$QC1#c5');
  gdb.raw('$qC');
  t.true(gdb.session.owed, 'the rest of a packet');
  t.is(gdb.raw('#b4'), '$QC1#c5');
});

testProp(
  'how the bytes are cut makes no difference',
  [
    fc.array(
      fc.constantFrom(
        'qC',
        'g',
        'm601000,20',
        '?',
        'Z2,601000,4',
        'H g',
        'X5000,3:a}]c',
        '',
        'qXfer:threads:read::0,10',
      ),
    ),
    fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
  ],
  (t, packets, cuts) => {
    const stream = packets.map(frame).join('');
    const whole = connected().gdb.raw(stream);
    const { gdb } = connected();
    let answers = '';
    for (let at = 0; at < stream.length; ) {
      const { value = 1 } = cuts.next();
      answers += gdb.raw(stream.slice(at, at + value));
      at += value;
    }
    t.is(answers, whole);
    t.is(payloads(whole).length, packets.length);
  },
  { numRuns: 60 },
);

test('what the stub does not know is answered with nothing', (t) => {
  const { gdb } = connected();
  for (const packet of [
    '',
    '!',
    'A',
    'b',
    'B',
    'd',
    'i',
    'I',
    'r',
    'R00',
    't',
    'vMustReplyEmpty',
    'vAttach;1',
    'vRun;',
    'QNonStop:1',
    'qTStatus',
    'qSymbol::',
    'qXfer:auxv:read::0,100',
    '\xff\xfe',
    'toString',
    '__proto__',
    'q',
    'Q',
    'v',
  ]) {
    t.is(gdb.send(packet), '', packet);
  }
  t.is(gdb.send('qXfer:features:read:other.xml:0,100'), 'E00');
});

test('what is malformed is EINVAL, and says what was wrong', (t) => {
  const { gdb } = connected();
  for (const packet of [
    'm',
    'm,',
    'mzz,1',
    'm0',
    'm0,1,2',
    'm11111111111111111,1',
    'M0,1',
    'Z',
    'Z1',
    'Z1,0',
    'Zx,0,1',
    'z2,,',
    'G0',
    'P',
    'P0',
    'P0=',
    'p',
    'H',
    'T',
    'vCont',
    'vCont;',
    'vCont;x',
    'vCont;s:1;;',
    'vCont;r1:1',
    'vCont;s:',
    'c-1',
    's?',
    'C',
    'S5',
    'qRcmd',
    'qRcmd,1',
    'qRcmd,zz',
    'X0,1',
  ]) {
    t.is(gdb.send(packet), 'E16', packet);
  }
  t.regex(gdb.monitor('why'), /'X0,1' is not what a packet 'X' looks like/);
});

test('a packet that is too long is refused, acknowledged, and not kept', (t) => {
  const { gdb } = connected({ raw: true });
  const answer = gdb.raw(frame('m'.repeat(100_000)));
  t.is(answer, '+$E07#ac');
  t.is(gdb.raw(frame('qC')), '+$QC1#c5');
});

test('documents come in pieces of the size that was asked for', (t) => {
  const { gdb } = connected();
  const whole = gdb.send('qXfer:features:read:target.xml:0,4000').slice(1);
  let pieces = '';
  for (;;) {
    const part = gdb.send(`qXfer:features:read:target.xml:${pieces.length.toString(16)},101`);
    pieces += part.slice(1);
    if (part[0] === 'l') break;
    t.is(part.length, 0x102);
  }
  t.is(pieces, whole);
  t.is(gdb.send('qXfer:features:read:target.xml:ffff,10'), 'l');
});

test('what connects is told what there is', (t) => {
  const { gdb } = connected({ bias: 0x10_8000n });
  t.is(
    gdb.send('qSupported:multiprocess+'),
    'PacketSize=4000;QStartNoAckMode+;swbreak+;hwbreak+;no-resumed+;ConditionalBreakpoints+;multiprocess+;vContSupported+;qXfer:features:read+;qXfer:threads:read+',
  );
  t.is(gdb.send('qAttached'), '1');
  t.is(gdb.send('qOffsets'), 'Text=108000;Data=108000;Bss=108000');
  t.is(gdb.send('vCont?'), 'vCont;c;C;s;S;r');
});

test('monitor lists its commands, the slots and who holds them', (t) => {
  using kernel = kernelWith({
    cpus: 3,
    offline: [2],
    symbols: [{ name: 'jiffies', address: 0x1000n, size: 8 }],
  });
  const task = kernel.machine.spawn(lines([{}]), { comm: 'one' });
  const watch = { bp_type: 3, bp_addr: 0x2000n, bp_len: 2 };
  kernel.breakpoints.registerCpu(watch, () => {}, 1, { owner: 'ksym_tracer' });
  kernel.breakpoints.registerUser({ ...watch, disabled: true }, () => {}, task, { owner: 'ptrace' });
  const gdb = new Client(kernel);
  gdb.ok('Z2,1004,4');
  t.deepEqual(gdb.monitor('bps').split('\n'), [
    'CPU  slot  address             type  length  owner        for',
    '0    0     0x1004 jiffies+0x4  w     4       kgdb         CPU 0',
    '0    1     free',
    '0    2     free',
    '0    3     free',
    '1    0     0x2000              rw    2       ksym_tracer  CPU 1',
    '1    1     0x1004 jiffies+0x4  w     4       kgdb         CPU 1',
    '1    2     free',
    '1    3     free',
    '2    -     offline',
    '-    off   0x2000              rw    2       ptrace       task one-1',
    '',
  ]);
  t.is(gdb.monitor('help'), gdb.monitor(' help '));
  t.regex(gdb.monitor('reboot'), /there is no command 'reboot'\nmonitor bps/);
});

test('bytes that come after the debugger has let go are not heard', (t) => {
  const { gdb, kernel } = connected();
  gdb.session.receive(bytesOf(`${frame('D')}${frame('Z2,1000,4')}`));
  t.deepEqual(payloads(gdb.take()), ['OK']);
  t.deepEqual(kernel.breakpoints.debugger.claims, []);
});
