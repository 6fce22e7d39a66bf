import { type AddressSpace, type Assembly, hex, type Kernel, type Task } from '@hwbp/core';
import type { Composition, World } from './compose.js';
import type { VariableView } from './state-view.js';

/** Elements of a variable that are shown. */
const ELEMENTS = 16;

/** What tasks had in their memory when they exited: it is gone with them. */
export type LeftMemory = ReadonlyMap<Task, readonly VariableView[]>;

/** Whose memory: a task's, or (`undefined`) that of a kernel. */
export function memoryName(task: Task | undefined, { host, guest }: Composition, kernel: Kernel): string {
  const name = task === undefined ? 'kernel' : String(task);
  if (guest === undefined) return name;
  return `${kernel === host.kernel ? 'host' : 'guest'}: ${name}`;
}

/** Every variable of every memory: of the kernel's one, of tasks that have memory of their own each. */
export function variablesOf({ kernel, tasks }: World, composition: Composition, left: LeftMemory) {
  const { assembly } = composition;
  const name = (task?: Task): string => memoryName(task, composition, kernel);
  if (assembly.space === 'kernel') return readVariables(kernel.machine.kernelMemory, name(), assembly);
  return [...tasks.values()].flatMap((task) =>
    task.alive ? readVariables(task.memory, name(task), assembly) : (left.get(task) ?? []),
  );
}

/** The variables of an assembly in one memory. */
export function readVariables(memory: AddressSpace, of: string, assembly: Assembly): readonly VariableView[] {
  return assembly.symbols
    .filter(({ kind }) => kind !== 'function')
    .map(({ name, address, size }): VariableView => {
      const width = size % 8 === 0 ? 8 : size % 4 === 0 ? 4 : size % 2 === 0 ? 2 : 1;
      const count = Math.min(ELEMENTS, Math.max(1, Math.floor(size / width)));
      const read = (index: number): string => {
        const at = address + BigInt(index * width);
        return memory.isMapped(at) ? String(memory.readInteger(at, width)) : '-';
      };
      return { symbol: name, address: hex(address), of, values: Array.from({ length: count }, (_, i) => read(i)) };
    });
}
