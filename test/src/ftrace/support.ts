import { x86 } from '@hwbp/arch-x86';
import {
  type Architecture,
  architecture,
  composeKernel,
  type HwBreakpointAttr,
  type Instruction,
  type Kernel,
  KernelError,
  type KernelOptions,
  type KernelSymbol,
  program,
} from '@hwbp/core';
import { KsymTracer, type TracingFiles } from '@hwbp/ftrace';
import type { ExecutionContext } from 'ava';

const DATA = 0xffff_ffff_82a0_5000n;
const TEXT = 0xffff_ffff_8105_0000n;

/** Data at known places, and two functions that touch it. */
export const SYMBOLS: readonly KernelSymbol[] = [
  { name: 'jiffies', address: DATA, size: 8 },
  { name: 'pid_max', address: DATA + 0x104n, size: 4 },
  { name: 'panic_timeout', address: DATA + 0x200n, size: 4 },
  { name: 'nr_threads', address: DATA + 0x300n, size: 4 },
  { name: 'max_threads', address: DATA + 0x400n, size: 4 },
  { name: 'odd_flag', address: DATA + 0x502n, size: 1 },
  { name: 'do_fork', address: TEXT, size: 0x300 },
  { name: 'asm_label', address: TEXT + 0x1000n, size: 0 },
];

/** The address of one of {@link SYMBOLS}. */
export function addressOf(name: string): bigint {
  const symbol = SYMBOLS.find((candidate) => candidate.name === name);
  if (symbol === undefined) throw new Error(`no symbol ${name} in the tests' table`);
  return symbol.address;
}

export interface Traced {
  readonly kernel: Kernel;
  readonly ksym: KsymTracer;
  readonly files: TracingFiles;
}

/** A kernel with the tracer; x86 and one CPU unless it is said. */
export function traced(options: Partial<KernelOptions> = {}): Traced {
  const kernel = composeKernel({ arch: x86(), symbols: SYMBOLS, plugins: [KsymTracer], strict: true, ...options });
  const ksym = kernel.get(KsymTracer);
  return { kernel, ksym, files: ksym.files };
}

/** As {@link traced}, with the tracer selected and these filters written. */
export function tracing(filters: readonly string[], options: Partial<KernelOptions> = {}): Traced {
  const made = traced(options);
  made.files.write('current_tracer', 'ksym_tracer');
  for (const filter of filters) made.files.write('ksym_trace_filter', filter);
  return made;
}

export type Touch = readonly [symbol: string, kind: 'read' | 'write' | 'readwrite'];

/** Instructions of 4 bytes each, from `do_fork`, with one access of 4 bytes each. */
export function touches(list: readonly Touch[]): Instruction[] {
  return list.map(([symbol, kind], i) => {
    return { pc: TEXT + BigInt(i * 4), length: 4, accesses: [{ kind, address: addressOf(symbol), size: 4 }] };
  });
}

/** Runs a kernel thread that makes these accesses, and everything else that can run, to the end. */
export function touch(
  kernel: Kernel,
  list: readonly Touch[],
  cpu = 0,
  options: { comm?: string; pid?: number } = {},
): void {
  kernel.machine.spawn(program(touches(list)), { comm: 'bash', mode: 'kernel', affinity: [cpu], ...options });
  kernel.machine.run();
}

/** Everything that is registered, as text: one line for each breakpoint, sorted. */
export function registered(kernel: Kernel): string[] {
  return kernel.breakpoints.registered
    .map(({ attr, cpu, owner }) => `${owner} cpu${cpu} 0x${attr.bp_addr.toString(16)} ${attr.bp_type}/${attr.bp_len}`)
    .sort();
}

/** The same of what is programmed into debug registers. */
export function armed(kernel: Kernel): string[] {
  return kernel.machine.cpus
    .flatMap((cpu) =>
      cpu.unit.filter.ranges.map(({ address, read }) => `cpu${cpu.index} ${address.toString(16)} ${read ? 'rw' : 'w'}`),
    )
    .sort();
}

/** The KernelError that `action` throws. */
export function refusal(t: ExecutionContext, action: () => unknown): KernelError {
  const error = t.throws(action, { instanceOf: KernelError });
  if (error === undefined) throw new Error('nothing was refused');
  return error;
}

/** x86 whose validation throws what `fail` returns. */
export function failingX86(fail: (attr: HwBreakpointAttr) => Error | undefined): Architecture {
  const { backend } = x86();
  return architecture({
    ...backend,
    parse(attr) {
      const error = fail(attr);
      if (error !== undefined) throw error;
      return backend.parse(attr);
    },
  });
}
