import { type ArchManifest, hex } from '@hwbp/core';
import { usageError } from '../errors.js';
import { anyOf, lengthsOf, type Watch } from './watch.js';

/** What the architecture could only refuse, said in terms of the command line. */
export function checkWatch(watch: Watch, manifest: ArchManifest): void {
  const { text, type, length } = watch;
  const { name, access } = manifest;
  const at = `--watch ${text}: `;
  if (access.length === 0) {
    throw usageError(
      `${at}the architecture '${name}' has no debug registers that can be used`,
      'replay on one that has: --arch x86',
    );
  }
  if (!access.includes(type)) {
    const remedy =
      type === 'r' && access.includes('rw') ? `watch reads and writes: ${text.replace(/r$/, 'rw')}` : undefined;
    throw usageError(`${at}${name} cannot watch '${type}', only ${anyOf(access)}`, remedy);
  }
  if (type === 'x') return;
  if (!manifest.dataLengths.includes(length) && (length < 1 || length > manifest.longestRange)) {
    throw usageError(
      `${at}${name} cannot watch ${length} bytes`,
      `use a length of ${lengthsOf(manifest)}, as in ${withLength(watch, 4)}`,
    );
  }
  if (manifest.alignment === 'natural' && watch.address % BigInt(length) !== 0n) throw misaligned(watch, manifest);
  const block = BigInt(manifest.granule);
  const end = watch.address + BigInt(length);
  if (manifest.alignment === 'granule' && watch.address / block !== (end - 1n) / block) throw crosses(watch, manifest);
}

function crosses(watch: Watch, { name, granule }: ArchManifest): Error {
  const { text, address, length } = watch;
  const room = granule - Number(address % BigInt(granule));
  return usageError(
    `--watch ${text}: ${length} bytes at ${hex(address)} cross a multiple of ${granule}, which ${name} cannot watch`,
    `watch what lies before it, ${withLength(watch, room)}`,
  );
}

function misaligned(watch: Watch, manifest: ArchManifest): Error {
  const { text, address, length, type } = watch;
  const fits = manifest.dataLengths.findLast((shorter) => shorter < length && address % BigInt(shorter) === 0n) ?? 1;
  const below = address - (address % BigInt(length));
  return usageError(
    `--watch ${text}: ${hex(address)} is not a multiple of ${length}, and ${manifest.name} watches aligned blocks only`,
    `watch less, ${withLength(watch, fits)}, or the block around it, ${hex(below)}/${length}:${type}`,
  );
}

function withLength({ text, type }: Watch, length: number): string {
  return `${text.slice(0, text.lastIndexOf(':')).replace(/\/.*$/, '')}/${length}:${type}`;
}
