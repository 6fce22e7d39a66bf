import { A } from './support.js';

/** A debugger's breakpoint in the model. */
interface Slot {
  readonly address: bigint;
  readonly length: bigint;
  /** 1 loads, 2 stores. */
  readonly kinds: number;
  spent: boolean;
}

/** An access of the random program. */
export interface ModelAccess {
  readonly kind: 'read' | 'write';
  readonly address: bigint;
  readonly size: number;
}

/** How many registers a CPU has, how many bytes one watches, and where a range may not go. */
export interface ModelCpu {
  readonly slots: number;
  readonly longest: bigint;
  readonly crosses: boolean;
}

const dword = (address: bigint): bigint => address & ~7n;

/** What a strict kernel promises a debugger of one task: nothing but arithmetic. */
export class DebuggerModel {
  readonly #cpu: ModelCpu;
  readonly #slots: (Slot | undefined)[];
  #readback = 0n;

  constructor(cpu: ModelCpu) {
    this.#cpu = cpu;
    this.#slots = new Array(cpu.slots).fill(undefined);
  }

  get readback(): bigint {
    return this.#readback;
  }

  get used(): number {
    return this.#slots.filter((slot) => slot !== undefined).length;
  }

  /** SET_DEBUGREG of register 0. */
  setDebugReg(data: bigint): string {
    const address = dword(data);
    if (data !== 0n && (data & 4n) === 0n) return 'EIO';
    const kinds = Number(data & 3n);
    if (kinds === 0) {
      this.#free(0);
      return 'ok';
    }
    this.#slots[0] = { address, length: 8n, kinds, spent: false };
    this.#readback = data;
    return 'ok';
  }

  /** SETHWDEBUG of a range: the handle, or why not. */
  setHwDebug(address: bigint, length: bigint, kinds: number): number | string {
    const slot = this.#slots.indexOf(undefined);
    if (kinds === 0) return 'EINVAL';
    if (slot < 0) return 'ENOSPC';
    if (length <= 0n) return 'EINVAL';
    const [start, end] = [dword(address), dword(address + length + 7n)];
    if (end - start > this.#cpu.longest) return 'EINVAL';
    if (!this.#cpu.crosses && this.#cpu.longest > 8n && start / 512n !== (end - 1n) / 512n) return 'EINVAL';
    this.#slots[slot] = { address, length, kinds, spent: false };
    return slot + 1;
  }

  /** DELHWDEBUG. */
  delHwDebug(handle: number): string {
    if (handle < 1 || handle > this.#cpu.slots) return 'EINVAL';
    if (this.#slots[handle - 1] === undefined) return 'ENOENT';
    this.#free(handle - 1);
    return 'ok';
  }

  /**
   * The stops that accesses make, by offset of si_addr from {@link A}: each spends all whose doublewords it touches.
   */
  access(accesses: readonly ModelAccess[]): number[] {
    const stops: number[] = [];
    for (const { kind, address, size } of accesses) {
      const hit = this.#slots.filter((slot): slot is Slot => {
        if (slot === undefined || slot.spent || (slot.kinds & (kind === 'read' ? 1 : 2)) === 0) return false;
        return address < dword(slot.address + slot.length + 7n) && address + BigInt(size) > dword(slot.address);
      });
      for (const slot of hit) slot.spent = true;
      if (hit.length > 0) stops.push(Number(address - A));
    }
    return stops;
  }

  /** Exec, or the child of a fork. */
  clear(): void {
    this.#slots.fill(undefined);
    this.#readback = 0n;
  }

  #free(slot: number): void {
    this.#slots[slot] = undefined;
    if (slot === 0) this.#readback = 0n;
  }
}
