import type { Machine, Task } from '@hwbp/core';
import { littleEndian } from '../format/little-endian.js';
import type { RecorderTask } from './recorder-task.js';

/** A task's memory as the recorder reaches it: in kernel mode, on its own CPU, byte by byte through the direct map. */
export class RemoteMemory {
  readonly #machine: Machine;
  readonly #self: RecorderTask;
  #word = 0x7777_7777_7777_7777n;

  constructor(machine: Machine, self: RecorderTask) {
    this.#machine = machine;
    this.#self = self;
  }

  /** process_vm_readv: the bytes, or `undefined` where some are not there (those before it are read all the same). */
  peek(task: Task, address: bigint, length: number): Uint8Array | undefined {
    const reached = this.#reached(task, address, length, false);
    this.#self.accessInKernel(
      'read',
      this.#aliases(task, address, reached).map((alias) => ({ address: alias })),
    );
    return reached === length ? task.memory.read(address, length) : undefined;
  }

  /** Writes as far as pages are there; returns how many bytes. `force`: also where the task itself may not write. */
  poke(task: Task, address: bigint, bytes: Uint8Array, options: { readonly force?: boolean } = {}): number {
    const reached = this.#reached(task, address, bytes.length, options.force !== true);
    task.memory.unshare(address, reached);
    const stores = this.#aliases(task, address, reached).map((alias, i) => ({
      address: alias,
      value: BigInt(bytes[i] ?? 0),
    }));
    this.#self.accessInKernel('write', stores);
    return reached;
  }

  /** 8 bytes that differ from one write of the recorder to the next. */
  nextWord(): Uint8Array {
    this.#word = BigInt.asUintN(64, this.#word + 1n);
    return littleEndian(this.#word, 8);
  }

  #reached(task: Task, address: bigint, length: number, write: boolean): number {
    const fault = task.memory.firstFault(address, length, write);
    return fault === undefined ? length : Number(BigInt.asUintN(64, fault - address));
  }

  #aliases(task: Task, address: bigint, count: number): bigint[] {
    const { directMap, pageSize } = this.#machine.layout;
    return Array.from({ length: count }, (_, i) => {
      const place = task.memory.translate(address + BigInt(i), false) ?? { frame: 0, offset: 0 };
      return directMap + BigInt(place.frame * pageSize + place.offset);
    });
  }
}
