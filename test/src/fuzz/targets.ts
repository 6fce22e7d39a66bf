import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { x86 } from '@hwbp/arch-x86';
import { ElfError, loadDemangler, ProgramSymbols, readElf } from '@hwbp/cli';
import { conformScript, parseLine } from '@hwbp/conform';
import { AssemblyError, assemble, composeKernel, KernelError } from '@hwbp/core';
import { LackeyError, LackeyReplay } from '@hwbp/lackey';
import { parseEvents, readPerfData } from '@hwbp/perf';
import type { Random } from '../random.js';
import { BANK, BANK_DWARF4, REPEAT } from '../replay/names.js';
import { callAtRandom } from './api.js';
import { mutateBytes, mutateText } from './mutate.js';
import { perfFiles } from './perf-files.js';
import { schedules } from './schedules.js';

const ROOT = path.join(import.meta.dirname, '../../..');
const unzipped = (file: string): Buffer => gunzipSync(readFileSync(path.join(ROOT, file)));

/** Bytes of a trace that one input has at most. */
const TRACE_LENGTH = 4096;
/** Records of a file that are read at most. */
const MOST_RECORDS = 10_000;

/** One input, tried. Throws what it should not. Returns true if it was accepted, false if it was refused. */
export type Target = (random: Random) => boolean;

/** Tries something that may refuse in these ways, and in no other. */
function refusedBy(kinds: readonly (abstract new (...args: never[]) => Error)[], action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (kinds.some((kind) => error instanceof kind)) return false;
    throw error;
  }
}

/** Has everything looked up that is read only when it is asked for. */
function lookUp(symbols: ProgramSymbols): void {
  symbols.lookup('vault_total');
  symbols.named('main');
  symbols.placeless('bank::total');
  for (const { address } of symbols.symbols) symbols.resolve(address + 1n);
  const { variables, types } = symbols.debugInformation();
  for (const { type } of variables) {
    types.size(type);
    types.element(type, [1, 2]);
    for (const member of types.memberNames(type)) types.member(type, member);
  }
}

async function elf(): Promise<Target> {
  const demangle = await loadDemangler();
  const programs = [path.join(ROOT, 'examples/corruption/ledger'), BANK, BANK, BANK_DWARF4, REPEAT].map((file) =>
    readFileSync(file),
  );
  return (random) => {
    const bytes = mutateBytes(random, random.pick(programs));
    // Fields of the headers are where it hurts.
    if (random.once(2)) bytes[random.below(Math.min(64, bytes.length || 1))] = random.below(256);
    return refusedBy([ElfError], () => lookUp(new ProgramSymbols(readElf(bytes), 0n, demangle)));
  };
}

function perf(): Target {
  const files = perfFiles();
  return (random) => {
    const bytes = mutateBytes(random, random.pick(files));
    if (random.once(2)) bytes[random.below(Math.min(256, bytes.length || 1))] = random.below(256);
    return refusedBy([KernelError], () => {
      let count = 0;
      for (const _ of readPerfData(bytes).records()) if (++count >= MOST_RECORDS) break;
    });
  };
}

function lackey(): Target {
  const trace = unzipped('examples/corruption/ledger.trace.gz');
  return (random) => {
    const at = random.below(trace.length - TRACE_LENGTH);
    const text = mutateBytes(random, trace.subarray(at, at + TRACE_LENGTH));
    const replay = new LackeyReplay({ strict: random.once(2) });
    using kernel = composeKernel({ arch: x86() });
    const task = kernel.machine.spawn(() => replay);
    return refusedBy([LackeyError], () => {
      for (let from = 0; from < text.length; ) {
        const to = from + 1 + random.below(1000);
        replay.feed(text.slice(from, to));
        kernel.machine.wake(task);
        kernel.machine.run(TRACE_LENGTH);
        from = to;
      }
      replay.end();
      kernel.machine.wake(task);
      kernel.machine.run(TRACE_LENGTH);
      if (task.alive) throw new Error('the trace has ended, and its task has not');
    });
  };
}

const EVENTS = [
  'mem:0x601000/8:rw:u',
  '{mem:0:x,mem:0x10/4:wpp}:D',
  'cs',
  'mem:main:x',
  'mem:0:GHkh',
  'mem:0/8:w,mem:8/4:r',
];

function events(): Target {
  return (random) => {
    const text = mutateText(random, random.pick(EVENTS));
    return refusedBy([KernelError], () => void parseEvents(text));
  };
}

function transcript(): Target {
  const lines = ['x86/P', 'x86/H'].flatMap((name) =>
    unzipped(`test/fixtures/oracle/${name}.jsonl.gz`).toString('utf8').trimEnd().split('\n'),
  );
  return (random) => {
    const line = parseLine(mutateText(random, random.pick(lines)), { source: 'fuzz', line: 1 });
    return 'script' in line && conformScript(line.script, { strict: false }).result !== 'malformed';
  };
}

const ROUTINES = [
  'counter: .u64 0\nmain: mov r0, 3\n.next: xadd r1, [counter], 1\n sub r0, r0, 1\n bne r0, 0, .next\n ret\n',
  'text: .text "a\\n"\n.align 8\nfree: .bss 64\nmain: load.i16 r1, [r7+text-2] ; once\n call main\n jmp r1',
  'main: push r0\n pop sp\n cas.u32 r1, [main], r2\n syscall 1\n in.u8 r0, 0x3f8\n irqsoff r1\n exit',
  'a: .u32 a, main + 4, -1\nmain: store.u8 [a+r1+8], 0b101\n div r0, r1, a0\n blt r0, sp, main\n jmp main',
];

/** Whatever a text is assembled to executes, and the kernel is whole. */
function routines(): Target {
  return (random) => {
    const text = mutateText(random, random.pick(ROUTINES));
    return refusedBy([AssemblyError], () => {
      const assembly = assemble(text);
      const entry = assembly.symbols.find(({ kind }) => kind === 'function');
      if (entry === undefined) return;
      using kernel = composeKernel({ arch: x86(), routines: [assembly] });
      kernel.machine.spawn(assembly.program(entry.name), { demandZero: random.once(2) });
      kernel.machine.run(500);
    });
  };
}

/** What is fuzzed one input at a time. */
export const TARGETS: Readonly<Record<string, () => Target | Promise<Target>>> = {
  elf,
  perf,
  lackey,
  events,
  transcript,
  routines,
  schedule: schedules,
  api: () => callAtRandom,
};
