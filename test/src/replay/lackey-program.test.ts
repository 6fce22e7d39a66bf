import { fc, testProp } from '@fast-check/ava';
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_W, HW_BREAKPOINT_X, hex } from '@hwbp/core';
import { LackeyReplay } from '@hwbp/lackey';
import test from 'ava';
import { arbitraryCuts, arbitraryTrace, arbitraryWatches } from './arbitrary-trace.js';
import { model } from './lackey-model.js';
import { cut, replayText } from './replay-text.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

testProp(
  'a random trace with random watches: the kernel reports what a plain model does, however the text is cut',
  [arbitraryTrace, arbitraryWatches, arbitraryCuts, fc.integer({ min: 1, max: 30 })],
  (t, text, watches, cuts, quantum) => {
    const { instructions, endPc, ...result } = replayText(cut(encode(text), cuts), watches, quantum);
    t.deepEqual(result, model(text, watches));
    t.is(instructions, result.counts.I);
    t.is(typeof endPc, 'bigint');
  },
  { numRuns: 1500 },
);

test('every way to cut a text in two gives the same result', (t) => {
  const text =
    '==1== hello\nI  00401100,3\n S 00404390,4\nI  0401ab70,3\n M 1fff000dc8,8\r\n L 00404393,16\n\nI  00401100,12\n S 0040438f,2';
  const watches = [
    { type: 'w', address: 0x404390n, length: 4 },
    { type: 'rw', address: 0x404398n, length: 8 },
    { type: 'x', address: 0x401100n, length: 1 },
  ] as const;
  const whole = replayText([encode(text)], watches);
  t.deepEqual(whole.hits, model(text, watches).hits);
  t.is(whole.hits.length, 5);
  t.is(whole.endPc, 0x40110cn);
  const bytes = encode(text);
  for (let at = 0; at <= bytes.length; at++) {
    t.deepEqual(replayText([bytes.slice(0, at), bytes.slice(at)], watches), whole, `cut at ${at}`);
  }
});

test('the instruction pointer of a data hit is where execution went on: a branch, the instruction itself, the end', (t) => {
  const text = 'I  00401100,3\n S 00404390,4\nI  00409000,2\n S 00404390,4\nI  00409000,2\n S 00404390,4\n';
  const { hits } = replayText([encode(text)], [{ type: 'w', address: 0x404390n, length: 4 }]);
  t.deepEqual(
    hits.map(({ step, pc, ip }) => [step, pc, ip]),
    [
      [1, 0x401100n, 0x409000n],
      [2, 0x409000n, 0x409000n],
      [3, 0x409000n, 0x409002n],
    ],
  );
});

test('accesses behind a damaged I line accuse nobody, and the instruction before it goes on behind itself', (t) => {
  const text = 'I  1000,4\n S 2000,4\nI  zz,3\n S 2000,4\n L 2000,4\nI  1010,2\n S 2000,4\n';
  const watches = [{ type: 'w', address: 0x2000n, length: 4 }] as const;
  for (let at = 1; at <= text.length; at++) {
    const { hits, counts, firstOther } = replayText(cut(encode(text), [at]), watches, 10);
    t.deepEqual(hits, [
      { step: 1, watch: 0, pc: 0x1000n, ip: 0x1004n },
      { step: 2, watch: 0, pc: 0x1010n, ip: 0x1012n },
    ]);
    t.deepEqual([counts.other, firstOther], [3, 3]);
  }
});

test('a watched byte anywhere in an access of any size and alignment is found', (t) => {
  // Other lines around it, so that the loop for many lines sees it, and not the one for the ends of chunks.
  const around = 'I  00409000,4\n'.repeat(4);
  for (const size of [1, 2, 4, 8, 9, 10, 16, 32, 64, 99]) {
    for (let alignment = 0; alignment < 8; alignment++) {
      const at = 0x40_4000 + alignment;
      const text = `${around} L 00${at.toString(16)},${size}\n${around}`;
      const places = [-1, ...Array(size).keys(), size];
      const found = places.filter((offset) => {
        const watch = { type: 'rw', address: BigInt(at + offset), length: 1 } as const;
        return replayText([encode(text)], [watch]).hits.length === 1;
      });
      t.deepEqual(found, [...Array(size).keys()], `size ${size}, alignment ${alignment}`);
    }
  }
});

test('what is armed while an instruction is read in part, hits it', (t) => {
  using kernel = composeKernel({ arch: x86(), handlerErrors: 'stop' });
  const { machine, breakpoints } = kernel;
  const replay = new LackeyReplay();
  const task = machine.spawn(() => replay);
  replay.feed(encode('I  00401100,3\n S 00404390,4\n'));
  machine.run();
  const seen: string[] = [];
  const watch = (bp_type: number, bp_addr: bigint, bp_len: number): void => {
    breakpoints.registerWide({ bp_type, bp_addr, bp_len }, ({ pc, ip }) =>
      seen.push(`${bp_type} ${hex(pc)} ${hex(ip)}`),
    );
  };
  watch(HW_BREAKPOINT_X, 0x401100n, 8);
  watch(HW_BREAKPOINT_W, 0x404390n, 4);
  t.is(task.context.pc, 0x401100n);
  replay.feed(encode('I  00401108,3\n'));
  machine.wake(task);
  machine.run();
  t.deepEqual(seen, ['4 0x401100 0x401100', '2 0x401100 0x401108']);
});

test('many accesses of one instruction to a watch are one hit, also over chunks', (t) => {
  const accesses = ' L 00404390,1\n S 00404391,1\n M 00404392,2\n'.repeat(100);
  const text = `I  00401100,3\n${accesses}I  00401103,3\n`;
  const watches = [{ type: 'rw', address: 0x404390n, length: 4 }] as const;
  for (const sizes of [[1_000_000], [7], [64, 1]]) {
    t.is(replayText(cut(encode(text), sizes), watches).hits.length, 1);
  }
});
