import type { Chip } from './chip.js';

/** A mistake that is made on purpose, to see that the suite finds it. */
export interface PlantedDefect {
  readonly name: string;
  /** A chip on which it is one. */
  readonly applies: (chip: Chip) => boolean;
  /** What a unit does otherwise: a member of a class that extends it. */
  readonly unit?: string;
  /** What the backend does otherwise: a field of an object. `sound` is the backend without it. */
  readonly backend?: string;
  /** Names of core that it uses. */
  readonly uses: readonly string[];
}

const always = (): boolean => true;

/** In the order in which they are planted; a package gets the first five that its chip can have. */
export const PLANTED: readonly PlantedDefect[] = [
  {
    name: 'the first byte of an access alone is compared',
    applies: ({ watchesData }) => watchesData,
    unit: `override access(part: FilterPart, hi: number, lo: number) {
  return super.access(part, hi, lo, 1);
}`,
    uses: ['type FilterPart'],
  },
  {
    name: 'what a fault has interrupted is reported by the next instruction',
    applies: ({ watchesData, timing }) => watchesData && timing === 'after',
    unit: 'override discard(): void {}',
    uses: [],
  },
  {
    name: 'an execute breakpoint is never passed by',
    applies: ({ executes }) => executes,
    unit: `override fetch(hi: number, lo: number, state: ExecutionState) {
  return super.fetch(hi, lo, { ...state, resume: false });
}`,
    uses: ['type ExecutionState'],
  },
  { name: 'a reset leaves the registers as they are', applies: always, unit: 'override reset(): void {}', uses: [] },
  {
    name: 'the driver keeps the unit that it was made with',
    applies: always,
    backend: 'createDriver: ({ unit }) => sound.createDriver({ unit })',
    uses: [],
  },
  {
    name: 'bits of bp_type that nobody knows are taken',
    applies: always,
    backend: 'parse: (attr) => sound.parse({ ...attr, bp_type: attr.bp_type & 7 })',
    uses: [],
  },
  {
    name: 'a register that is switched off stays armed',
    applies: always,
    unit: `override write(register: number, info: RangeBreakpoint | undefined): void {
  if (info !== undefined) super.write(register, info);
}`,
    uses: ['type RangeBreakpoint'],
  },
];
