import type { Breakpoints, Cpu, Instruction, Machine, SymbolTable } from '@hwbp/core';
import { ftraceError } from './errors.js';
import { KsymTrace } from './ksym-trace.js';

/** Where the test's instructions lie in its page, and how long each is. */
const CODE_OFFSET = 0x100n;
const CODE_LENGTH = 4;
/** An instruction executes again after a fault that precedes it: more often than this it will never complete. */
const ATTEMPTS = 4;

/** What the self-test needs of a kernel. */
interface SelfTestParts {
  readonly machine: Machine;
  readonly breakpoints: Breakpoints;
  readonly symbols: SymbolTable;
}

/**
 * The tracer's start-up test (Linux: trace_selftest_startup_ksym): watches a dummy int for reading and writing, makes
 * one read and one read-modify-write, and expects exactly two records. It has a tracer and a page of its own, and a CPU
 * is lent to it: no task executes, and nothing of the user's tracer changes. Its two instructions take their time.
 */
export class SelfTest {
  readonly #parts: SelfTestParts;
  /** The dummy's address: the machine never frees a frame, so the page is kept for the next test. */
  #dummy: bigint | undefined;

  constructor(parts: SelfTestParts) {
    this.#parts = parts;
  }

  /** Throws EIO if the records are wrong, EBUSY without a usable CPU, ENOSPC if no register is free for the test. */
  run(): void {
    const trace = new KsymTrace(this.#parts);
    const dummy = this.#page();
    trace.select('ksym_tracer');
    try {
      trace.filter.watch(dummy, 'rw');
      this.#runAside([this.#instruction(dummy, 0, 'read'), this.#instruction(dummy, 1, 'readwrite')]);
      const { records } = trace.buffer;
      if (records.length === 2 && records.every(({ address, type }) => address === dummy && type === 'rw')) return;
      throw ftraceError(
        'KSYM_SELF_TEST_FAILED',
        `a read and a read-modify-write of a watched int made ${records.length} records, not 2; look at how the architecture matches and delivers`,
        { records },
      );
    } finally {
      trace.select('nop');
    }
  }

  #page(): bigint {
    const { physical, layout } = this.#parts.machine;
    this.#dummy ??= layout.directMap + BigInt(physical.allocate()) * BigInt(layout.pageSize);
    return this.#dummy;
  }

  #instruction(dummy: bigint, index: number, kind: 'read' | 'readwrite'): Instruction {
    const pc = dummy + CODE_OFFSET + BigInt(index * CODE_LENGTH);
    return { pc, length: CODE_LENGTH, accesses: [{ kind, address: dummy, size: 4 }] };
  }

  /** Executes instructions on a CPU, without a task; whatever ran there goes on afterwards. */
  #runAside(instructions: readonly Instruction[]): void {
    this.#parts.machine.aside(this.#lendCpu(), (cpu) => {
      for (const instruction of instructions) {
        for (let attempt = 0; attempt < ATTEMPTS && cpu.execute(instruction) === undefined; attempt++);
      }
    });
  }

  /** An idle one if there is one, and none on which nothing is seen at the moment. */
  #lendCpu(): Cpu {
    const { machine, breakpoints } = this.#parts;
    const usable = machine.onlineCpus.filter((cpu) => !machine.isSuspended(cpu) && !breakpoints.isMuted(cpu.index));
    const cpu = usable.find((one) => machine.current(one) === undefined) ?? usable[0];
    if (cpu !== undefined) return cpu;
    throw ftraceError(
      'KSYM_SELF_TEST_NO_CPU',
      'every CPU is inside an exception of the kernel, or a debugger has stopped it; let the machine run on and test again',
    );
  }
}
