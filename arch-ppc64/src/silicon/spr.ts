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
