import type { ArchManifest } from '@hwbp/core';
import { lastAddress } from './conditions.js';

/** What the kernel's linear map has for itself where the manifest does not say. */
const MOST = 1n << 40n;

/** In the direct map, where physical memory is. */
export function inDirectMap({ directMap }: ArchManifest): bigint {
  return directMap + 0x1000n;
}

/** An address of the kernel's where no physical memory lies: behind the direct map, or else in front of it. */
export function besideDirectMap(manifest: ArchManifest): bigint {
  const { directMap, directMapSize, kernelStart } = manifest;
  const alignment = directMap & -directMap;
  const end = directMap + (directMapSize ?? (alignment < MOST ? alignment : MOST));
  const behind = end + 0x10_0000n;
  if (behind + 0x10_0000n <= lastAddress(manifest)) return behind;
  // Far behind physical memory, if the direct map is all that there is.
  return kernelStart + 0x20_0000n <= directMap ? kernelStart + 0x10_0000n : end - 0x10_0000n;
}
