import { type ArchManifest, registersOf } from '@hwbp/core';
import { equal, fail, ok } from '../assert/index.js';
import { isPlain } from '../assert/same.js';
import { always } from '../lab/applies.js';
import { type BackendCase, benchCase } from '../lab/backend-subject.js';
import { classesOf, dataKinds } from '../lab/conditions.js';
import { spotOf } from '../lab/spot.js';

function checkFrozenData(value: unknown, path: string): void {
  if (typeof value === 'function') fail(`${path} is a function: a manifest is plain data`);
  if (typeof value !== 'object' || value === null) return;
  ok(isPlain(value), `${path} is an object of a class: a manifest is plain data`);
  ok(Object.isFrozen(value), `${path} is not frozen: use defineManifest`);
  for (const [key, field] of Object.entries(value)) checkFrozenData(field, `${path}.${key}`);
}

/** A copy whose fields do not change with the original's. */
function snapshot(manifest: ArchManifest): string {
  return JSON.stringify(manifest, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

function checkConsistent(manifest: ArchManifest): void {
  const { slots, access, dataLengths, executeLength, alignment, granule, grain, wordSize } = manifest;
  if (slots.shared) equal(slots.data, slots.instruction, 'slots: a shared pool has one size');
  const data = dataKinds(manifest).length > 0;
  if (data) ok(slots.data > 0, 'access lists a data kind only if there are data registers');
  equal(dataLengths.length > 0, data, 'dataLengths has lengths exactly if access lists a data kind');
  equal(executeLength !== undefined, access.includes('x'), "executeLength is set exactly if access lists 'x'");
  if (slots.instruction === 0) equal(executeLength, undefined, 'executeLength without instruction registers');
  equal(new Set(access).size, access.length, 'number of different kinds in access');
  ok(
    dataLengths.every((length, i) => Number.isInteger(length) && length > (dataLengths[i - 1] ?? 0)),
    'dataLengths are whole numbers from 1, ascending',
  );
  if (alignment === 'granule') ok(granule >= Math.max(...dataLengths), 'no listed length is longer than the granule');
  ok(Number.isInteger(Math.log2(grain)), 'grain is a power of two');
  if (alignment === 'granule') ok(granule >= grain, 'the granule is not finer than the grain');
  ok(wordSize === 4 || wordSize === 8, 'wordSize is 4 or 8');
  ok(manifest.kernelStart >= manifest.taskSize, 'the kernel begins above user space');
  ok(manifest.directMap >= manifest.kernelStart, 'the direct map lies in kernel space');
  const end = manifest.directMap + (manifest.directMapSize ?? 1n);
  ok(end <= 1n << BigInt(8 * wordSize), 'the direct map ends with the address space');
}

/** What the manifest promises about itself. */
export const manifestCases: readonly BackendCase[] = [
  benchCase('driver/manifest-is-frozen-plain-data', always, ({ backend }) => {
    checkFrozenData(backend.manifest, 'manifest');
    checkConsistent(backend.manifest);
  }),

  benchCase('driver/manifest-never-changes', always, (bench) => {
    const { backend, driver, unit } = bench;
    const { manifest } = backend;
    const before = snapshot(manifest);
    for (const slotClass of classesOf(manifest)) {
      const { first } = registersOf(manifest, slotClass);
      bench.arm(first, spotOf(manifest, 0, slotClass).attr);
      driver.uninstall(first);
    }
    unit.reset();
    ok(backend.manifest === manifest, 'the manifest is one object, whenever it is asked for');
    equal(snapshot(backend.manifest), before, 'the manifest after work was done');
  }),

  benchCase('driver/registers-are-as-many-as-listed', always, ({ backend, driver }) => {
    const { slots } = backend.manifest;
    const listed = slots.shared ? slots.data : slots.data + slots.instruction;
    equal(driver.occupants.length, listed, 'length of occupants');
    ok(
      driver.occupants.every((occupant) => occupant === undefined),
      'the registers of a new driver are free',
    );
    equal(driver.active, false, 'active of a new driver');
  }),
];
