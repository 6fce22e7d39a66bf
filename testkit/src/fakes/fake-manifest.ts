import { type AccessKind, type ArchManifest, defineManifest, type ManifestFields } from '@hwbp/core';

/** The hardware that a fake pretends to be. Everything has a default. */
export interface FakeOptions {
  readonly name?: string;
  /** A number: one pool for both classes. Default 4. At most 30 registers in all; 0 is an architecture without any. */
  readonly slots?: number | { readonly data: number; readonly instruction: number };
  /** Kinds that can be watched. Default: all for which there are registers. */
  readonly access?: readonly AccessKind[];
  /** Default 1, 2, 4 and 8. */
  readonly dataLengths?: readonly number[];
  /** Default `natural`. */
  readonly alignment?: ArchManifest['alignment'];
  /** Bytes of the block that hardware watches under `alignment: 'granule'`. Default 8. */
  readonly granule?: number;
  /** When data hits are reported. Default `after`. */
  readonly timing?: 'before' | 'after';
  /** Facts of the chip that are otherwise as `defineManifest` has them. */
  readonly manifest?: Partial<
    Omit<ManifestFields, 'name' | 'slots' | 'access' | 'dataLengths' | 'alignment' | 'granule'>
  >;
}

/** More would not fit the status word of {@link FakeDebugUnit}. */
const MOST_REGISTERS = 30;

/** The manifest of a fake. Throws a TypeError for more registers than a fake has status bits. */
export function fakeManifest(options: FakeOptions): ArchManifest {
  const { slots: wanted = 4, timing = 'after' } = options;
  const shared = typeof wanted === 'number';
  const slots = shared ? { data: wanted, instruction: wanted, shared } : { ...wanted, shared };
  const registers = shared ? slots.data : slots.data + slots.instruction;
  if (registers > MOST_REGISTERS)
    throw new TypeError(`a fake has at most ${MOST_REGISTERS} registers, got ${registers}`);
  const possible: AccessKind[] = [];
  if (slots.data > 0) possible.push('r', 'w', 'rw');
  if (slots.instruction > 0) possible.push('x');
  const access = (options.access ?? possible).filter((kind) => possible.includes(kind));
  const executes = access.includes('x');
  return defineManifest({
    name: options.name ?? 'fake',
    slots: shared || executes ? slots : { ...slots, instruction: 0 },
    access,
    dataLengths: slots.data > 0 ? [...(options.dataLengths ?? [1, 2, 4, 8])] : [],
    executeLength: executes ? 8 : undefined,
    alignment: options.alignment ?? 'natural',
    granule: options.granule ?? 8,
    timing: { data: timing, execute: 'before' },
    privilegeFilter: false,
    longestRange: 0,
    wordSize: 8,
    pageSize: 4096,
    taskSize: 0x8000_0000_0000n,
    directMap: 0xffff_8000_0000_0000n,
    ...options.manifest,
  });
}
