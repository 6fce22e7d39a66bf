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

/** How much of a bar is covered with the ground's colour where its register is set aside, 0 to 1. */
export const VEIL = 0.65;

/** The colour of an owner, by its index in `HistoryData.owners`. With many owners colours come again. */
export function ownerColour(owner: number): string {
  return COLOURS[owner % COLOURS.length] ?? COLOURS[0];
}

/**
 * What can be read on the colour of an owner: black or white, with a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3).
 */
export function ownerInk(owner: number): string {
  return INKS[owner % INKS.length] ?? '#ffffff';
}

/** Relative luminance, 0 to 1. Source: WCAG 2.2. */
function luminanceOf(colour: string): number {
  const channel = (at: number): number => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

const INKS = COLOURS.map((colour) => {
  const luminance = luminanceOf(colour) + 0.05;
  return 1.05 / luminance > luminance / 0.05 ? '#ffffff' : '#000000';
});
