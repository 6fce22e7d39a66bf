import {
  type ArchManifest,
  CONSOLE,
  type Console,
  checkOptions,
  FUNCTION,
  type KernelSymbol,
  kind,
  MACHINE,
  MANIFEST,
  type Machine,
  type Plugin,
  provide,
  requireKind,
  type SystemCallHandler,
  syscalls,
} from '@hwbp/core';
import { Children } from './calls/children.js';
import { futex } from './calls/futex.js';
import { Futexes } from './calls/futexes.js';
import { close, pipe2, read, write } from './calls/io.js';
import { kill } from './calls/kill.js';
import { mmap, munmap } from './calls/memory.js';
import { MemoryAreas } from './calls/memory-areas.js';
import {
  type ChildProgram,
  cloneWith,
  execveFrom,
  exit,
  exitGroup,
  forkWith,
  getpid,
  getppid,
  gettid,
  type ProgramTable,
  schedYield,
  wait4,
} from './calls/process.js';
import { nanosleep } from './calls/time.js';
import { FILES, Files, type InitialFiles } from './files/files.js';
import type { CallName, CallNumbers } from './numbers.js';
import { CALL_PARTS } from './parts.js';
import { routineSymbols, UserMemory } from './user-memory.js';

/** Bytes that a process maps at most, unless somebody says otherwise: 64 MiB. */
const MOST_MEMORY = 0x400_0000;

/** How the calls are composed. */
export interface LinuxSystemCallsOptions {
  /** Numbers of the calls that there are: `NUMBERS.x86_64`, or yours. A call that is left out is ENOSYS. */
  readonly numbers: CallNumbers;
  /** What execve finds, by path. Default: nothing. */
  readonly programs?: ProgramTable;
  /** What a child executes whose parent's program cannot be copied, such as a generator's. */
  readonly child?: ChildProgram;
  /** What processes have open that nobody has forked, from descriptor 0 on. Default: three times the console. */
  readonly files?: InitialFiles;
  /** Bytes that a process maps at most. Default 64 MiB. */
  readonly mostMemory?: number;
  /** Address of the kernel text that loads and stores for callers. Default: of the architecture's word size. */
  readonly text?: bigint;
  /** Unique in a kernel. Default `linux system calls`. */
  readonly name?: string;
}

/** What {@link linuxSystemCalls} returns. */
export interface LinuxSystemCalls extends Plugin {
  /** The routines whose instructions access callers' memory, for a kernel's symbol table. They need `text`. */
  symbols(text: bigint): readonly KernelSymbol[];
}

function handlersOf({ programs = {}, child }: LinuxSystemCallsOptions): Readonly<Record<CallName, SystemCallHandler>> {
  return {
    read,
    write,
    close,
    pipe2,
    getpid,
    gettid,
    getppid,
    sched_yield: schedYield,
    nanosleep,
    futex,
    fork: forkWith(child),
    clone: cloneWith(child),
    execve: execveFrom(programs),
    exit,
    exit_group: exitGroup,
    wait4,
    kill,
    mmap,
    munmap,
  };
}

const OBJECT = kind('an object', (value) => typeof value === 'object' && value !== null);
const OPTIONS = {
  numbers: OBJECT,
  programs: OBJECT,
  child: FUNCTION,
  files: FUNCTION,
  mostMemory: kind('a number of bytes above 0', (value) => typeof value === 'number' && value > 0),
  text: kind('an address, such as 0xffffffff81000000n', (value) => typeof value === 'bigint'),
  name: kind('text', (value) => typeof value === 'string'),
};

/** The calls of the table, by number. Throws a TypeError for a name that this package does not have. */
function tableOf(options: LinuxSystemCallsOptions): Readonly<Record<number, SystemCallHandler>> {
  const handlers = handlersOf(options);
  const table: Record<number, SystemCallHandler> = {};
  for (const [name, number] of Object.entries(options.numbers)) {
    if (!Object.hasOwn(handlers, name)) {
      throw new TypeError(`there is no call ${name} here; there are ${Object.keys(handlers).join(', ')}`);
    }
    if (table[number] !== undefined) throw new TypeError(`numbers has ${number} twice`);
    table[number] = handlers[name as CallName];
  }
  return table;
}

/**
 * The usual system calls of a small Unix: `linuxSystemCalls({ numbers: NUMBERS.x86_64, programs })`. Open files can be
 * had under `FILES`, what is written to the console under `CONSOLE`.
 */
export function linuxSystemCalls(options: LinuxSystemCallsOptions): LinuxSystemCalls {
  checkOptions('linuxSystemCalls', options, OPTIONS);
  requireKind('numbers', options.numbers, OBJECT);
  const { numbers, programs = {}, files, mostMemory = MOST_MEMORY, text, name = 'linux system calls' } = options;
  const plugin = syscalls(tableOf(options), { name });
  return Object.freeze({
    ...plugin,
    options: { calls: Object.keys(numbers), programs: Object.keys(programs) },
    provides: [
      provide(FILES, [MACHINE, CONSOLE], (machine: Machine, terminal: Console) => new Files(machine, terminal, files)),
      provide(CALL_PARTS, [MACHINE, MANIFEST], (machine: Machine, manifest: ArchManifest) => {
        const [futexes, children] = [new Futexes(machine), new Children(machine)];
        return {
          memory: new UserMemory(manifest, text),
          futexes,
          children,
          areas: new MemoryAreas(manifest, mostMemory),
          [Symbol.dispose]: () => {
            futexes[Symbol.dispose]();
            children[Symbol.dispose]();
          },
        };
      }),
    ],
    symbols: routineSymbols,
  });
}
