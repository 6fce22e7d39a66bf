import { USER_AREA } from '@hwbp/core';
import test from './schedulers.js';
import { A, debuggee, errnoOf, refusal } from './support.js';

test('struct user of 64 bits: u_debugreg from 848, words of 8, 928 bytes', (t) => {
  const d = debuggee();
  t.deepEqual(
    [0, 3, 7].map((register) => d.tracer.debugOffset(register)),
    [848, 872, 904],
  );
  d.tracer.pokeUser(d.task, 848, A);
  t.is(d.tracer.peekUser(d.task, 848), A);
  t.is(d.tracer.peekUser(d.task, 896), 0xffff_0ff0n);
});

test('struct user of 32 bits: u_debugreg from 252, words of 4, 284 bytes; values are cut to 32 bits', (t) => {
  const d = debuggee({ features: { bits: 32 } });
  t.deepEqual(
    [0, 7].map((register) => d.tracer.debugOffset(register)),
    [252, 280],
  );
  d.tracer.pokeUser(d.task, 252, (1n << 32n) | A);
  t.is(d.tracer.peekUser(d.task, 252), A);
  d.tracer.pokeUser(d.task, 276, 0x1_2345_6789n);
  t.is(d.tracer.peekUser(d.task, 276), 0x2345_6789n);
  d.tracer.pokeUser(d.task, 280, 0xffff_ffff_0000_fc00n);
  t.is(d.tracer.peekUser(d.task, 280), 0xfc00n, 'the reserved bits of 32 bits');
  t.is(
    errnoOf(() => d.tracer.peekUser(d.task, 284)),
    'EIO',
  );
  d.tracer.setRegs(d.task, { eax: 0x1_0000_0002n, eip: 0x1_0000_0003n });
  t.like(d.tracer.getRegs(d.task), { eax: 2n, eip: 3n });
});

test('32 bits: a LEN of 8 bytes is EINVAL, and user space ends at 0xc0000000', (t) => {
  const d = debuggee({ features: { bits: 32 } });
  d.poke(0, 0x1000n);
  t.is(d.tryPoke(7, 0x90001n), 'EINVAL');
  t.is(d.tryPoke(0, 0xbfff_ffffn), 'ok');
  t.is(d.tryPoke(0, 0xc000_0000n), 'EINVAL');
  t.is(d.peek(0), 0xbfff_ffffn);
});

for (const bits of [64, 32] as const) {
  const size = bits === 64 ? 928 : 284;
  const word = bits / 8;

  test(`${bits} bits: an offset between words or outside the structure is EIO, for PEEK and POKE`, (t) => {
    const d = debuggee({ features: { bits } });
    for (const offset of [
      -word,
      -1,
      1,
      word - 1,
      d.tracer.debugOffset(0) + 1,
      size,
      size + word,
      1e9,
      0.5,
      Number.NaN,
    ]) {
      const error = refusal(t, () => d.tracer.peekUser(d.task, offset));
      t.like(error, { code: 'PTRACE_BAD_OFFSET', errno: 'EIO' }, `PEEK ${offset}`);
      t.true(error.message.includes(String(size)), error.message);
      t.is(
        errnoOf(() => d.tracer.pokeUser(d.task, offset, 0n)),
        'EIO',
        `POKE ${offset}`,
      );
    }
  });

  test(`${bits} bits: every word of the structure can be read; a word that holds nothing reads 0 and cannot be written`, (t) => {
    const d = debuggee({ features: { bits } });
    const area = d.kernel.facet(USER_AREA);
    const refused: number[] = [];
    for (let offset = 0; offset < size; offset += word) {
      const before = d.tracer.peekUser(d.task, offset);
      const errno = errnoOf(() => d.tracer.pokeUser(d.task, offset, before));
      if (errno === 'ok') continue;
      t.is(errno, 'EIO');
      t.is(before, 0n);
      refused.push(offset);
    }
    const debug = d.tracer.debugOffset(0);
    const registers = (area?.generalRegisters.length ?? 0) * word;
    const unused = Array.from({ length: (debug - registers) / word }, (_, i) => registers + i * word);
    // Behind u_debugreg[0] of 64 bits there are two words: error_code and fault_address.
    const behind = Array.from({ length: (size - debug) / word - 8 }, (_, i) => debug + (8 + i) * word);
    t.deepEqual(refused, [...unused, debug + 4 * word, debug + 5 * word, ...behind]);
  });

  test(`${bits} bits: general registers lie from offset 0 in the order of GETREGS`, (t) => {
    const d = debuggee({ features: { bits } });
    Object.keys(d.tracer.getRegs(d.task)).forEach((name, i) => {
      if (name === 'eflags') return;
      d.tracer.pokeUser(d.task, i * word, BigInt(i + 100));
      t.is(d.tracer.getRegs(d.task)[name], BigInt(i + 100), name);
      t.is(d.tracer.peekUser(d.task, i * word), BigInt(i + 100), name);
    });
  });
}

test('DR4 and DR5 read 0; POKE of 4, 5 and of the word behind DR7 is EIO', (t) => {
  const d = debuggee();
  for (const register of [4, 5]) {
    t.is(d.peek(register), 0n);
    t.like(
      refusal(t, () => d.poke(register, 0n)),
      { code: 'X86_NO_DEBUG_REGISTER', errno: 'EIO' },
    );
  }
  t.is(d.peek(8), 0n);
  t.is(d.tryPoke(8, 0n), 'EIO');
});
