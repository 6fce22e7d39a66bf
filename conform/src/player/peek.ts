import type { Machine, Task } from '@hwbp/core';

/** Memory as an instruction is about to find it: an integer, without side effects; 0 where nothing is mapped. */
export function peek(machine: Machine, task: Task, address: bigint, size: number): bigint {
  const memory = machine.memoryAt(task, address);
  return memory.firstFault(address, size, false) === undefined ? memory.readInteger(address, size) : 0n;
}
