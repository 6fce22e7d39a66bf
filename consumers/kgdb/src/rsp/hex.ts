const DIGITS = '0123456789abcdef';
/** The two digits of each byte. */
const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => `${DIGITS[byte >> 4]}${DIGITS[byte & 15]}`);
const DIGIT_CODES = new Uint16Array(Uint8Array.from(PAIRS.join(''), (digit) => digit.charCodeAt(0)).buffer);
/**
 * Of each byte: the codes of its two digits in the low half, as they lie in memory, so that a pair is one store; the
 * sum of the codes in the high half.
 */
export const DIGIT_PAIRS = Int32Array.from(PAIRS, (pair, byte) => {
  const sum = pair.charCodeAt(0) + pair.charCodeAt(1);
  return (sum << 16) | (DIGIT_CODES[byte] as number);
});

/** The value of a hexadecimal digit's code; -1 if it is none. */
export function digitValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** The two digits of a byte. */
export function hexByte(byte: number): string {
  return PAIRS[byte & 0xff] as string;
}

/** Bytes from digits, two for each; `undefined` if the text is anything else. */
export function bytesOfHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = digitValue(text.charCodeAt(2 * i));
    const low = digitValue(text.charCodeAt(2 * i + 1));
    if (high < 0 || low < 0) return undefined;
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}

/** Text of bytes, one character for each. */
export function latin1(bytes: Uint8Array): string {
  // In pieces: a call takes only so many arguments. What V8 takes as an array, and does not have to spread, is much
  // faster.
  const piece = (from: number): string =>
    String.fromCharCode.apply(null, bytes.subarray(from, from + 4096) as unknown as number[]);
  if (bytes.length <= 4096) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096) text += piece(at);
  return text;
}
