/** Colours of Okabe and Ito, which people with any colour vision tell apart, and darker ones of the same. */
const COLOURS = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#8a7a00',
  '#7f7f7f',
  '#004a75',
  '#9b6b00',
] as const;

/** The colour of an owner, by its index in `HistoryData.owners`. With many owners colours come again. */
export function ownerColour(owner: number): string {
  return COLOURS[owner % COLOURS.length] ?? COLOURS[0];
}
