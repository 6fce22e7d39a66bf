import { type Instruction, program } from '@hwbp/core';
import test from 'ava';
import { DATA, nop, pair, store, TEXT, writes } from './support.js';

/*
 * A guest's kernel that reaches for its registers leaves the physical CPU: nothing of the guest may execute before the
 * next entry has armed what it wrote.
 */

/** Exits: the guest writes to a port that no device has. */
const out: Instruction = {
  pc: TEXT,
  length: 2,
  accesses: [{ kind: 'write', address: 0x70n, size: 1, value: 0n, space: 'port' }],
};

test('a switch to a task with a watch: its first store counts', (t) => {
  using p = pair();
  p.guest.machine.spawn(program([nop(), out, nop()]));
  const task = p.guest.machine.spawn(program([store(DATA), store(DATA)]));
  let hits = 0;
  p.guest.breakpoints.registerUser(writes(), () => hits++, task);
  p.host.machine.run();
  t.is(hits, 2);
});

test('a system call that sets a watch: the next store of the kernel counts, and the next one of the task', (t) => {
  using p = pair();
  let hits = 0;
  const task = p.guest.machine.spawn(
    program([
      nop(),
      out,
      {
        pc: TEXT,
        length: 2,
        syscall: program(function* () {
          yield nop();
          p.guest.breakpoints.registerUser(writes(), () => hits++, task);
          yield store(DATA);
        }),
      },
      store(DATA),
    ]),
  );
  p.host.machine.run();
  t.is(hits, 2);
});
