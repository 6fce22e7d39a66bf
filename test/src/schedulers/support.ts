import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  type Kernel,
  type KernelOptions,
  type Loaded,
  type Plugin,
  program,
  type Task,
} from '@hwbp/core';

export const COUNTER = 0x60_0000n;
const TEXT = 0x40_0000n;

/**
 * Threads that count up together, without a lock: load, add, store. `log`: gets the name of whoever executes, once for
 * each instruction.
 */
export function spawnRace(kernel: Kernel, times: number, { threads = 2, log = [] as string[] } = {}): readonly Task[] {
  const body = (name: string) =>
    program(function* () {
      for (let i = 0; i < times; i++) {
        log.push(name);
        const [value = 0n]: Loaded = yield {
          pc: TEXT,
          length: 4,
          accesses: [{ kind: 'read', address: COUNTER, size: 8 }],
        };
        log.push(name);
        yield { pc: TEXT + 4n, length: 4 };
        log.push(name);
        yield {
          pc: TEXT + 8n,
          length: 4,
          accesses: [{ kind: 'write', address: COUNTER, size: 8, value: value + 1n }],
        };
      }
    });
  const first = kernel.machine.spawn(body('0'), { comm: 'count' });
  const others = Array.from({ length: threads - 1 }, (_, i) =>
    kernel.machine.fork(first, body(String(i + 1)), { thread: true }),
  );
  return [first, ...others];
}

export function counterOf(task: Task): bigint {
  return new DataView(task.memory.read(COUNTER, 8).slice().buffer).getBigUint64(0, true);
}

export function composed(taskScheduler: Plugin, options: Partial<KernelOptions> = {}): Kernel {
  return composeKernel({ arch: x86(), strict: true, taskScheduler, ...options });
}
