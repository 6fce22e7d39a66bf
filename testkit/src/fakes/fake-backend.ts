import type { ArchBackend } from '@hwbp/core';
import { type FakeBreakpoint, parseFake } from './fake-breakpoint.js';
import { FakeDebugUnit } from './fake-debug-unit.js';
import { fakeDriver } from './fake-driver.js';
import { type FakeOptions, fakeManifest } from './fake-manifest.js';
import { FakeAfterPort, FakeBeforePort } from './fake-port.js';

/**
 * An architecture that keeps the whole contract and is no real chip, for tests of consumers and policies:
 * `composeKernel({ arch: architecture(fakeBackend({ slots: 1 })) })`.
 *
 * - `fakeBackend({ slots: 1, alignment: 'granule', timing: 'before', access: ['r', 'w', 'rw'] })` is like PowerPC's
 *   DABR;
 * - `fakeBackend({ slots: { data: 16, instruction: 8 }, alignment: 'any' })` has pools of its own for each class;
 * - `fakeBackend({ slots: 0 })` has nothing.
 */
export function fakeBackend(options: FakeOptions = {}): ArchBackend<FakeBreakpoint> {
  const manifest = fakeManifest(options);
  const { slots } = manifest;
  const registers = slots.shared ? slots.data : slots.data + slots.instruction;
  const { data, stores } = manifest.timing;
  const before = data === 'before' || stores === 'before';
  return {
    manifest,
    createUnit: () => new FakeDebugUnit(registers, manifest),
    createDriver: (holder) => fakeDriver(holder, registers),
    parse: (attr) => parseFake(attr, manifest),
    connect: (host) => (before ? new FakeBeforePort(host) : new FakeAfterPort(host)),
  };
}
