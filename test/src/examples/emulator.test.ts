import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { RiscvCore, riscvTarget } from '@hwbp/examples/emulator';
import { KgdbServer } from '@hwbp/kgdb/server';
import test from 'ava';
import { GDB, testWith } from '../clients/need.js';
import { bytesOf, frame, payloads } from '../kgdb/client.js';

const run = promisify(execFile);
// From test/dist/examples.
const EXAMPLES = path.join(import.meta.dirname, '../../../examples');

/** lui t0, 1; addi t1, t1, 1; sw t1, 0(t0); li t2, 5; blt t1, t2, -12; mv a0, t1; ecall. */
const COUNTER = [0x12b7, 0x13_0313, 0x62_a023, 0x50_0393, 0xfe73_4ae3, 0x3_0513, 0x73];

testWith(GDB, 'a real gdb on somebody’s emulator: what the example’s README shows', async (t, executable) => {
  const readme = readFileSync(path.join(EXAMPLES, 'src/emulator/README.md'), 'utf8');
  const [, session = ''] = /\n\$ gdb-multiarch [^\n]*\n(.*?)```\n/s.exec(readme) ?? [];
  const commands = [...session.matchAll(/^\(gdb\) (.*)$/gm)].map(([, command = '']) => command);
  const child = spawn(process.execPath, [path.join(EXAMPLES, 'dist/emulator/main.js'), '0']);
  try {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += String(text);
    });
    while (!said.includes('target remote')) await once(child.stdout, 'data');
    const all = ['set confirm off', 'set pagination off', 'set width 0', /target remote [\d.:]+/.exec(said)?.[0] ?? ''];
    const args = [...all, ...commands].flatMap((command) => ['-ex', command]);
    const { stdout } = await run(executable, ['-nx', '-q', '-batch', ...args], { timeout: 60_000 });
    const squeeze = (text: string): string[] => text.split('\n').filter((line) => line !== '');
    const shown = squeeze(session).filter((line) => !line.startsWith('(gdb)'));
    const printed = squeeze(stdout);
    const first = printed.indexOf(shown[0] ?? '');
    t.deepEqual(printed.slice(first, first + shown.length), shown);
    if (child.exitCode === null) await once(child, 'exit');
    t.is(child.exitCode, 0, 'the program has ended, and the server with it');
  } finally {
    child.kill();
  }
});

test('KgdbServer drives a target of one’s own: alone, and one debugger at a time', async (t) => {
  const core = new RiscvCore(COUNTER);
  const alone = await KgdbServer.listen(riscvTarget(core), { port: 0, wait: false });
  await alone.ended;
  await alone.close();
  t.is(core.memory.getInt32(0x1000, true), 5);

  const notices: string[] = [];
  const endless = riscvTarget(new RiscvCore([0x13_0313, 0xffdf_f06f]));
  const server = await KgdbServer.listen(endless, { port: 0, timeout: 200, notice: (text) => notices.push(text) });
  /** What a connection was sent once `wanted` is in it. */
  const session = (...packets: readonly string[]) => {
    const socket = createConnection(server.address.port, '127.0.0.1');
    let received = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      received += String(chunk);
    });
    for (const packet of packets) socket.write(bytesOf(packet));
    return {
      socket,
      async until(wanted: RegExp): Promise<string[]> {
        while (!wanted.test(received)) await once(socket, 'data');
        return payloads(received);
      },
    };
  };
  const first = session(frame('QStartNoAckMode'), frame('?'));
  t.regex((await first.until(/T05.*#../)).join(), /thread:1;/);
  const second = session(frame('?'));
  await second.until(/E\.another debugger is attached/);
  first.socket.write(bytesOf(`${frame('vCont;c')}`));
  await new Promise((resolve) => setTimeout(resolve, 50));
  first.socket.write(bytesOf('\x03'));
  t.true(
    (await first.until(/T02.*#../)).some((payload) => payload.startsWith('T02')),
    'Ctrl-C',
  );
  first.socket.write(bytesOf('$m0'));
  await once(first.socket, 'close');
  t.true(notices.includes('the debugger has gone'), 'one that leaves a packet unfinished is cut off');
  await server.close();
});

test('the emulator executes what the manual says', (t) => {
  const cases: readonly (readonly [number, number])[] = [
    [0x4020_d293, -1], // srai t0, ra, 2
    [0x0020_d293, 0x3fff_ffff], // srli t0, ra, 2
    [0x4011_02b3, 11], // sub t0, sp, ra
    [0x0020_a2b3, 1], // slt t0, ra, sp
    [0x0020_b2b3, 0], // sltu t0, ra, sp
    [0xfff0_c293, 3], // xori t0, ra, -1
    [0x0010_9293, -8], // slli t0, ra, 1
    [0x0011_72b3, 4], // and t0, sp, ra
    [0x1040_00ef, 0], // jal ra, 0x104: t0 stays
    [0x0002_0297, 0x2_0000], // auipc t0, 0x20
  ];
  for (const [word, expected] of cases) {
    const core = new RiscvCore([word]);
    core.x[1] = -4;
    core.x[2] = 7;
    core.step();
    t.is(core.x[5], expected, word.toString(16));
  }
  const core = new RiscvCore([0x0ff0_0293, 0x1050_0023, 0x1000_0303, 0x1000_4383]);
  for (let i = 0; i < 4; i++) core.step();
  t.deepEqual([core.x[6], core.x[7]], [-1, 255], 'lb and lbu');
  t.throws(() => new RiscvCore([0xffff_ffff]).step(), { instanceOf: RangeError });
});
