import { utf8 } from '../text/utf8.js';

/** Remainders of a byte by the polynomial of Ethernet and zip, bits reversed. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest & 1) === 0 ? rest >>> 1 : (rest >>> 1) ^ 0xedb8_8320;
  return rest;
});

/** The CRC-32 of a text in UTF-8, as eight hexadecimal digits: tells a damaged image, not a forged one. */
export function crc32(text: string): string {
  const bytes = utf8(text);
  let rest = 0xffff_ffff;
  for (let i = 0; i < bytes.length; i++) rest = (TABLE[(rest ^ (bytes[i] as number)) & 0xff] as number) ^ (rest >>> 8);
  return ((rest ^ 0xffff_ffff) >>> 0).toString(16).padStart(8, '0');
}
