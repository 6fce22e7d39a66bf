import type { DieRecord, Hit, Suspension } from '@hwbp/core';
import { MESSAGES } from '../messages.js';
import type { XmonParts } from '../parts.js';
import { Refusal } from '../refusal.js';
import { CpuClaims } from './cpu-claims.js';
import { type DataMode, type DataPoint, DataPoints } from './data-points.js';
import { Entries, type Entry } from './entries.js';
import { type InstructionPoint, instructionPoint } from './instruction-point.js';
import { Traps } from './traps.js';

/** What is told of hits. */
export interface PointHits {
  data(hit: Hit, point: DataPoint): void;
  /** An execute breakpoint, before its instruction. */
  reached(hit: Hit, entry: Entry): void;
  /** The register of an instruction, behind it. */
  completed(record: DieRecord, entry: Entry): Suspension | undefined;
}

/** Everything at which xmon stops the machine. A refusal changes nothing. */
export class Points implements Disposable {
  readonly #parts: XmonParts;
  readonly #claims: CpuClaims;
  readonly #entries = new Entries();
  readonly #traps: Traps;
  readonly #data: DataPoints;
  readonly #instruction: InstructionPoint | undefined;

  constructor(parts: XmonParts, hits: PointHits) {
    this.#parts = parts;
    this.#claims = new CpuClaims(parts);
    this.#traps = new Traps(parts.machine);
    this.#data = new DataPoints(parts, this.#claims, hits.data);
    this.#instruction = instructionPoint(parts, this.#claims, {
      reached: (hit) => {
        const entry = this.#watched;
        if (entry !== undefined) hits.reached(hit, entry);
      },
      completed: (record) => {
        const entry = this.#watched;
        return entry === undefined ? undefined : hits.completed(record, entry);
      },
    });
  }

  get data(): readonly DataPoint[] {
    return this.#data.list;
  }

  /** By number. */
  get entries(): readonly Entry[] {
    return this.#entries.list;
  }

  /** The software breakpoint at an address. */
  trapAt(address: bigint): Entry | undefined {
    const entry = this.#entries.at(address);
    return entry?.trap === true ? entry : undefined;
  }

  /** `b ADDR`. */
  setTrap(address: bigint): Entry {
    this.#requirePlace(address);
    this.#traps.requireFree(address);
    const entry = this.#entries.take(address);
    entry.trap = true;
    return entry;
  }

  /** `bi ADDR`: instead of the one that there was. */
  setInstruction(address: bigint): Entry {
    const register = this.#requireInstruction();
    this.#requirePlace(address);
    const before = this.#watched;
    const entry = this.#entries.take(address);
    try {
      register.set(address);
    } catch (error) {
      this.#entries.tidy(entry);
      throw error;
    }
    if (before !== undefined && before !== entry) this.#unwatch(before);
    entry.instruction = true;
    return entry;
  }

  /** `bi` alone. */
  clearInstruction(): void {
    this.#requireInstruction().clear();
    if (this.#watched !== undefined) this.#unwatch(this.#watched);
  }

  /** `bd ADDR`; `bd` alone clears an entry that is free, and so nothing. */
  setData(address: bigint | undefined, mode: DataMode): void {
    this.#data.require(mode);
    if (address === undefined) return;
    if (!this.#isKernel(address)) throw new Refusal(MESSAGES.NOT_KERNEL_DATA);
    this.#data.set(address, mode);
  }

  /** `bc N` and `bc ADDR`. What was cleared; `undefined`: there is none. */
  clear(which: bigint): Entry | 'data' | undefined {
    const entry = this.#entries.numbered(Number(which)) ?? this.#entries.at(which);
    if (entry === undefined) return this.#data.clearAt(which) ? 'data' : undefined;
    if (entry.instruction) this.#instruction?.clear();
    entry.trap = false;
    this.#unwatch(entry);
    return entry;
  }

  /** `bc` alone. */
  clearAll(): void {
    this.#instruction?.clear();
    for (const entry of this.#entries.list) {
      entry.trap = false;
      this.#unwatch(entry);
    }
    this.#data.clear();
  }

  /** The machine goes on. */
  arm(): void {
    this.#claims.settle();
    this.#traps.plant(this.#entries.list.filter(({ trap }) => trap).map(({ address }) => address));
  }

  /** xmon has the machine. Its registers are muted like everybody's; only software breakpoints are to be lifted. */
  disarm(): void {
    this.#traps.lift();
  }

  /** Gives everything back, for good. */
  [Symbol.dispose](): void {
    this.clearAll();
    this.#traps.lift();
    this.#claims[Symbol.dispose]();
  }

  /** The entry that the register watches. */
  get #watched(): Entry | undefined {
    return this.#entries.list.find(({ instruction }) => instruction);
  }

  #unwatch(entry: Entry): void {
    entry.instruction = false;
    this.#entries.tidy(entry);
  }

  #isKernel(address: bigint): boolean {
    return address >= this.#parts.manifest.kernelStart;
  }

  /** An instruction of the kernel's, and where its text is in memory none that cannot have a breakpoint. */
  #requirePlace(address: bigint): void {
    if (!this.#isKernel(address)) throw new Refusal(MESSAGES.NOT_KERNEL);
    const { places, machine } = this.#parts;
    const refusal = places?.refusal(machine.kernelMemory.peek(address, places.length));
    if (refusal !== undefined) throw new Refusal(refusal);
  }

  #requireInstruction(): InstructionPoint {
    if (this.#instruction === undefined) throw new Refusal(MESSAGES.NO_INSTRUCTION_BREAKPOINT);
    return this.#instruction;
  }
}
