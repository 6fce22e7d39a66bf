/** What the first byte of a code point says of its width, by width. */
const LEADS = [0, 0, 0xc0, 0xe0, 0xf0] as const;
/** Of a code point that is a surrogate pair in a text. */
const WIDTH_OF_PAIRS = 4;
/** Stands for half a surrogate pair, which UTF-8 cannot express. */
const REPLACEMENT = 0xfffd;

function widthOf(code: number): 1 | 2 | 3 | 4 {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x1_0000 ? 3 : 4;
}

/** Bytes that a text takes in UTF-8. */
export function utf8Length(text: string): number {
  let length = 0;
  // Half a pair is as wide as what stands for it.
  for (let i = 0; i < text.length; i++) {
    const width = widthOf(text.codePointAt(i) as number);
    if (width === WIDTH_OF_PAIRS) i++;
    length += width;
  }
  return length;
}

/** A text in UTF-8, half a surrogate pair as U+FFFD: as TextEncoder, which the language does not have. */
export function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number;
    if (point < 0x80) {
      bytes[at++] = point;
      continue;
    }
    let code = point >= 0xd800 && point < 0xe000 ? REPLACEMENT : point;
    const width = widthOf(code);
    if (width === WIDTH_OF_PAIRS) i++;
    for (let byte = width - 1; byte > 0; byte--) {
      bytes[at + byte] = 0x80 | (code & 0x3f);
      code >>= 6;
    }
    bytes[at] = LEADS[width] | code;
    at += width;
  }
  return bytes;
}
