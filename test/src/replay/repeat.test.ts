import { readFileSync } from 'node:fs';
import { readElf } from '@hwbp/cli';
import test from 'ava';
import type { ModelWatch } from './lackey-model.js';
import { REPEAT, REPEAT_TRACE } from './names.js';
import { cut, replayText } from './replay-text.js';

const TRACE = new Uint8Array(readFileSync(REPEAT_TRACE));
const elf = readElf(readFileSync(REPEAT));

function addressOf(name: string): bigint {
  const found = elf.symbols.find((symbol) => symbol.name === name);
  if (found === undefined) throw new Error(`no symbol ${name}`);
  return found.address;
}

/** What the text of the program says; without it the trace alone must tell. */
const ORACLES = [
  ['from the trace alone', undefined],
  ['from the text of the program', (address: bigint) => elf.text.repeats(address)],
] as const;
const CUTS = [[TRACE.length], [1], [7, 64], [40], [1000, 3]] as const;

/** How often a program executes each of its instructions, as its source says. */
const EXECUTED = {
  movs_0: 1,
  movs_1: 1,
  movs_16: 1,
  movs_back: 1,
  stos_0: 1,
  stos_512: 1,
  lods_16: 1,
  cmps_all: 1,
  scas_first: 1,
  scas_all: 1,
  scas_fourth: 1,
  movs_thrice: 3,
  spin: 5,
  calls: 5,
} as const;

for (const [how, repeats] of ORACLES) {
  test(`a REP instruction is fetched once, however often it repeats, and a loop of one instruction is none; ${how}`, (t) => {
    for (const [name, times] of Object.entries(EXECUTED)) {
      const watch: ModelWatch = { type: 'x', address: addressOf(name), length: 1 };
      for (const sizes of CUTS) {
        const { hits } = replayText(cut(TRACE, sizes), [watch], 100, repeats);
        t.is(hits.length, times, `${name} in pieces of ${sizes}`);
      }
    }
  });

  test(`behind an iteration that is not the last the instruction pointer is the REP, behind the last the next instruction; ${how}`, (t) => {
    const target = addressOf('target');
    const at = addressOf('movs_16');
    const expected = [
      ['movs_1', 0n, addressOf('movs_1') + 2n],
      ['movs_16', 0n, at],
      ['movs_16', 15n, at + 2n],
      ['movs_back', 13n, addressOf('movs_back') + 2n],
      ['movs_back', 15n, addressOf('movs_back')],
      ['stos_512', 8n, addressOf('stos_512')],
      // With its REX prefix it has three bytes.
      ['stos_512', 4088n, addressOf('stos_512') + 3n],
      ['cmps_all', 15n, addressOf('cmps_all') + 2n],
      ['scas_first', 0n, addressOf('scas_first') + 2n],
      ['scas_all', 0n, addressOf('scas_all')],
      ['scas_all', 15n, addressOf('scas_all') + 2n],
      ['scas_fourth', 2n, addressOf('scas_fourth')],
      ['scas_fourth', 3n, addressOf('scas_fourth') + 2n],
      ['movs_thrice', 1n, addressOf('movs_thrice') + 2n],
    ] as const;
    for (const [name, offset, ip] of expected) {
      const pc = addressOf(name);
      for (const sizes of CUTS) {
        const { hits } = replayText(
          cut(TRACE, sizes),
          [{ type: 'rw', address: target + offset, length: 1 }],
          100,
          repeats,
        );
        const own = hits.filter((hit) => hit.pc === pc).map((hit) => hit.ip);
        t.deepEqual(own, Array(EXECUTED[name]).fill(ip), `${name}, byte ${offset}, in pieces of ${sizes}`);
      }
    }
  });

  test(`execution and data of one REP: one execute hit, one hit for each iteration; ${how}`, (t) => {
    const pc = addressOf('movs_16');
    const watches: ModelWatch[] = [
      { type: 'x', address: pc, length: 1 },
      { type: 'w', address: addressOf('target'), length: 8 },
    ];
    for (const sizes of CUTS) {
      const { hits } = replayText(cut(TRACE, sizes), watches, 100, repeats);
      const own = hits.filter((hit) => hit.pc === pc).map(({ watch }) => watch);
      t.deepEqual(own, [0, ...Array(8).fill(1)], `in pieces of ${sizes}`);
    }
  });
}

test('the text settles what the trace leaves open: a call of itself stores as REP STOSQ does', (t) => {
  const text = new TextEncoder().encode(
    'I  00401000,2\n S 00403038,8\nI  00401000,2\n S 00403030,8\nI  00401000,2\n S 00403028,8\nI  00401002,1\n',
  );
  const watches = [{ type: 'x', address: 0x401000n, length: 1 }] as const;
  t.is(replayText([text], watches).hits.length, 1);
  t.is(replayText([text], watches, 100, () => true).hits.length, 1);
  t.is(replayText([text], watches, 100, () => false).hits.length, 3);
});
