/** Addresses of the program that every recorded arm64 task runs, as the format describes it. */
export const WORKER = Object.freeze({
  data: 0x1000_0000n,
  dataSize: 0x1_0000,
  text: 0x2000_0000n,
  textSize: 0x3000,
  /** Touches every data page, then hands control back. */
  start: 0x2000_0000n,
  stubs: 0x2000_1000n,
  stubStride: 0x40n,
  /** Instructions of 2 bytes, of 32-bit tasks. */
  thumbNops: 0x2000_1f80n,
  thumbNopsEnd: 0x2000_1fc0n,
  nops: 0x2000_2000n,
  nopsEnd: 0x2000_2100n,
  /** Counts x2 down to 0. */
  loop: 0x2000_2200n,
  /** Where a task waits while nobody traces it. */
  pauseLoop: 0x2000_2300n,
  /** sched_yield, as often as x2 says. */
  yieldLoop: 0x2000_2400n,
});

/** Numbers of the system calls that recorded tasks make, of 32-bit ones too: whose kernel is told apart elsewhere. */
export const NR = Object.freeze({
  read: 63n,
  write: 64n,
  ppoll: 73n,
  exit: 93n,
  exit_group: 94n,
  sched_yield: 124n,
  getresuid: 148n,
  getpid: 172n,
  clone: 220n,
  execve: 221n,
});

/** A number that no system call has. */
export const NO_CALL = -1n;

/** What an `access` runs. */
export interface Stub {
  readonly index: number;
  /** Bytes that its stores change at its address; `count`: as many as it is told to. Absent: it stores nothing. */
  readonly changes?: number | 'count';
  /** Bytes at the register x2 that it copies from. */
  readonly source?: true;
  /** It begins at the naturally aligned block of so many bytes that its address lies in, which it clears. */
  readonly clears?: number;
  /** Bytes that it compares memory with. */
  readonly compares?: number;
  /** It leaves whether its store-exclusive failed. */
  readonly exclusive?: true;
}

/** Programs by the bits of their tasks. */
export type Bits = 32 | 64;

/** Stubs of 64-bit tasks, by name. */
const STUBS_64: Readonly<Record<string, Stub>> = {
  ld1: { index: 0 },
  ld2: { index: 1 },
  ld4: { index: 2 },
  ld8: { index: 3 },
  ld16: { index: 4 },
  st1: { index: 5, changes: 1 },
  st2: { index: 6, changes: 2 },
  st4: { index: 7, changes: 4 },
  st8: { index: 8, changes: 8 },
  st16: { index: 9, changes: 16 },
  ldp4: { index: 10 },
  ldp8: { index: 11 },
  stp4: { index: 12, changes: 8 },
  stp8: { index: 13, changes: 16 },
  ldpq: { index: 14 },
  stpq: { index: 15, changes: 32 },
  ld1x4: { index: 16 },
  st1x4: { index: 17, changes: 64 },
  ldxstx8: { index: 18, changes: 8, exclusive: true },
  ldxloop8: { index: 19, changes: 8, exclusive: true },
  ldxstx4: { index: 20, changes: 4, exclusive: true },
  ldxp16: { index: 21, changes: 16, exclusive: true },
  ldadd8: { index: 22, changes: 8 },
  ldadd4: { index: 23, changes: 4 },
  swp8: { index: 24, changes: 8 },
  cas8: { index: 25, changes: 8, compares: 8 },
  casp16: { index: 26, changes: 16, compares: 16 },
  stadd8: { index: 27, changes: 8 },
  dczva: { index: 28, changes: 64, clears: 64 },
  prfm: { index: 29 },
  dccvac: { index: 30 },
  dccivac: { index: 31 },
  st8x2: { index: 32, changes: 16 },
  ldst8: { index: 33, changes: 8 },
  sttr8: { index: 34, changes: 8 },
  ldtr8: { index: 35 },
  svc: { index: 36 },
  copyb: { index: 37, changes: 'count', source: true },
  incloop: { index: 38, changes: 8 },
  stloop: { index: 39, changes: 8 },
  stpre: { index: 40, changes: 8 },
  stlr8: { index: 41, changes: 8 },
  ldar8: { index: 42 },
  ld1s: { index: 43 },
  st1d: { index: 44, changes: 8 },
  ld2v: { index: 45 },
  sled: { index: 46 },
};

/** Stubs of 32-bit tasks, by name. */
const STUBS_32: Readonly<Record<string, Stub>> = {
  ld1: { index: 0 },
  ld2: { index: 1 },
  ld4: { index: 2 },
  ld8: { index: 3 },
  st1: { index: 4, changes: 1 },
  st2: { index: 5, changes: 2 },
  st4: { index: 6, changes: 4 },
  st8: { index: 7, changes: 8 },
  ldm4: { index: 8 },
  stm4: { index: 9, changes: 16 },
  ldxstx4: { index: 10, changes: 4, exclusive: true },
  st4x2: { index: 11, changes: 8 },
  ldst4: { index: 12, changes: 4 },
  svc: { index: 13 },
  stloop: { index: 14, changes: 4 },
  tst4: { index: 16, changes: 4 },
  tst4w: { index: 17, changes: 4 },
};

/** The first stub of Thumb instructions. */
export const FIRST_THUMB_STUB = 16;

const STUBS = { 32: STUBS_32, 64: STUBS_64 } as const;

/** The stubs of a program, by name. */
export function stubsOf(bits: Bits): Readonly<Record<string, Stub>> {
  return STUBS[bits];
}

/** A stub by name; `undefined` if the program has none. */
export function stubNamed(bits: Bits, name: string): Stub | undefined {
  return Object.hasOwn(STUBS[bits], name) ? STUBS[bits][name] : undefined;
}

/** Address of a stub. */
export function stubAddress({ index }: Pick<Stub, 'index'>): bigint {
  return WORKER.stubs + WORKER.stubStride * BigInt(index);
}

/** Where a program makes system calls. */
export function callAddress(bits: Bits): bigint {
  return stubAddress(STUBS[bits].svc ?? { index: 0 });
}
