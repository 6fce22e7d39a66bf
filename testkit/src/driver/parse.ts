import { type ArchManifest, HW_BREAKPOINT_X, type HwBreakpointAttr, registersOf } from '@hwbp/core';
import { equal, ok, throwsErrno } from '../assert/index.js';
import { accountsOnly, hasRegisters } from '../lab/applies.js';
import { type BackendCase, benchCase } from '../lab/backend-subject.js';
import { acceptedAttrs, classOf } from '../lab/conditions.js';
import {
  misalignedRanges,
  type RefusedAttr,
  refusedAttrs,
  refusedBits,
  refusedLengths,
  refusedWraps,
} from '../lab/refused-conditions.js';
import { touchOf } from '../lab/spot.js';

const ARCH_ERRNOS = ['EINVAL', 'EOPNOTSUPP', 'ENODEV'] as const;

const show = ({ bp_type, bp_addr, bp_len }: HwBreakpointAttr): string =>
  `bp_type 0x${bp_type.toString(16)}, 0x${bp_len.toString(16)} bytes at 0x${bp_addr.toString(16)}`;

/** What `parse` is asked: the core has refused classes without registers, and types that name nothing. */
function reachesParse(manifest: ArchManifest, attr: HwBreakpointAttr): boolean {
  return manifest.slots[classOf(attr)] > 0 && attr.bp_type !== 0 && attr.bp_type !== 7;
}

/** A case for requests that must all be refused. */
const refusing = (id: string, requests: (manifest: ArchManifest) => Iterable<RefusedAttr>): BackendCase =>
  benchCase(id, hasRegisters, ({ backend }) => {
    for (const { attr, why } of requests(backend.manifest)) {
      if (!reachesParse(backend.manifest, attr)) continue;
      throwsErrno(() => backend.parse(attr), ARCH_ERRNOS, `${why} (${show(attr)})`);
    }
  });

/** Every condition that is listed works, and nothing else does. */
export const parseCases: readonly BackendCase[] = [
  benchCase('driver/listed-conditions-are-accepted-and-hit', hasRegisters, (bench) => {
    const { manifest } = bench.backend;
    for (const attr of acceptedAttrs(manifest)) {
      const { first, end } = registersOf(manifest, classOf(attr));
      for (const register of new Set([first, end - 1])) {
        const info = bench.arm(register, attr);
        equal(info.address, attr.bp_addr, `${show(attr)}: address of what parse returned`);
        if (attr.bp_type !== HW_BREAKPOINT_X) equal(info.length, Number(attr.bp_len), `${show(attr)}: its length`);
        equal(info.kernelSpace, false, `${show(attr)}: kernelSpace`);
        equal(bench.execute(touchOf(attr)).length, 1, `${show(attr)}: exceptions in register ${register}`);
        bench.driver.uninstall(register);
      }
    }
  }),

  refusing('driver/unlisted-conditions-are-refused', refusedAttrs),
  refusing('driver/unknown-bits-of-the-type-are-refused', refusedBits),
  refusing('driver/lengths-are-compared-in-64-bits', refusedLengths),
  refusing('driver/ranges-do-not-wrap-around', refusedWraps),
  refusing('driver/misaligned-ranges-are-refused', misalignedRanges),

  benchCase('driver/accounted-registers-answer-no-device', accountsOnly, ({ backend }) => {
    for (const bp_type of [1, 2, 3]) {
      for (const bp_len of [1, 8, 64]) {
        const attr = { bp_type, bp_addr: 0x1000n, bp_len };
        throwsErrno(() => backend.parse(attr), 'ENODEV', `${show(attr)}: what nobody can program`);
      }
    }
  }),

  benchCase('driver/parse-is-pure', hasRegisters, (bench) => {
    const { backend, driver } = bench;
    for (const attr of acceptedAttrs(backend.manifest)) {
      const frozen = Object.freeze({ ...attr });
      const first = backend.parse(frozen);
      equal(backend.parse(frozen), first, `${show(attr)}: parsed a second time`);
    }
    const parsed = acceptedAttrs(backend.manifest).map((attr) => ({ attr, info: backend.parse(attr) }));
    for (const { attr, info } of parsed) equal(info.address, attr.bp_addr, `${show(attr)}: what parse returned, later`);
    for (const { attr } of refusedAttrs(backend.manifest).slice(0, 20)) {
      if (reachesParse(backend.manifest, attr)) throwsErrno(() => backend.parse(attr), ARCH_ERRNOS, show(attr));
    }
    equal(driver.active, false, 'a driver is active after parse');
    ok(bench.filterIsEmpty, 'the filter is empty after parse');
  }),
];
