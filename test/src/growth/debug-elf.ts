/** A number of so many bytes, the lowest first. */
const bytes = (size: number, value: number | bigint): number[] =>
  Array.from({ length: size }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 0xffn));

const text = (value: string): number[] => [...Buffer.from(`${value}\0`)];

/** DW_TAG, whether it has children, and pairs of DW_AT and DW_FORM: codes from 1 on. */
const ABBREVIATIONS = [
  [0x11, 1],
  [0x13, 1, 0x03, 0x08],
  [0x0d, 0, 0x49, 0x13],
  [0x0d, 0, 0x03, 0x08, 0x49, 0x13],
  [0x34, 0, 0x03, 0x08, 0x49, 0x13, 0x02, 0x18],
  [0x24, 0, 0x0b, 0x0b],
] as const;

/** A member of a structure: without a name what it has is the structure's, too. */
export interface DebugMember {
  readonly name?: string;
  /** The number of its structure; missing: it is an int. */
  readonly structure?: number;
}

/**
 * A program with debug information of DWARF 4: structures, and variables of the first of them at 0x1000 and so on, for
 * which the symbol table has no names.
 */
export function debugElf(structures: readonly (readonly DebugMember[])[], variables: readonly string[]): Uint8Array {
  const abbrev = ABBREVIATIONS.flatMap((one, i) => [i + 1, ...one, 0, 0]).concat(0);
  const sizeOf = (members: readonly DebugMember[], i: number): number =>
    1 +
    text(`s${i}`).length +
    members.reduce((sum, { name }) => sum + 5 + (name === undefined ? 0 : text(name).length), 0) +
    1;
  const header = 11;
  const int = header + 1;
  const places: number[] = [];
  structures.reduce((at, members, i) => {
    places.push(at);
    return at + sizeOf(members, i);
  }, int + 2);
  const entries = [1, 6, 4].concat(
    structures.flatMap((members, i) => [
      2,
      ...text(`s${i}`),
      ...members.flatMap(({ name, structure }) => {
        const type = bytes(4, structure === undefined ? int : (places[structure] ?? int));
        return name === undefined ? [3, ...type] : [4, ...text(name), ...type];
      }),
      0,
    ]),
    variables.flatMap((name, i) => [
      5,
      ...text(name),
      ...bytes(4, places[0] ?? int),
      9,
      3,
      ...bytes(8, 0x1000 + 8 * i),
    ]),
    [0],
  );
  const unit = [...bytes(2, 4), ...bytes(4, 0), 8, ...entries];
  const names = ['', '.debug_info', '.debug_abbrev', '.names', '.data'];
  const contents = [[...bytes(4, unit.length), ...unit], abbrev, names.flatMap(text)];
  const begin = 64 + 5 * 64;
  const headers = [new Array<number>(64).fill(0)];
  let at = begin;
  for (const [i, content] of [...contents, []].entries()) {
    const name = names.slice(0, i + 1).flatMap(text).length;
    const [type, flags, address, size] = i === 3 ? [8, 2, 0x1000, 0x10_0000] : [1, 0, 0, content.length];
    headers.push([
      ...bytes(4, name),
      ...bytes(4, type),
      ...bytes(8, flags),
      ...bytes(8, address),
      ...bytes(8, at),
      ...bytes(8, size),
      ...new Array<number>(24).fill(0),
    ]);
    at += content.length;
  }
  const ident = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, ...new Array<number>(9).fill(0)];
  const first = [...bytes(2, 2), ...bytes(2, 62), ...bytes(4, 1), ...bytes(8, 0), ...bytes(8, 0), ...bytes(8, 64)];
  const last = [
    ...bytes(4, 0),
    ...bytes(2, 64),
    ...bytes(2, 0),
    ...bytes(2, 0),
    ...bytes(2, 64),
    ...bytes(2, 5),
    ...bytes(2, 3),
  ];
  return Uint8Array.from([...ident, ...first, ...last, ...headers.flat(), ...contents.flat()]);
}
