/** What an image is made of: what JSON has. Numbers of 64 bits are hexadecimal text, see {@link bits}. */
export type ImageValue =
  | null
  | boolean
  | number
  | string
  | readonly ImageValue[]
  | { readonly [field: string]: ImageValue };

/** A number of 64 bits, or as many as are given, as an image has it: `0x1f`. */
export function bits(value: bigint, width = 64): string {
  return `0x${BigInt.asUintN(width, value).toString(16)}`;
}

/** Bytes, as an image has them: two hexadecimal digits each. */
export function digits(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
