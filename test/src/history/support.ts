import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  HW_BREAKPOINT_W,
  type Instruction,
  type Kernel,
  type KernelOptions,
  type ProgramFactory,
  program,
} from '@hwbp/core';
import { History, type HistoryData, happened, history } from '@hwbp/history';

/** A variable of 8 bytes, by number. */
export const at = (n: number): bigint => 0x1000n + 8n * BigInt(n);

export const writes = (n = 0) => ({ bp_type: HW_BREAKPOINT_W, bp_addr: at(n), bp_len: 8 });

export const store = (n = 0): Instruction => ({
  pc: 0x400000n,
  length: 4,
  accesses: [{ kind: 'write', address: at(n), size: 8, value: 1n }],
});

export const nops = (count: number): ProgramFactory =>
  program(Array.from({ length: count }, () => ({ pc: 0x400000n, length: 4 })));

/** A kernel of x86 with a history. */
export function observed(options: Partial<KernelOptions> = {}): Kernel {
  const { plugins = [], ...rest } = options;
  return composeKernel({ arch: x86(), strict: true, ...rest, plugins: [...plugins, history()] });
}

export const dataOf = (kernel: Kernel): HistoryData => kernel.get(History).snapshot();

/** `0 DR0 [0, 3) me w 0x1000+8 for a-1: switched`, one line for each stay. */
export function stays(data: HistoryData): string[] {
  return data.intervals.map(({ cpu, register, owner, what, task, from, to, end, by }) => {
    const whose = task === undefined ? '' : ` for ${task}`;
    const until = to === undefined ? `[${from}, ...)` : `[${from}, ${to})`;
    const why = end === undefined ? '' : `: ${end}${by === undefined ? '' : ` by ${by}`}`;
    return `${cpu} ${data.registers[register]} ${until} ${data.owners[owner]} ${what}${whose}${why}`;
  });
}

/** `3 on 0: what happened`, without context switches. */
export function events(data: HistoryData): string[] {
  return data.events
    .filter(({ kind }) => kind !== 'switch')
    .map((event) => `${event.count} on ${event.cpu}: ${happened(event, data)}`);
}
