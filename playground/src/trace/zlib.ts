import { unzlibSync } from 'fflate';

/**
 * Stands for Node's zlib where programs are read: unpacks into so many bytes and no more. Throws for what is no zlib
 * stream.
 */
export function inflateSync(packed: Uint8Array, { maxOutputLength }: { readonly maxOutputLength: number }): Uint8Array {
  return unzlibSync(packed, { out: new Uint8Array(maxOutputLength) });
}
