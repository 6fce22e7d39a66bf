import type { RemoteCopy } from '../player/remote-memory.js';

const SIZES = [8, 4, 2, 1];
/** Most that memcpy copies from both ends. */
const SHORT = 16;

const largest = (most: number): number => SIZES.find((size) => size <= most) ?? 1;

/**
 * How the kernel copies: between processes the widest that is left; pokes and /proc/PID/mem are memcpy, which copies
 * what is short from both ends: 8 bytes twice.
 */
export const remoteCopy: RemoteCopy = (via, length) => {
  if (via !== 'vm_writev' && via !== 'vm_readv' && length <= SHORT) {
    const size = largest(length);
    return [
      { offset: 0, size },
      { offset: length - size, size },
    ];
  }
  const pieces: { readonly offset: number; readonly size: number }[] = [];
  for (let offset = 0; offset < length; offset += pieces.at(-1)?.size ?? 1) {
    pieces.push({ offset, size: largest(length - offset) });
  }
  return pieces;
};
