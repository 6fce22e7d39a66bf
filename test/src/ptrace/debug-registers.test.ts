import { HW_BREAKPOINT_W } from '@hwbp/core';
import test from './schedulers.js';
import { A, DR6, debuggee, dr7, hit, nop, refusal, store, TASK_SIZE } from './support.js';

const FRESH = [0n, 0n, 0n, 0n, DR6, 0n];

test('a task that was never debugged reads 0, 0, 0, 0, 0xffff0ff0, 0', (t) => {
  t.deepEqual(debuggee().registers, FRESH);
});

test('each register reads back what was written, any number of times', (t) => {
  const d = debuggee();
  const values = [A, A + 8n, A + 3n, 0n, 0x1234_5678_9abc_def0n, 0x1000_1303n];
  for (const [i, register] of [0, 1, 2, 3, 6, 7].entries()) d.poke(register, values[i] ?? 0n);
  t.deepEqual(d.registers, values);
  t.deepEqual(d.registers, values);
});

test('DR6 takes any 64 bits, and writing it touches nothing else', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(7, dr7(0, 'w'));
  for (const value of [0n, 0xffff_ffff_ffff_ffffn, 0xffff_0ff3n, 0x8000_0000_0000_0001n]) {
    d.poke(6, value);
    t.is(d.peek(6), value);
  }
  t.deepEqual(d.run(store(A)), [hit(4, 1)], 'the next exception replaces all of it');
  t.is(d.peek(6), DR6 | 1n);
});

test('DR7 reads back exactly what was accepted: L and G, LE and GE, GD, reserved bits and the upper half', (t) => {
  const d = debuggee();
  d.poke(0, A);
  for (const value of [0x1_0001n, 0x1_0002n, 0x1_0303n, 0x9_2001n, 0xffff_ffff_0001_fc01n, 0xfff0_0000n | 0x1_0001n]) {
    t.is(d.tryPoke(7, value), 'ok', value.toString(16));
    t.is(d.peek(7), value);
    t.deepEqual(d.run(store(A)), [hit(4, 1)], `${value.toString(16)} works`);
  }
});

test('GD is ignored: reading and writing the registers does not stop anybody', (t) => {
  const d = debuggee();
  d.poke(7, 0x2000n);
  t.is(d.peek(7), 0x2000n);
  t.deepEqual(d.run(nop), []);
});

// Spec 5.4, each on a fresh task. The address of a slot, then DR7.
const REFUSED: readonly [what: string, address: bigint, control: bigint][] = [
  ['I/O', A, 0x2_0001n],
  ['execute, 2 bytes', A, 0x4_0001n],
  ['execute, 4 bytes', A, 0xc_0001n],
  ['execute, 8 bytes', A, 0x8_0001n],
  ['write, 4 bytes, misaligned', A + 1n, 0xd_0001n],
  ['write, 2 bytes, misaligned', A + 1n, 0x5_0001n],
  ['write, 8 bytes, misaligned', A + 4n, 0x9_0001n],
  ['read/write, 4 bytes, misaligned', A + 2n, 0xf_0001n],
];

for (const [what, address, control] of REFUSED) {
  test(`DR7 for ${what}: EINVAL, and DR7 still reads 0`, (t) => {
    const d = debuggee();
    d.poke(0, address);
    t.is(d.tryPoke(7, control), 'EINVAL');
    t.deepEqual(d.registers, [address, 0n, 0n, 0n, DR6, 0n]);
    t.deepEqual(d.run(store(address)), [], 'nothing is armed');
  });
}

test('a slot that is in use keeps its DR7 where a longer one would be misaligned', (t) => {
  const d = debuggee();
  d.poke(0, A + 1n);
  d.poke(7, 0x1_0001n);
  t.is(d.tryPoke(7, 0xd_0001n), 'EINVAL');
  t.is(d.peek(7), 0x1_0001n);
  t.deepEqual(d.run(store(A + 1n)), [hit(4, 1)]);
});

test('enabling before an address was written: the slot is made with address 0', (t) => {
  const d = debuggee();
  t.is(d.tryPoke(7, 1n), 'ok');
  t.is(d.peek(0), 0n);
  t.is(d.slots, 1);
});

test('DR7 first, then an address: judged by the length that DR7 gave', (t) => {
  const d = debuggee();
  t.is(d.tryPoke(7, 0x9_0001n), 'ok');
  t.is(d.tryPoke(0, A + 1n), 'EINVAL');
  t.is(d.peek(0), 0n, 'the old address is kept');
  t.is(d.tryPoke(0, A), 'ok');
  t.deepEqual(d.run(store(A + 7n)), [hit(4, 1)]);
});

test('one slot that cannot be refuses the whole write', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(1, A + 9n);
  t.is(d.tryPoke(7, dr7(0, 'w') | dr7(1, 'w', 4)), 'EINVAL');
  t.is(d.peek(7), 0n);
  t.deepEqual(d.run(store(A), store(A + 9n)), []);
  t.is(d.tryPoke(7, dr7(0, 'w') | dr7(1, 'w')), 'ok');
  t.deepEqual(d.run(store(A), store(A + 9n)), [hit(4, 1), hit(8, 2)]);
});

test('I/O is refused where there is no slot either', (t) => {
  const d = debuggee();
  t.is(d.tryPoke(7, 0x2_0001n), 'EINVAL');
  t.is(d.peek(7), 0n);
});

test('fields of slots that were never used are not looked at; of one that was, they are, although it stays off', (t) => {
  const d = debuggee();
  t.is(d.tryPoke(7, 0xffff_0000n), 'ok');
  t.is(d.tryPoke(7, 0x2222_0000n), 'ok', 'I/O everywhere');
  t.is(d.slots, 0);
  d.poke(0, A);
  t.is(d.tryPoke(7, 0x2_0000n), 'EINVAL', 'I/O');
  t.is(d.tryPoke(7, 0x4_0000n), 'EINVAL', 'execute, 2 bytes');
  t.is(d.tryPoke(7, 0x2222_0000n - 0x2_0000n), 'ok', 'the other three are still nobody’s');
});

test('DR7 = 0 keeps address and slot; the slot then takes an address of any alignment', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(7, dr7(0, 'w', 8));
  d.poke(7, 0n);
  t.deepEqual(d.registers, [A, 0n, 0n, 0n, DR6, 0n]);
  t.is(d.slots, 1);
  t.deepEqual(d.run(store(A)), []);
  t.is(d.tryPoke(0, A + 1n), 'ok');
  t.is(d.tryPoke(7, dr7(0, 'w', 8)), 'EINVAL');
  t.is(d.tryPoke(7, dr7(0, 'w')), 'ok');
  t.deepEqual(d.run(store(A + 1n)), [hit(4, 1)]);
});

test('writing the address of a slot that is armed moves it', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(7, dr7(0, 'w', 4));
  d.poke(0, A + 4n);
  t.deepEqual(d.run(store(A), store(A + 4n)), [hit(8, 1)]);
  t.is(d.tryPoke(0, A + 6n), 'EINVAL');
  t.deepEqual(d.run(store(A), store(A + 4n)), [hit(8, 1)], 'a refused address leaves it where it was');
});

test('writing the address of a slot that is off does not arm it', (t) => {
  const d = debuggee();
  d.poke(0, A);
  d.poke(0, A + 8n);
  t.deepEqual(d.run(store(A), store(A + 8n)), []);
});

test('a new slot is for writes of 1 byte until DR7 says otherwise', (t) => {
  const d = debuggee();
  t.is(d.tryPoke(0, A + 1n), 'ok');
  t.is(d.tryPoke(0, A + 3n), 'ok');
  const [breakpoint] = d.kernel.breakpoints.registered;
  t.like(breakpoint?.attr, { bp_type: HW_BREAKPOINT_W, bp_len: 1, disabled: true, exclude_kernel: true });
});

test('user space ends at TASK_SIZE_MAX, with the last byte that is watched; kernel and non-canonical addresses are EINVAL', (t) => {
  const d = debuggee();
  const accepted = [0n, TASK_SIZE - 1n];
  const refused = [
    TASK_SIZE,
    0x8000_0000_0000n,
    0xffff_8000_0000_0000n,
    0xffff_fe00_0000_1000n,
    0xffff_ffff_ffff_ffffn,
  ];
  for (const address of accepted) t.is(d.tryPoke(0, address), 'ok', address.toString(16));
  for (const address of refused) {
    t.is(d.tryPoke(0, address), 'EINVAL', address.toString(16));
    t.is(d.tryPoke(1, address), 'EINVAL', 'for a fresh slot too');
  }
  t.is(d.peek(0), TASK_SIZE - 1n);
  t.is(d.slots, 1, 'a refused address takes no slot');
  for (const length of [2, 4, 8] as const) {
    const edge = debuggee();
    edge.poke(7, dr7(0, 'w', length));
    t.is(edge.tryPoke(0, TASK_SIZE - BigInt(length)), 'ok', `${length} bytes below the end`);
    t.is(edge.tryPoke(0, TASK_SIZE), 'EINVAL');
  }
});

test('the owner of the address makes no difference: without privilege the answers are the same', (t) => {
  const d = debuggee();
  d.task.privileged = false;
  t.is(d.tryPoke(0, TASK_SIZE), 'EINVAL');
  t.is(d.tryPoke(0, A), 'ok');
});

test('a refusal says what was wrong and what would do', (t) => {
  const d = debuggee();
  d.poke(0, A + 1n);
  t.regex(refusal(t, () => d.poke(7, dr7(0, 'w', 4))).message, /^EINVAL: .*0x10000011.*length 4.*0x10000010/);
  t.regex(refusal(t, () => d.poke(7, dr7(0, 'io'))).message, /register 0 .*I\/O/);
  t.regex(refusal(t, () => d.poke(1, TASK_SIZE)).message, /kernel space/);
});
