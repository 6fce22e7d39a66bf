/** The calls of this package, by Linux's names. */
export type CallName =
  | 'read'
  | 'write'
  | 'close'
  | 'pipe2'
  | 'getpid'
  | 'gettid'
  | 'getppid'
  | 'sched_yield'
  | 'nanosleep'
  | 'futex'
  | 'fork'
  | 'clone'
  | 'execve'
  | 'exit'
  | 'exit_group'
  | 'wait4'
  | 'kill'
  | 'mmap'
  | 'munmap';

/** Numbers of calls; what an architecture does not have is left out. */
export type CallNumbers = Readonly<Partial<Record<CallName, number>>>;

/** Architectures that came late have no numbers of their own, and no fork: a program calls clone with SIGCHLD. */
const GENERIC = Object.freeze<CallNumbers>({
  read: 63,
  write: 64,
  close: 57,
  pipe2: 59,
  getpid: 172,
  gettid: 178,
  getppid: 173,
  sched_yield: 124,
  nanosleep: 101,
  futex: 98,
  clone: 220,
  execve: 221,
  exit: 93,
  exit_group: 94,
  wait4: 260,
  kill: 129,
  mmap: 222,
  munmap: 215,
});

/** Linux's numbers, as published (arch/x86/entry/syscalls, arch/powerpc/kernel/syscalls, asm-generic/unistd.h). */
export const NUMBERS = Object.freeze({
  x86_64: Object.freeze<CallNumbers>({
    read: 0,
    write: 1,
    close: 3,
    pipe2: 293,
    getpid: 39,
    gettid: 186,
    getppid: 110,
    sched_yield: 24,
    nanosleep: 35,
    futex: 202,
    fork: 57,
    clone: 56,
    execve: 59,
    exit: 60,
    exit_group: 231,
    wait4: 61,
    kill: 62,
    mmap: 9,
    munmap: 11,
  }),
  /** Of 32 bits; its mmap is mmap2, which counts in pages of 4096 bytes where a file's offset is meant. */
  i386: Object.freeze<CallNumbers>({
    read: 3,
    write: 4,
    close: 6,
    pipe2: 331,
    getpid: 20,
    gettid: 224,
    getppid: 64,
    sched_yield: 158,
    nanosleep: 162,
    futex: 240,
    fork: 2,
    clone: 120,
    execve: 11,
    exit: 1,
    exit_group: 252,
    wait4: 114,
    kill: 37,
    mmap: 192,
    munmap: 91,
  }),
  ppc64: Object.freeze<CallNumbers>({
    read: 3,
    write: 4,
    close: 6,
    pipe2: 317,
    getpid: 20,
    gettid: 207,
    getppid: 64,
    sched_yield: 158,
    nanosleep: 162,
    futex: 221,
    fork: 2,
    clone: 120,
    execve: 11,
    exit: 1,
    exit_group: 234,
    wait4: 114,
    kill: 37,
    mmap: 90,
    munmap: 91,
  }),
  arm64: GENERIC,
  riscv64: GENERIC,
});
