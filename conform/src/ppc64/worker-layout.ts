/** Addresses of the program that every recorded ppc64 task runs. */
export const WORKER = Object.freeze({
  text: 0x1000_0000n,
  textSize: 0x1_0000,
  stubStride: 0x40n,
  /** Watched and accessed: shared by all tasks. */
  window: 0x2000_0000n,
  windowSize: 0x2_0000,
});

/** What an instruction does to memory. `cond`: a store-conditional follows it. */
export interface Stub {
  readonly kind: 'read' | 'write' | 'none' | 'syscall';
  /** Bytes; 0: as many as the step says. */
  readonly size: number;
  /** Bytes that the recorded emulator accesses at a time; default: all of them. */
  readonly piece?: number;
  /** Bytes of the instruction. */
  readonly length?: 4 | 8;
  readonly cond?: boolean;
  readonly cacheBlock?: boolean;
}

const load = (size: number): Stub => ({ kind: 'read', size });
const store = (size: number): Stub => ({ kind: 'write', size });
const prefixed = (stub: Stub): Stub => ({ ...stub, length: 8 });

/** Instructions that recorded tasks execute, by mnemonic, and the system calls. */
export const STUBS: Readonly<Record<string, Stub>> = Object.freeze({
  lbz: load(1),
  lhz: load(2),
  lha: load(2),
  lhbrx: load(2),
  lwz: load(4),
  lwa: load(4),
  lfs: load(4),
  ld: load(8),
  ldu: load(8),
  ldx: load(8),
  lfd: load(8),
  lvx: load(16),
  lxv: load(16),
  lxvd2x: { ...load(16), piece: 8 },
  lxvp: { ...load(32), piece: 16 },
  plwz: prefixed(load(4)),
  pld: prefixed(load(8)),
  stb: store(1),
  sth: store(2),
  stw: store(4),
  stwbrx: store(4),
  std: store(8),
  stdu: store(8),
  stdx: store(8),
  stfd: store(8),
  stvx: store(16),
  stxv: store(16),
  stxvd2x: { ...store(16), piece: 8 },
  stxvp: { ...store(32), piece: 16 },
  pstb: prefixed(store(1)),
  pstd: prefixed(store(8)),
  lwarx: { ...load(4), cond: true },
  ldarx: { ...load(8), cond: true },
  dcbz: { ...store(128), cacheBlock: true },
  // Neither loads nor stores for the debug registers.
  dcbt: { kind: 'none', size: 0 },
  dcbst: { kind: 'none', size: 0 },
  sys_pread: { kind: 'syscall', size: 0 },
  sys_pwrite: { kind: 'syscall', size: 0 },
  raise: { kind: 'syscall', size: 0 },
  fork: { kind: 'syscall', size: 0 },
  execve: { kind: 'syscall', size: 0 },
});

const NAMES = Object.keys(STUBS);

/** Address of a stub. */
export function stubAddress(name: string): bigint {
  return WORKER.text + WORKER.stubStride * BigInt(NAMES.indexOf(name));
}

/** The stub that an address lies in, and how far behind its beginning. */
export function stubAt(address: bigint): { readonly name: string; readonly offset: number } | undefined {
  const name = address < WORKER.text ? undefined : NAMES[Number((address - WORKER.text) / WORKER.stubStride)];
  return name === undefined ? undefined : { name, offset: Number((address - WORKER.text) % WORKER.stubStride) };
}
