/** Stands for Node's zlib where programs are read: a browser unpacks only what may come later. */
export function inflateSync(): never {
  throw new Error('a browser cannot do that: objcopy --decompress-debug-sections FILE');
}
