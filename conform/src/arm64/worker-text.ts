import type { Access, Instruction } from '@hwbp/core';
import {
  add,
  atomic,
  branch,
  branchWhile,
  type Code,
  code,
  compute,
  countDown,
  EXCLUSIVE_RESULT,
  load,
  loadExclusive,
  loadWord,
  pattern,
  reads,
  store,
  storeAt,
  storeExclusive,
  systemCall,
  type WorkerState,
  writes,
} from './instructions.js';
import { type Bits, FIRST_THUMB_STUB, NR, type Stub, stubAddress, stubsOf, WORKER } from './worker-layout.js';

const nop = code();
const repeated = <T>(count: number, one: T): T[] => new Array<T>(count).fill(one);

/** LDRB from x2, and STRB to x0, with post-increment. */
const loadByte = code(({ context, peek }) => {
  const source = context.get('x2');
  return { accesses: reads(source, 1), registers: { x2: source + 1n, x4: peek(source, 1) } };
});
const storeByte = code(({ context }) => {
  const address = context.get('x0');
  return { accesses: writes(address, context.get('x4'), 1), registers: { x0: address + 1n } };
});

const addition = (size: number): Code => atomic(size, (old, context) => old + context.get('x1'));
/** A comparison that fails writes what is there. */
const compareAndSwap = code(({ context, peek }) => {
  const address = context.get('x0');
  const old = peek(address, 8);
  const value = old === context.get('x3') ? context.get('x1') : old;
  return { accesses: [...reads(address, 8), ...writes(address, value, 8)] };
});
/** Of a pair: each half is expected to be in a register of its own. */
const compareAndSwapPair = code(({ context, peek }) => {
  const address = context.get('x0');
  const old = peek(address, 16);
  const expected = context.get('x3') | (context.get('x4') << 64n);
  const value = old === expected ? pattern(context, 16) : old;
  return { accesses: [...reads(address, 16), ...writes(address, value, 16)] };
});

/** DC ZVA: the byte at its address is looked at like a store's, then the block is cleared. */
const clearBlock = code(({ context }) => {
  const address = context.get('x0');
  const looked: Access = { kind: 'write', address, size: 1 };
  return { accesses: [looked, ...writes(address - (address % 64n), 0n, 64)] };
});

/** STR with write-back: x0 has been moved down before. */
const storePreIndexed = code(({ context }) => {
  const address = context.get('x0') + 8n;
  return { accesses: writes(address, pattern(context, 8), 8), registers: { x0: address } };
});

const call = code(({ context }) => ({ next: context.pc + 12n, registers: { x30: context.pc + 4n } }));
const ret = code(({ context }) => ({ next: context.get('x30') }));

/** The instructions of each stub of 64-bit tasks, one after the other. */
const CODE_64: Readonly<Record<string, readonly (Code | undefined)[]>> = {
  ld1: [load(1)],
  ld2: [load(2)],
  ld4: [load(4)],
  ld8: [load(8)],
  ld16: [load(16)],
  st1: [store(1)],
  st2: [store(2)],
  st4: [store(4)],
  st8: [store(8)],
  st16: [store(16)],
  ldp4: [load(8)],
  ldp8: [load(16)],
  stp4: [store(8)],
  stp8: [store(16)],
  ldpq: [load(16, 16)],
  stpq: [store(16, 16)],
  ld1x4: [load(...repeated(8, 8))],
  st1x4: [store(...repeated(8, 8))],
  ldxstx8: [loadExclusive(8), storeExclusive(8)],
  ldxloop8: [
    loadExclusive(8),
    storeExclusive(8),
    branch(12n, (context) => context.get(EXCLUSIVE_RESULT) === 0n),
    countDown('x2'),
    branchWhile('x2', -16n),
  ],
  ldxstx4: [loadExclusive(4), storeExclusive(4)],
  ldxp16: [loadExclusive(16), storeExclusive(16)],
  ldadd8: [addition(8)],
  ldadd4: [addition(4)],
  swp8: [atomic(8, (_old, context) => context.get('x1'))],
  cas8: [compareAndSwap],
  casp16: [compareAndSwapPair],
  stadd8: [addition(8)],
  dczva: [clearBlock],
  prfm: [nop],
  dccvac: [nop],
  dccivac: [nop],
  st8x2: [store(8), storeAt(8n, 4, 8)],
  ldst8: [load(8), store(8)],
  sttr8: [store(8)],
  ldtr8: [load(8)],
  svc: [systemCall],
  copyb: [loadByte, storeByte, countDown('x3'), branchWhile('x3', -12n)],
  incloop: [
    loadWord(8),
    add('x4', 1n),
    code(({ context }) => ({ accesses: writes(context.get('x0'), context.get('x4'), 8) })),
    countDown('x2'),
    branchWhile('x2', -16n),
  ],
  stloop: [store(8), countDown('x2'), branchWhile('x2', -8n)],
  stpre: [add('x0', -8n), storePreIndexed],
  stlr8: [store(8)],
  ldar8: [load(8)],
  ld1s: [load(4)],
  st1d: [store(8)],
  ld2v: [load(...repeated(8, 4))],
  sled: [call, nop, undefined, nop, ret],
};

/** Those of 32-bit tasks. */
const CODE_32: Readonly<Record<string, readonly Code[]>> = {
  ld1: [load(1)],
  ld2: [load(2)],
  ld4: [load(4)],
  ld8: [load(8)],
  st1: [store(1)],
  st2: [store(2)],
  st4: [store(4)],
  st8: [nop, nop, store(8)],
  ldm4: [load(4, 4, 4, 4)],
  stm4: [nop, nop, nop, nop, store(4, 4, 4, 4)],
  ldxstx4: [loadExclusive(4), storeExclusive(4)],
  st4x2: [store(4), storeAt(4n, 4, 4)],
  ldst4: [load(4), store(4)],
  svc: [systemCall],
  stloop: [store(4), countDown('x2'), branchWhile('x2', -8n)],
  tst4: [storeAt(0n, 2, 4)],
  tst4w: [store(4)],
};

const CODES = { 32: CODE_32, 64: CODE_64 } as const;

/** `_start`: loads and stores the first byte of each data page. */
const START: readonly Code[] = [
  compute(() => ({ x0: WORKER.data })),
  compute(() => ({ x2: BigInt(WORKER.dataSize / 0x1000) })),
  loadWord(1),
  code(({ context }) => ({ accesses: writes(context.get('x0'), context.get('x4'), 1) })),
  add('x0', 0x1000n),
  countDown('x2'),
  branchWhile('x2', -16n),
];

/** ppoll(2) of nothing, for ever. */
const PAUSE: readonly Code[] = [compute(() => ({ x8: NR.ppoll })), ...repeated(4, nop), systemCall, branch(-24n)];

const LOOP: readonly Code[] = [nop, nop, countDown('x2'), branchWhile('x2', -12n)];
const YIELDS: readonly Code[] = [
  compute(() => ({ x8: NR.sched_yield })),
  systemCall,
  countDown('x2'),
  branchWhile('x2', -12n),
];

function layOut(bits: Bits): ReadonlyMap<bigint, Code> {
  const text = new Map<bigint, Code>();
  const place = (at: bigint, instructions: readonly (Code | undefined)[]): void => {
    let address = at;
    for (const instruction of instructions) {
      if (instruction !== undefined) text.set(address, instruction);
      address += BigInt(instruction?.length ?? 4);
    }
  };
  place(WORKER.start, START);
  for (const [name, stub] of Object.entries(stubsOf(bits))) place(stubAddress(stub), CODES[bits][name] ?? []);
  const thumbNops = Number(WORKER.thumbNopsEnd - WORKER.thumbNops) / 2;
  if (bits === 32) place(WORKER.thumbNops, repeated(thumbNops, code(undefined, 2)));
  place(WORKER.nops, repeated(Number(WORKER.nopsEnd - WORKER.nops) / 4, nop));
  place(WORKER.loop, LOOP);
  place(WORKER.pauseLoop, PAUSE);
  place(WORKER.yieldLoop, YIELDS);
  return text;
}

const TEXT = { 32: layOut(32), 64: layOut(64) } as const;

/** Where the instructions of 32-bit tasks are Thumb ones. */
function isThumb(pc: bigint): boolean {
  const first: Stub = { index: FIRST_THUMB_STUB };
  return pc >= stubAddress(first) && pc <= WORKER.thumbNopsEnd;
}

/** The instruction at the program counter. Behind each stub, and wherever nothing else is, lies the parking one. */
export function describeInstruction(bits: Bits, state: WorkerState): Instruction {
  const { pc } = state.context;
  const found = TEXT[bits].get(pc);
  if (found !== undefined) return { pc, length: found.length, ...found.describe(state) };
  return { pc, length: bits === 32 && isThumb(pc) ? 2 : 4, trap: 'breakpoint' };
}
