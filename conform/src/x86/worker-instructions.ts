import type { Access, Context, Instruction, Program } from '@hwbp/core';
import { NR, STUBS, stubAddress, WORKER } from './worker-layout.js';

/** What an instruction needs to know when it is described: registers, memory without side effects, system calls. */
export interface WorkerState {
  readonly context: Context;
  /** Little-endian integer at an address; 0 where nothing is mapped. */
  peek(address: bigint, size: number): bigint;
  syscall(): Program;
}

/** An instruction: its length, and the rest of it from the state that it executes in. */
interface Code {
  readonly length: number;
  readonly describe: (state: WorkerState) => Omit<Instruction, 'pc' | 'length'>;
}

const U64 = (value: bigint): bigint => BigInt.asUintN(64, value);
/** Two copies of a 64-bit value: what the recorder puts in an SSE register. */
const twice = (value: bigint): bigint => value | (value << 64n);
const source = (context: Context): bigint => context.get('rsi');
const sse = (context: Context): bigint => twice(context.get('xmm0'));

function code(length: number, describe: Code['describe'] = () => ({})): Code {
  return { length, describe };
}

function load(length: number, size: number, shadow = false): Code {
  return code(length, ({ context }) => ({ accesses: [{ kind: 'read', address: context.get('rdi'), size }], shadow }));
}

function store(length: number, size: number, value = source, offset = 0n): Code {
  return code(length, ({ context }) => {
    const address = U64(context.get('rdi') + offset);
    return { accesses: [{ kind: 'write', address, size, value: value(context) }] };
  });
}

function modify(length: number, size: number, value: (old: bigint, context: Context) => bigint): Code {
  return code(length, ({ context, peek }) => {
    const address = context.get('rdi');
    return { accesses: [{ kind: 'readwrite', address, size, value: value(peek(address, size), context) }] };
  });
}

const add = (length: number, size: number): Code => modify(length, size, (old, context) => old + source(context));

/** One iteration of MOVS or STOS; repeated ones count rcx down and stay where they are until it is 0. */
function string(length: number, size: number, moves: boolean, repeated: boolean): Code {
  return code(length, ({ context, peek }) => {
    const [rdi, rsi, rcx] = [context.get('rdi'), context.get('rsi'), context.get('rcx')];
    if (repeated && rcx === 0n) return {};
    const step = BigInt(size);
    const registers: Record<string, bigint> = { rdi: U64(rdi + step) };
    const accesses: Access[] = [];
    if (moves) {
      accesses.push({ kind: 'read', address: rsi, size });
      registers.rsi = U64(rsi + step);
    }
    accesses.push({ kind: 'write', address: rdi, size, value: moves ? peek(rsi, size) : context.get('rax') });
    if (!repeated) return { accesses, registers };
    registers.rcx = rcx - 1n;
    return rcx > 1n ? { accesses, registers, repeat: true, next: context.pc } : { accesses, registers };
  });
}

/** LEA rsp, [rdi + offset] */
const moveStack = (length: number, offset: bigint): Code =>
  code(length, ({ context }) => ({ registers: { rsp: U64(context.get('rdi') + offset) } }));

const push = code(1, ({ context }) => {
  const rsp = U64(context.get('rsp') - 8n);
  return { accesses: [{ kind: 'write', address: rsp, size: 8, value: source(context) }], registers: { rsp } };
});

const pop = code(1, ({ context }) => {
  const rsp = context.get('rsp');
  return { accesses: [{ kind: 'read', address: rsp, size: 8 }], registers: { rsp: U64(rsp + 8n) } };
});

/** SYSCALL leaves the address that it returns to in rcx. */
const syscall = code(2, (state) => ({
  registers: { rcx: state.context.pc + 2n },
  syscall: () => state.syscall(),
}));

/** The instructions of each stub, one after the other. */
const STUB_CODE: Readonly<Record<string, readonly Code[]>> = {
  ld1: [load(2, 1)],
  ld2: [load(3, 2)],
  ld4: [load(2, 4)],
  ld8: [load(3, 8)],
  ld16: [load(4, 16)],
  st1: [store(3, 1)],
  st2: [store(3, 2)],
  st4: [store(2, 4)],
  st8: [store(3, 8)],
  st16: [store(4, 16, sse)],
  add1: [add(3, 1)],
  add2: [add(3, 2)],
  add4: [add(2, 4)],
  add8: [add(3, 8)],
  xchg8: [modify(3, 8, (_old, context) => source(context))],
  // A comparison that fails stores what it loaded.
  cas8: [modify(5, 8, (old, context) => (old === context.get('rax') ? context.get('rdx') : old))],
  movsq: [string(2, 8, true, false)],
  repstosb: [string(2, 1, false, true)],
  repmovsb: [string(2, 1, true, true)],
  push: [moveStack(4, 8n), push],
  pop: [moveStack(3, 0n), pop],
  st8x2: [store(3, 8), store(4, 8, source, 8n)],
  prefetch: [code(3)],
  ldst8: [load(3, 8), store(3, 8)],
  syscall: [syscall],
  movss: [load(2, 2, true), store(4, 8, source, 8n)],
  st32: [store(4, 32, sse)],
  repmovsq: [string(3, 8, true, true)],
};

/** MOV [rdi], al after MOV al, [rdi]. */
const storeBack = code(2, ({ context, peek }) => {
  const address = context.get('rdi');
  return { accesses: [{ kind: 'write', address, size: 1, value: peek(address, 1) }] };
});

/** `_start`: loads and stores the first byte of each data page. */
const START_CODE: readonly Code[] = [
  code(7, () => ({ registers: { rdi: WORKER.data } })),
  code(5, () => ({ registers: { rcx: BigInt(WORKER.dataSize / 0x1000) } })),
  load(2, 1),
  storeBack,
  code(7, ({ context }) => ({ registers: { rdi: context.get('rdi') + 0x1000n } })),
  code(2, ({ context }) => ({ registers: { rcx: context.get('rcx') - 1n } })),
  code(2, ({ context }) => (context.get('rcx') === 0n ? {} : { next: WORKER.start + 12n })),
];

/** pause(2), for ever. */
const PAUSE_CODE: readonly Code[] = [
  code(5, () => ({ registers: { rax: NR.pause } })),
  syscall,
  code(2, () => ({ next: WORKER.pauseLoop })),
];

function layOut(): ReadonlyMap<bigint, Code> {
  const text = new Map<bigint, Code>();
  const place = (at: bigint, instructions: readonly Code[]): void => {
    let address = at;
    for (const instruction of instructions) {
      text.set(address, instruction);
      address += BigInt(instruction.length);
    }
  };
  place(WORKER.start, START_CODE);
  place(WORKER.pauseLoop, PAUSE_CODE);
  for (const [index, [name]] of STUBS.entries()) place(stubAddress(index), STUB_CODE[name] ?? []);
  place(WORKER.sled1, new Array(WORKER.sled1Length).fill(code(1)));
  place(WORKER.sled3, new Array(WORKER.sled3Length).fill(code(3)));
  return text;
}

const TEXT = layOut();

/** The instruction at the program counter. The rest of the text is filled with INT3. */
export function describeInstruction(state: WorkerState): Instruction {
  const { pc } = state.context;
  const found = TEXT.get(pc);
  return found === undefined
    ? { pc, length: 1, trap: 'breakpoint' }
    : { pc, length: found.length, ...found.describe(state) };
}
