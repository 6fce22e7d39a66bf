import { type ArchManifest, HW_BREAKPOINT_X, type HwBreakpointAttr, KernelError } from '@hwbp/core';
import { equal } from '../assert/index.js';
import { hasRegisters } from '../lab/applies.js';
import { type BackendCase, benchCase } from '../lab/backend-subject.js';
import type { Bench } from '../lab/bench.js';
import { conditionName, isAligned, lastAddress, rangeLengths, variedAttrs } from '../lab/conditions.js';
import { checkExact, placesOf } from '../lab/edges.js';

/** Bytes that a request watches: of an instruction the first. */
const bytesOf = ({ bp_type, bp_len }: HwBreakpointAttr): bigint => (bp_type === HW_BREAKPOINT_X ? 1n : BigInt(bp_len));

/** True if the manifest says that a request works there. A range is at home at multiples of its length. */
function suits(manifest: ArchManifest, attr: HwBreakpointAttr, address: bigint): boolean {
  if (attr.bp_type === HW_BREAKPOINT_X) return address % 8n === 0n;
  const length = Number(attr.bp_len);
  if (rangeLengths(manifest).includes(length)) return address % BigInt(length) === 0n;
  return isAligned(manifest, address, length);
}

/** The last address not above `wanted` that suits a request; `undefined`: none nearby. */
function lastSuiting(manifest: ArchManifest, attr: HwBreakpointAttr, wanted: bigint): bigint | undefined {
  const near = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].map((back) => wanted - back);
  const aligned = wanted - (wanted % bytesOf(attr));
  return [...near, wanted - (wanted % 8n), aligned].find((at) => at >= 0n && suits(manifest, attr, at));
}

/** Requests whose last byte is the one before an address, whose last byte is that one, and what begins there. */
function* aroundBorder(manifest: ArchManifest, attr: HwBreakpointAttr, border: bigint): Generator<HwBreakpointAttr> {
  const bytes = bytesOf(attr);
  const places = new Set([border - bytes, border - bytes + 1n, border - 1n, border]);
  for (const wanted of places) {
    const bp_addr = lastSuiting(manifest, attr, wanted);
    if (bp_addr !== undefined && bp_addr + bytes - 1n <= lastAddress(manifest)) yield { ...attr, bp_addr };
  }
}

function checkAnswer({ backend }: Bench, attr: HwBreakpointAttr): void {
  const { kernelStart } = backend.manifest;
  const name = conditionName(attr);
  const bytes = bytesOf(attr);
  const { address, length, kernelSpace } = backend.parse(attr);
  equal(address, attr.bp_addr, `${name}: address of what parse returned`);
  equal(length, Number(bytes), `${name}: bytes that are watched`);
  const last = attr.bp_addr + bytes - 1n;
  const where = `its last byte is 0x${last.toString(16)}, the kernel begins at 0x${kernelStart.toString(16)}`;
  equal(kernelSpace, last >= kernelStart, `${name}: kernelSpace (${where})`);
}

/** Where things lie, and what `parse` says of it. */
export const placeCases: readonly BackendCase[] = [
  benchCase('driver/kernel-space-is-judged-by-every-byte', hasRegisters, (bench) => {
    const { manifest } = bench.backend;
    for (const attr of variedAttrs(manifest)) {
      for (const moved of aroundBorder(manifest, attr, manifest.kernelStart)) checkAnswer(bench, moved);
    }
  }),

  benchCase('driver/listed-conditions-work-everywhere', hasRegisters, (bench) => {
    const { manifest } = bench.backend;
    const { taskSize, kernelStart, directMap } = manifest;
    for (const attr of variedAttrs(manifest)) {
      const bytes = bytesOf(attr);
      const wanted = [
        0n,
        taskSize - bytes,
        kernelStart,
        directMap,
        directMap + 0x1000n,
        lastAddress(manifest) - bytes + 1n,
      ];
      for (const at of wanted) {
        const bp_addr = lastSuiting(manifest, attr, at);
        if (bp_addr !== undefined) checkAnswer(bench, { ...attr, bp_addr });
      }
    }
  }),

  benchCase('driver/what-is-accepted-is-watched', hasRegisters, (bench) => {
    const { backend } = bench;
    const { manifest } = backend;
    const longest = Math.max(...manifest.dataLengths, manifest.longestRange, 8);
    const powers = Array.from({ length: Math.ceil(Math.log2(longest)) + 2 }, (_, bit) => 2 ** bit);
    const lengths = new Set(powers.flatMap((power) => [power - 1, power, power + 1, 1.5 * power].map(Math.floor)));
    for (const bp_type of [1, 2, 3, 4]) {
      for (const bp_len of lengths) {
        for (const offset of [0n, 1n, 4n, 7n, 8n, 0x1f8n, 0x1ffn]) {
          const attr = { bp_type, bp_addr: 0x4000_0000n + offset, bp_len };
          const register = placesOf(manifest, attr)[0];
          if (register === undefined || !accepts(bench, attr)) continue;
          const { address, length } = bench.arm(register, attr);
          const name = conditionName(attr);
          equal(address, attr.bp_addr, `${name} was accepted: address of what parse returned`);
          equal(length, Number(bytesOf(attr)), `${name} was accepted: bytes that are watched`);
          checkExact(bench, attr, { when: 'it was accepted' });
          bench.driver.uninstall(register);
        }
      }
    }
  }),

  benchCase('driver/addresses-that-nobody-has-are-judged-too', hasRegisters, (bench) => {
    // Between user space and the kernel, and with bits that no address has: refused, or kept as they are.
    const { manifest } = bench.backend;
    if (manifest.wordSize !== 8) return;
    const { taskSize, kernelStart } = manifest;
    for (const attr of variedAttrs(manifest)) {
      for (const at of [taskSize, kernelStart - 0x1000n, 1n << 63n, (1n << 63n) - 0x1000n, 0x00ff_0000_0010_0000n]) {
        const bp_addr = lastSuiting(manifest, attr, at);
        if (bp_addr === undefined || bp_addr + bytesOf(attr) > kernelStart) continue;
        const moved = { ...attr, bp_addr };
        if (accepts(bench, moved)) checkAnswer(bench, moved);
      }
    }
  }),

  benchCase('driver/a-length-may-be-a-bigint', hasRegisters, (bench) => {
    const { backend } = bench;
    for (const attr of variedAttrs(backend.manifest)) {
      const asBigint = { ...attr, bp_len: BigInt(attr.bp_len) };
      equal(
        backend.parse(asBigint),
        backend.parse(attr),
        `${conditionName(attr)}: parsed with a bigint for its length`,
      );
    }
  }),
];

function accepts({ backend }: Bench, attr: HwBreakpointAttr): boolean {
  try {
    backend.parse(attr);
    return true;
  } catch (error) {
    if (error instanceof KernelError) return false;
    throw error;
  }
}
