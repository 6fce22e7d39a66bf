import { CONSOLE, type Kernel, program } from '@hwbp/core';
import { uart16550 } from '@hwbp/devices';
import { Kgdb } from '@hwbp/kgdb';
import test from 'ava';
import { bytesOf, Client, frame, kernelWith, payloads } from './client.js';

/** What `O` packets say. */
const shown = (packets: readonly string[]): string =>
  packets
    .filter((packet) => /^O[0-9a-f]/.test(packet))
    .map((packet) => Buffer.from(packet.slice(1), 'hex').toString())
    .join('');

/** A kernel thread that writes text to the port, waiting for room before each character. */
function writer(kernel: Kernel, text: string): void {
  const pc = 0xffff_ffff_8100_0000n;
  const port = { space: 'port', size: 1 } as const;
  kernel.machine.spawn(
    program(function* () {
      // 8 bits.
      yield { pc, length: 1, accesses: [{ ...port, kind: 'write', address: 0x3fbn, value: 3n }] };
      for (const letter of text) {
        for (let room = 0n; (room & 0x20n) === 0n; ) {
          [room = 0n] = yield { pc, length: 1, accesses: [{ ...port, kind: 'read', address: 0x3fdn }] };
        }
        const value = BigInt(letter.charCodeAt(0));
        yield { pc: pc + 1n, length: 1, accesses: [{ ...port, kind: 'write', address: 0x3f8n, value }] };
      }
      for (;;) yield { pc: pc + 2n, length: 2, next: pc + 2n };
    }),
    { mode: 'kernel' },
  );
}

test('what a serial port sends is on gdb’s console while the machine runs, before the stop', (t) => {
  using kernel = kernelWith({ plugins: [Kgdb, uart16550()] });
  writer(kernel, 'hello\n');
  const gdb = new Client(kernel);
  gdb.session.receive(bytesOf(frame('vCont;c')));
  const packets: string[] = [];
  for (let slice = 0; slice < 20; slice++) {
    gdb.session.run(1000);
    packets.push(...payloads(gdb.take()));
  }
  t.is(shown(packets), 'hello\n');
  gdb.session.receive(Uint8Array.of(3));
  gdb.session.run(1000);
  t.regex(payloads(gdb.take()).at(-1) ?? '', /^T02/);
});

test('text is UTF-8, what a terminal obeys is written out, and nothing comes while the target stands', (t) => {
  using kernel = kernelWith();
  writer(kernel, '');
  const gdb = new Client(kernel);
  const terminal = kernel.get(CONSOLE);
  terminal.write(bytesOf('too early'));
  gdb.session.receive(bytesOf(frame('vCont;c')));
  terminal.write(new TextEncoder().encode('grüß \u001b[2J\n'));
  gdb.session.run(10);
  t.is(shown(payloads(gdb.take())), 'grüß \\x1b[2J\n');
  terminal.write(Uint8Array.of(0x41, 0xff));
  gdb.session.run(10);
  t.is(shown(payloads(gdb.take())), 'Aÿ');
  gdb.session.close();
  terminal.write(bytesOf('too late'));
  t.is(gdb.take(), '');
  t.is(terminal.output.size, 0);
});
