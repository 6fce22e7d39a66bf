import { type ByteOrder, NEUTRAL_ROLES, type RegisterRoles } from '../hardware/index.js';

/** The two classes in which Linux accounts registers. */
export type SlotClass = 'data' | 'instruction';

/** A kind of access that a breakpoint can watch. */
export type AccessKind = 'r' | 'w' | 'rw' | 'x';

/** When the silicon reports a hit: before or after the instruction. */
export interface Timing {
  /** Of data; of loads alone where {@link stores} says otherwise. */
  readonly data: 'before' | 'after';
  readonly execute: 'before' | 'after';
  /** Of instructions that store, where that is not as {@link data}. */
  readonly stores?: 'before' | 'after';
}

/**
 * What an architecture can do, as frozen plain data; it never changes at run time. Contract suites derive from it what
 * must work and what must be refused.
 */
export interface ArchManifest {
  /** Short name, such as `x86`. */
  readonly name: string;
  /**
   * Registers for each class on one CPU. `shared`: both classes draw from one pool (then both numbers are its size).
   * Otherwise register numbers begin with the data registers; the instruction registers follow.
   */
  readonly slots: { readonly data: number; readonly instruction: number; readonly shared: boolean };
  /**
   * Kinds of access that can be programmed. A class that has registers and no kind is accounted but unusable: a request
   * gets its slot, then `parse` answers ENODEV.
   */
  readonly access: readonly AccessKind[];
  /** `bp_len` values that data breakpoints accept at a suitably aligned address, ascending. */
  readonly dataLengths: readonly number[];
  /** The `bp_len` that an execute breakpoint has; `undefined` without execute breakpoints. */
  readonly executeLength: number | undefined;
  /** Every `bp_len` that an execute breakpoint may have, {@link executeLength} among them. */
  readonly executeLengths: readonly number[];
  /** Bytes: execute breakpoints lie at multiples of it, where instructions begin. 1: anywhere. */
  readonly instructionAlignment: number;
  /**
   * Bytes of the aligned blocks that the silicon compares of an instruction's address: it reports those that begin in
   * the block of one that is watched, and the backend drops them. 1: the silicon is exact.
   */
  readonly executeGrain: number;
  /**
   * `natural`: a multiple of its length. `any`: anywhere. `granule`: anywhere inside one block of {@link granule}
   * bytes.
   */
  readonly alignment: 'natural' | 'any' | 'granule';
  /** Bytes of the block that `alignment: 'granule'` speaks of. */
  readonly granule: number;
  /**
   * Bytes of the aligned blocks that the silicon compares: it reports accesses to any byte of a block that is watched
   * in part, and the backend drops those that missed what was asked for. 1: the silicon is exact.
   */
  readonly grain: number;
  /** When the silicon reports: before or after the instruction. */
  readonly timing: Timing;
  /**
   * What of an access is compared. `all`: every byte. `lowest`: its first byte alone, so that an access which begins
   * below what is watched and reaches into it goes by.
   */
  readonly compares: 'all' | 'lowest';
  /** Bits at the top of an address that the silicon does not compare (arm64 with top byte ignore: 8). */
  readonly ignoredTopBits: number;
  /** False: the CPU cannot single-step; nobody can ask for a step. */
  readonly singleStep: boolean;
  /**
   * False: nothing makes the silicon pass by an execute breakpoint once. The backend takes it out of the way for the
   * instruction.
   */
  readonly resumeFlag: boolean;
  /**
   * True if the silicon itself filters by privilege: an exception is never about a mode that all of its breakpoints
   * exclude, and the core does not look. False: the core drops what a request excludes.
   */
  readonly privilegeFilter: boolean;
  /** Longest range that one register can watch, if longer ones than {@link dataLengths} work; 0: none. */
  readonly longestRange: number;
  /** Bytes in a long. */
  readonly wordSize: 4 | 8;
  /** Bytes in a page. */
  readonly pageSize: number;
  /** First address above user space. */
  readonly taskSize: bigint;
  /** First address of the kernel's part of the address space; what lies between {@link taskSize} and it is nobody's. */
  readonly kernelStart: bigint;
  /** Base of the kernel's linear map of physical memory. */
  readonly directMap: bigint;
  /**
   * Bytes of the address space that the linear map has for itself: what lies beyond is other memory of the kernel's.
   * Default: what its base is aligned to, up to 1 TiB, so that a map at 0xffffffd600000000 has 8 GiB.
   */
  readonly directMapSize?: bigint;
  /** Order of the bytes of an integer in memory. */
  readonly byteOrder: ByteOrder;
  /** The general registers, for programs that name none of the architecture's own. */
  readonly roles: RegisterRoles;
  /** What the manual calls the registers of one CPU, by number, such as `DR0`. Left out: they have numbers only. */
  readonly registerNames?: readonly string[];
}

/** Fields of a manifest that most architectures do not differ in. */
type Defaulted =
  | 'grain'
  | 'privilegeFilter'
  | 'kernelStart'
  | 'byteOrder'
  | 'roles'
  | 'executeLengths'
  | 'instructionAlignment'
  | 'executeGrain'
  | 'compares'
  | 'ignoredTopBits'
  | 'singleStep'
  | 'resumeFlag';

/** A manifest as a backend writes it down. */
export type ManifestFields = Omit<ArchManifest, Defaulted> & Partial<Pick<ArchManifest, Defaulted>>;

/**
 * Completes a manifest and freezes it, nested parts included. Defaults: `grain` is the granule where `alignment` speaks
 * of one, else 1; `privilegeFilter` is false; `kernelStart` is `taskSize`; `byteOrder` is `little`; `roles` are neutral
 * names; `executeLengths` is `executeLength` alone; the rest is what most chips are: exact, compare every byte and bit,
 * step, have a resume flag.
 */
export function defineManifest(fields: ManifestFields): ArchManifest {
  Object.freeze(fields.slots);
  Object.freeze(fields.access);
  Object.freeze(fields.dataLengths);
  Object.freeze(fields.timing);
  Object.freeze(fields.registerNames);
  const { executeLength, executeLengths = executeLength === undefined ? [] : [executeLength] } = fields;
  return Object.freeze({
    instructionAlignment: 1,
    executeGrain: 1,
    compares: 'all',
    ignoredTopBits: 0,
    singleStep: true,
    resumeFlag: true,
    ...fields,
    executeLengths: Object.freeze([...executeLengths]),
    grain: fields.grain ?? (fields.alignment === 'granule' ? fields.granule : 1),
    privilegeFilter: fields.privilegeFilter ?? false,
    kernelStart: fields.kernelStart ?? fields.taskSize,
    byteOrder: fields.byteOrder ?? 'little',
    roles: fields.roles ?? NEUTRAL_ROLES,
  });
}

/** The registers, by number, that a class draws from: from `first` on, `end` excluded. */
export function registersOf(
  { slots }: ArchManifest,
  slotClass: SlotClass,
): { readonly first: number; readonly end: number } {
  if (slots.shared || slotClass === 'data') return { first: 0, end: slots.data };
  return { first: slots.data, end: slots.data + slots.instruction };
}

/** Number of registers that a class draws from. */
export function slotsOf(manifest: ArchManifest, slotClass: SlotClass): number {
  return manifest.slots[slotClass];
}
