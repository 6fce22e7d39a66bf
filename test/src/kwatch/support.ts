import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  HW_BREAKPOINT_W,
  type Instruction,
  type Kernel,
  type KernelOptions,
  PRIORITIES,
  type Priorities,
  priorities,
  program,
  type Task,
} from '@hwbp/core';
import { Kwatch, type Watch, type WatchRequest } from '@hwbp/kwatch';

/** A variable of the kernel, and one of every process. */
export const KERNEL_DATA = 0xffff_ffff_8200_0000n;
export const USER_DATA = 0x60_1000n;

/** A kernel with kwatch, and what its watches were told: `+name`, `-name`, `!name` for a hit. */
export class Rig {
  readonly kernel: Kernel;
  readonly kwatch: Kwatch;
  readonly priorities: Priorities;
  readonly #notices: string[] = [];

  constructor(options: Partial<KernelOptions> = {}) {
    const { plugins = [], ...rest } = options;
    this.kernel = composeKernel({
      arch: x86(),
      strict: true,
      slotPolicy: priorities(),
      ...rest,
      plugins: [Kwatch, ...plugins],
    });
    this.kwatch = this.kernel.get(Kwatch);
    this.priorities = this.kernel.get(PRIORITIES);
  }

  /** A request that tells; a priority, or more of it. */
  request(name: string, more: number | Partial<WatchRequest> = {}): WatchRequest {
    return {
      address: KERNEL_DATA,
      length: 4,
      type: HW_BREAKPOINT_W,
      triggered: () => this.#notices.push(`!${name}`),
      installed: () => this.#notices.push(`+${name}`),
      uninstalled: () => this.#notices.push(`-${name}`),
      ...(typeof more === 'number' ? { priority: more } : more),
    };
  }

  /** A watch of the kernel. */
  wide(name: string, more?: number | Partial<WatchRequest>): Watch {
    return this.kwatch.registerKernel(this.request(name, more));
  }

  /** A watch of a task. */
  user(name: string, task: Task, more: number | Partial<WatchRequest>): Watch {
    const rest = typeof more === 'number' ? { priority: more } : more;
    return this.kwatch.registerUser(task, this.request(name, { address: USER_DATA, ...rest }));
  }

  /** A task that makes these accesses for ever, one an instruction. Without any: it is made, and does not run. */
  task(comm: string, ...addresses: readonly bigint[]): Task {
    const code = addresses.map((address, i): Instruction => {
      const access = { kind: 'write', address, size: 4 } as const;
      return { pc: 0x40_0000n + BigInt(4 * i), length: 4, accesses: [access] };
    });
    const endless = program(function* () {
      for (;;) yield* code;
    });
    return this.kernel.machine.spawn(code.length === 0 ? program([]) : endless, { comm, run: code.length > 0 });
  }

  /** What was told since the last time. */
  told(): string[] {
    return this.#notices.splice(0);
  }

  /** The registers of a CPU: who is there, by owner. */
  registers(cpu = 0): (string | undefined)[] {
    return this.kernel.breakpoints.occupants(cpu).map((one) => one?.owner);
  }
}
