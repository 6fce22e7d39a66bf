import { A, DR6, TASK_SIZE, TEXT } from './support.js';

/*
 * The debug registers of a task, as spec 5.2 to 5.6 and rule P4 of the recordings describe them: written for reading,
 * from the rules and not from the implementation.
 */

type Kind = 'x' | 'w' | 'rw';

export interface ModelSlot {
  readonly address: bigint;
  readonly kind: Kind;
  readonly length: number;
  readonly on: boolean;
}

type Slots = readonly (ModelSlot | undefined)[];

const NONE: Slots = [undefined, undefined, undefined, undefined];
const LENGTHS = [1, 2, 8, 4];

/** R/W = 10, or execution with a length. */
const INVALID = 'EINVAL';

/** Where a slot's field of DR7 leads: what it asks for. */
function ask(control: bigint, register: number): { kind: Kind; length: number; on: boolean } | typeof INVALID {
  const field = Number((control >> BigInt(16 + 4 * register)) & 0xfn);
  const on = ((control >> BigInt(2 * register)) & 3n) !== 0n;
  const length = LENGTHS[field >> 2] ?? 1;
  const kind = ([['x'], ['w'], [], ['rw']] as const)[field & 3]?.[0];
  if (kind === undefined || (kind === 'x' && length !== 1)) return INVALID;
  return { kind, length, on };
}

/** Execution may be anywhere below the end of user space; data must be aligned and end there. */
function valid({ address, kind, length }: Omit<ModelSlot, 'on'>): boolean {
  if (kind === 'x') return address < TASK_SIZE;
  return address % BigInt(length) === 0n && address + BigInt(length) <= TASK_SIZE;
}

export class Model {
  slots: Slots = NONE;
  dr6 = DR6;
  dr7 = 0n;
  /** Slots that are left for this task when it has none. */
  readonly #room: number;
  /** A refused write of DR7 leaves traces. */
  readonly #quirk: boolean;

  constructor(room: number, quirk: boolean) {
    this.#room = room;
    this.#quirk = quirk;
  }

  /** What PEEK gives for DR0-3, DR6, DR7. */
  get registers(): bigint[] {
    return [...this.slots.map((slot) => slot?.address ?? 0n), this.dr6, this.dr7];
  }

  get used(): number {
    return this.slots.filter((slot) => slot !== undefined).length;
  }

  /** The errno of a POKE, or 'ok'. */
  poke(register: number, value: bigint): string {
    if (register < 4) return this.#pokeAddress(register, value);
    if (register === 6) this.dr6 = value;
    else if (register === 7) return this.#pokeControl(value);
    else return 'EIO';
    return 'ok';
  }

  #put(slots: Slots, register: number, slot: ModelSlot): Slots {
    return slots.with(register, slot);
  }

  #pokeAddress(register: number, address: bigint): string {
    const slot = this.slots[register];
    if (slot === undefined && this.used === this.#room) return 'ENOSPC';
    const wanted = { ...(slot ?? { kind: 'w', length: 1, on: false }), address };
    if (!valid(wanted)) return 'EINVAL';
    this.slots = this.#put(this.slots, register, wanted);
    return 'ok';
  }

  #pokeControl(control: bigint): string {
    let slots = this.slots;
    const refuse = (errno: string): string => {
      if (this.#quirk) {
        // What was made stays, and whatever was off comes back as execute, 1 byte.
        this.slots = slots.map((slot, register) => {
          const before = this.slots[register];
          if (before?.on === true) return before;
          return slot === undefined ? undefined : { address: slot.address, kind: 'x', length: 1, on: false };
        });
      }
      return errno;
    };
    for (let register = 0; register < 4; register++) {
      const asked = ask(control, register);
      const slot = slots[register];
      const enabled = ((control >> BigInt(2 * register)) & 3n) !== 0n;
      if (slot === undefined && !enabled) continue;
      if (asked === INVALID) return refuse('EINVAL');
      if (slot === undefined && slots.filter((one) => one !== undefined).length === this.#room) return refuse('ENOSPC');
      const wanted = { address: slot?.address ?? 0n, ...asked };
      if (!valid(wanted)) return refuse('EINVAL');
      slots = this.#put(slots, register, wanted);
    }
    this.slots = slots;
    this.dr7 = control;
    return 'ok';
  }

  /** B bits of the armed slots that this access touches. */
  dataBits(store: boolean, address: bigint, size: number): number {
    return this.#bits(
      ({ address: at, kind, length }) =>
        (kind === 'rw' || (kind === 'w' && store)) && address < at + BigInt(length) && at < address + BigInt(size),
    );
  }

  /** B bits of the armed slots on this instruction. */
  executeBits(address: bigint): number {
    return this.#bits(({ address: at, kind }) => kind === 'x' && at === address);
  }

  #bits(matches: (slot: ModelSlot) => boolean): number {
    return this.slots.reduce(
      (bits, slot, register) => (slot?.on === true && matches(slot) ? bits | (1 << register) : bits),
      0,
    );
  }

  /** An exception in user mode: DR6 is replaced. */
  stop(bits: number, step = false): void {
    this.dr6 = DR6 | BigInt(bits) | (step ? 0x4000n : 0n);
  }

  reset(): void {
    this.slots = NONE;
    this.dr6 = DR6;
    this.dr7 = 0n;
  }
}

/** Addresses that matter: aligned or not, around the end of user space, not canonical, on the text. */
export const ADDRESSES: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 4n, 7n, 8n, 9n, 12n, 16n].map((offset) => A + offset),
  TEXT,
  TEXT + 4n,
  TEXT + 8n,
  0n,
  ...[-16n, -8n, -4n, -2n, -1n, 0n, 1n, 8n].map((offset) => TASK_SIZE + offset),
  0x8000_0000_0000n,
  0xffff_8880_0000_0000n,
  0xffff_fe00_0000_0000n,
  0xffff_ffff_ffff_ffffn,
];
