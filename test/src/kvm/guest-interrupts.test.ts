import { type Cpu, type Hit, type Instruction, program } from '@hwbp/core';
import test from 'ava';
import { pair } from './support.js';

const TEXT = 0xffff_ffff_8100_0000n;
const DATA = 0xffff_ffff_8200_0000n;
const at = (pc: bigint, more: Partial<Instruction> = {}): Instruction => ({ pc, length: 1, ...more });

test('interrupts of a guest: handlers nest, watch and are watched on its virtual CPU, and the host’s come in between', (t) => {
  using p = pair();
  const { guest, host } = p;
  const log: string[] = [];
  guest.breakpoints.registerCpu(
    { bp_type: 2, bp_addr: DATA, bp_len: 4 },
    ({ context }: Hit) => log.push(`hit ${context}`),
    0,
  );
  guest.machine.interrupts.setPriority(2, 1);
  guest.machine.interrupts.handle(1, {
    name: 'disk',
    program: program(function* ({ cpu }: { readonly cpu: Cpu }) {
      log.push('disk {');
      yield at(TEXT, { accesses: [{ kind: 'write', address: DATA, size: 4 }] });
      guest.machine.interrupts.raise(2, cpu);
      host.machine.interrupts.raise(5);
      yield at(TEXT + 1n);
      yield at(TEXT + 2n);
      log.push('} disk');
    }),
  });
  guest.machine.interrupts.handle(2, { name: 'net', action: () => log.push('net') });
  host.machine.interrupts.handle(5, {
    name: 'host',
    program: program(function* ({ cpu }: { readonly cpu: Cpu }) {
      log.push(`host ${host.machine.interrupts.contextOf(cpu)}`);
      yield at(TEXT);
    }),
  });
  guest.machine.spawn(program(Array.from({ length: 20 }, (_, i) => at(0x1000n + BigInt(i)))));
  host.machine.run(8);
  guest.machine.interrupts.raise(1);
  host.machine.run();
  t.deepEqual(
    log.filter((line) => line !== 'host hardirq'),
    ['disk {', 'hit hardirq', 'net', '} disk'],
  );
  t.is(log.filter((line) => line === 'host hardirq').length, 1);
  t.is(guest.machine.tasks.size, 0);
});

test('a guest on which everybody sleeps goes on: an idle host goes to the guest’s alarm', (t) => {
  using p = pair();
  const { guest, host } = p;
  const seen: bigint[] = [];
  guest.machine.spawn(
    program(function* () {
      for (let i = 0; i < 3; i++) seen.push(...(yield at(0x1000n, { wait: guest.machine.timers.sleep(50_000_000) })));
    }),
  );
  t.is(host.machine.run(1_000_000).reason, 'idle');
  t.deepEqual(seen, [0n, 0n, 0n]);
  t.true(guest.machine.cpu(0).clock.now >= 150_000_000);
  t.is(guest.machine.tasks.size, 0);
});

test('interrupts off in a guest keep its lines from it, and nothing from its host', (t) => {
  using p = pair();
  const { guest, host } = p;
  const log: string[] = [];
  guest.machine.interrupts.handle(1, { name: 'guest', action: () => log.push('guest') });
  host.machine.interrupts.handle(1, { name: 'host', action: () => log.push('host') });
  guest.machine.spawn(
    program(function* () {
      yield at(TEXT, { irqs: 'off' });
      guest.machine.interrupts.raise(1);
      host.machine.interrupts.raise(1);
      for (let i = 1n; i < 5n; i++) yield at(TEXT + i);
      log.push('on');
      yield at(TEXT + 5n, { irqs: 'on' });
      yield at(TEXT + 6n);
    }),
    { mode: 'kernel' },
  );
  host.machine.run();
  t.deepEqual(log, ['host', 'on', 'guest']);
});
