import type { Access, Machine, Task } from '@hwbp/core';
import { littleEndian } from '../format/little-endian.js';
import type { RecorderTask } from './recorder-task.js';

/** How the recorder writes a task's memory: PTRACE_POKEDATA, /proc/PID/mem or process_vm_writev. */
export const REMOTE_STORES = Object.freeze(['pokedata', 'proc_mem', 'vm_writev'] as const);
export type RemoteStore = (typeof REMOTE_STORES)[number];

/** The loads or stores that copy so many bytes, in order. */
export type RemoteCopy = (
  via: RemoteStore | 'vm_readv',
  length: number,
) => readonly { readonly offset: number; readonly size: number }[];

const byteByByte: RemoteCopy = (_via, length) => Array.from({ length }, (_, offset) => ({ offset, size: 1 }));

/** How a write is made. */
export interface PokeOptions {
  /** Default process_vm_writev. */
  readonly via?: RemoteStore;
  /** Also where the task itself may not write. Default false. */
  readonly force?: boolean;
}

/** A task's memory as the recorder reaches it: in kernel mode, on its own CPU, page by page through the direct map. */
export class RemoteMemory {
  readonly #machine: Machine;
  readonly #self: RecorderTask;
  readonly #copy: RemoteCopy;
  #word = 0x7777_7777_7777_7777n;

  constructor(machine: Machine, self: RecorderTask, copy: RemoteCopy = byteByByte) {
    this.#machine = machine;
    this.#self = self;
    this.#copy = copy;
  }

  /** process_vm_readv: the bytes, or `undefined` where some are not there (those before it are read all the same). */
  peek(task: Task, address: bigint, length: number): Uint8Array | undefined {
    const reached = this.#reached(task, address, length, false);
    const loads = this.#pieces(task, address, reached, 'vm_readv');
    this.#self.accessInKernel(loads.map(({ alias, size }): Access => ({ kind: 'read', address: alias, size })));
    return reached === length ? task.memory.read(address, length) : undefined;
  }

  /** Writes as far as pages are there; returns how many bytes. */
  poke(task: Task, address: bigint, bytes: Uint8Array, options: PokeOptions = {}): number {
    const { via = 'vm_writev', force = false } = options;
    const reached = this.#reached(task, address, bytes.length, !force);
    task.memory.unshare(address, reached);
    const stores = this.#pieces(task, address, reached, via).map(({ alias, size, offset }): Access => {
      const value = bytes.subarray(offset, offset + size).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
      return { kind: 'write', address: alias, size, value };
    });
    this.#self.accessInKernel(stores);
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

  /** Where the kernel makes the accesses of a copy, page by page. */
  #pieces(task: Task, address: bigint, count: number, via: RemoteStore | 'vm_readv') {
    const { directMap, pageSize } = this.#machine.layout;
    const pieces: { readonly alias: bigint; readonly offset: number; readonly size: number }[] = [];
    for (let done = 0; done < count; ) {
      const place = task.memory.translate(address + BigInt(done), false) ?? { frame: 0, offset: 0 };
      const base = directMap + BigInt(place.frame * pageSize + place.offset);
      const length = Math.min(count - done, pageSize - place.offset);
      for (const { offset, size } of this.#copy(via, length)) {
        pieces.push({ alias: base + BigInt(offset), offset: done + offset, size });
      }
      done += length;
    }
    return pieces;
  }
}
