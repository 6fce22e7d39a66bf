import { x86 } from '@hwbp/arch-x86';
import {
  type Access,
  composeKernel,
  type Hit,
  type HwBreakpointAttr,
  type Instruction,
  type Kernel,
  type KernelOptions,
  type ProgramFactory,
  program,
  type Task,
} from '@hwbp/core';

export const DATA = 0x1000n;
export const TEXT = 0x40_0000n;

/** A strict x86 kernel. */
export function kernelOf(options: Partial<KernelOptions> = {}): Kernel {
  return composeKernel({ arch: x86(), strict: true, ...options });
}

/** Instructions of 4 bytes one behind the other, from an address on. */
export function lines(...parts: readonly Partial<Instruction>[]): Instruction[] {
  return parts.map((part, i) => ({ pc: TEXT + BigInt(4 * i), length: 4, ...part }));
}

export function store(address = DATA, size = 4, value?: bigint): Access {
  return value === undefined ? { kind: 'write', address, size } : { kind: 'write', address, size, value };
}

export function load(address = DATA, size = 4): Access {
  return { kind: 'read', address, size };
}

/** Writes of 4 bytes at an address. */
export function watch(bp_addr = DATA, bp_len = 4): HwBreakpointAttr {
  return { bp_type: 2, bp_addr, bp_len };
}

/** Execution of an instruction. */
export function stopAt(bp_addr: bigint): HwBreakpointAttr {
  return { bp_type: 4, bp_addr, bp_len: 8 };
}

/** Notes when each instruction has retired, and where. */
export class Journal {
  readonly entries: string[] = [];

  /** A program that enters `name` and the CPU's number for each of its instructions. */
  spin(name: string, count = Number.POSITIVE_INFINITY): ProgramFactory {
    const { entries } = this;
    return () => {
      let left = count;
      return {
        get state() {
          return left > 0 ? ('ready' as const) : ('done' as const);
        },
        run(cpu, budget) {
          let retired = 0;
          while (retired < budget && left > 0 && !cpu.attention) {
            if (cpu.execute({ pc: TEXT, length: 4, next: TEXT }) === undefined) break;
            left--;
            retired++;
            entries.push(`${name}@${cpu.index}`);
          }
          return retired;
        },
      };
    };
  }

  /** The entries so far, runs of equal ones as `name x count`; then begins anew. */
  take(): string[] {
    const out: { entry: string; count: number }[] = [];
    for (const entry of this.entries.splice(0)) {
      const last = out.at(-1);
      if (last?.entry === entry) last.count++;
      else out.push({ entry, count: 1 });
    }
    return out.map(({ entry, count }) => `${entry} x${count}`);
  }
}

/** Runs one task to its end, with hits noted as `label pc ip`. */
export class Hits {
  readonly seen: string[] = [];

  note(label: string): (hit: Hit) => void {
    return ({ pc, ip }) => this.seen.push(`${label} pc ${pc.toString(16)} ip ${ip.toString(16)}`);
  }
}

/** A task that executes these instructions. */
export function taskOf(kernel: Kernel, ...parts: readonly Partial<Instruction>[]): Task {
  return kernel.machine.spawn(program(lines(...parts)));
}
