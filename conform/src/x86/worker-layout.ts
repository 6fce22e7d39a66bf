/** Addresses of the program that every recorded x86 task runs, as the format describes it. */
export const WORKER = Object.freeze({
  data: 0x1000_0000n,
  dataSize: 0x1_0000,
  text: 0x2000_0000n,
  textSize: 0x3000,
  /** Touches every data page, then hands control back. */
  start: 0x2000_0000n,
  stubs: 0x2000_1000n,
  stubStride: 0x40n,
  sled1: 0x2000_2000n,
  sled1Length: 256,
  sled3: 0x2000_2200n,
  sled3Length: 16,
  /** Where a task waits while nobody traces it. */
  pauseLoop: 0x2000_2300n,
  /** The stack that the kernel gives a program, without randomisation. */
  stack: 0x7fff_fffd_e000n,
  stackSize: 0x2_1000,
});

/** x86-64 numbers of the system calls that recorded tasks make. */
export const NR = Object.freeze({
  read: 0n,
  write: 1n,
  pause: 34n,
  clone: 56n,
  fork: 57n,
  execve: 59n,
  exit: 60n,
  getresuid: 118n,
  exit_group: 231n,
});

/** A number that no system call has. */
export const NO_CALL = -1n;

/** Names of the stubs, in their order in memory, with the bytes that each changes at its address (-1: its count). */
export const STUBS: readonly (readonly [name: string, changes: number])[] = [
  ['ld1', 0],
  ['ld2', 0],
  ['ld4', 0],
  ['ld8', 0],
  ['ld16', 0],
  ['st1', 1],
  ['st2', 2],
  ['st4', 4],
  ['st8', 8],
  ['st16', 16],
  ['add1', 1],
  ['add2', 2],
  ['add4', 4],
  ['add8', 8],
  ['xchg8', 8],
  ['cas8', 8],
  ['movsq', 8],
  ['repstosb', -1],
  ['repmovsb', -1],
  ['push', 8],
  ['pop', 0],
  ['st8x2', 8],
  ['prefetch', 0],
  ['ldst8', 8],
  ['syscall', 0],
  ['movss', 0],
  ['st32', 32],
  ['repmovsq', -1],
];

/** Number of a stub by name; -1 if there is none. */
export function stubIndex(name: string): number {
  return STUBS.findIndex(([stub]) => stub === name);
}

/** Address of a stub. */
export function stubAddress(index: number): bigint {
  return WORKER.stubs + WORKER.stubStride * BigInt(index);
}
