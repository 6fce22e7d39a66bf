import { type Hit, hex, type SymbolTable, type Task } from '@hwbp/core';
import type { Watch } from './watch.js';

/** One hit of one watch, as plain data. */
export interface ReplayHit {
  readonly watch: Watch;
  /** 1-based number of the instruction in its task's copy of the trace. */
  readonly step: number;
  readonly cpu: number;
  readonly pid: number;
  readonly comm: string;
  /** The instruction that made the access. */
  readonly pc: bigint;
  /** What the kernel saw: on x86 the next instruction, for data; the same one for execution. */
  readonly ip: bigint;
}

/** What a handler sees, kept. */
export function replayHit(watch: Watch, step: number, task: Task, hit: Hit): ReplayHit {
  return { watch, step, cpu: hit.cpu.index, pid: task.pid, comm: task.comm, pc: hit.pc, ip: hit.ip };
}

/** `symbol+0xoffset`, offset 0 included; `undefined` outside the program. */
export function siteName(symbols: SymbolTable, address: bigint): string | undefined {
  const location = symbols.resolve(address);
  return location === undefined ? undefined : `${location.symbol.name}+0x${location.offset.toString(16)}`;
}

/** A place in data: the bare name at offset 0; the address outside the program. */
export function placeName(symbols: SymbolTable, address: bigint): string {
  const location = symbols.resolve(address);
  return location?.offset === 0 ? location.symbol.name : (siteName(symbols, address) ?? hex(address));
}
