/** Numbers of the special purpose registers that debugging uses (Power ISA, Book III, 4.4). */
export const SPR = Object.freeze({
  DSISR: 18,
  DAR: 19,
  DAWR0: 180,
  DAWR1: 181,
  CIABR: 187,
  DAWRX0: 188,
  DAWRX1: 189,
  DABR: 1013,
  DABRX: 1015,
});

/** As instructions name them: in lower case. */
const NUMBERS: ReadonlyMap<string, number> = new Map(
  Object.entries(SPR).map(([name, spr]) => [name.toLowerCase(), spr]),
);

/** The number of a register that an instruction names; `undefined`: none that debugging uses. */
export function sprNumber(name: string): number | undefined {
  return NUMBERS.get(name);
}
