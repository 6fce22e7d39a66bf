import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  HW_BREAKPOINT_W,
  type HwBreakpointAttr,
  type Kernel,
  type KernelOptions,
  program,
  RingLogger,
} from '@hwbp/core';

/** Variables of the kernel, and where they are. */
const VARIABLES = { jiffies: 0xffffffff82000000n, inbox: 0xffffffff82000040n, total: 0x601000n };
export type Variable = keyof typeof VARIABLES;

const WIDTH = 18;

/** A kernel, and what is written down of it: what is in the debug registers of each CPU, behind what has happened. */
export class Board {
  readonly lines: string[] = [];
  readonly log = new RingLogger();
  kernel: Kernel;
  #logged = 0;

  constructor(options: Partial<KernelOptions> = {}) {
    this.kernel = composeKernel({ arch: x86(), cpus: 2, logger: this.log, strict: true, ...options });
    this.#row(
      '',
      this.kernel.machine.cpus.map(({ index }) => `CPU ${index}`),
    );
  }

  /** A write watch of a variable. */
  watch(variable: Variable): HwBreakpointAttr {
    return { bp_type: HW_BREAKPOINT_W, bp_addr: VARIABLES[variable], bp_len: 8 };
  }

  /** A task of the kernel that stores to a variable, as often as that. */
  store(variable: Variable, cpu: number, times = 1): void {
    const store = { kind: 'write', address: VARIABLES[variable], size: 8 } as const;
    const code = Array.from({ length: times }, () => ({ pc: 0xffffffff81000000n, length: 4, accesses: [store] }));
    this.kernel.machine.spawn(program(code), { mode: 'kernel', affinity: [cpu] });
    this.kernel.machine.run();
  }

  /** Something happens; what the registers hold behind it, and what the kernel said. */
  show(what: string): void {
    this.#row(
      what,
      this.kernel.hardware.cpus.map((cpu) => this.#cell(cpu)),
    );
    const { entries } = this.log;
    for (const { level, message } of entries.slice(this.#logged)) this.note(`${level}: ${message}`);
    this.#logged = entries.length;
  }

  /** Something that is refused: why. */
  refused(what: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.show(what);
      this.note(String(error));
    }
  }

  note(text: string): void {
    this.lines.push(`    ${text}`);
  }

  #cell({ online, unit }: Kernel['hardware']['cpus'][number]): string {
    if (!online) return 'no power';
    const names = unit.filter.ranges.map(({ address }) => {
      const [name = '?'] = Object.entries(VARIABLES).find(([, at]) => at === address) ?? [];
      return name;
    });
    return names.join(' ') || '-';
  }

  #row(what: string, cells: readonly string[]): void {
    this.lines.push([what.padEnd(46), ...cells.map((cell) => cell.padEnd(WIDTH))].join('').trimEnd());
  }
}
