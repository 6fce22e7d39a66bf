import assert from 'node:assert/strict';
import { AddressSpace, KernelError, PhysicalMemory } from '@hwbp/core';
import test from 'ava';
import fc from 'fast-check';
import { check } from './support/check.js';

const PAGE = 16;
const TOP = 2n ** 64n;

/** A plain model: bytes by address, and what may be done with each page. */
class Model {
  readonly bytes = new Map<bigint, number>();
  readonly pages = new Map<bigint, { read: boolean; write: boolean }>();
  readonly demandZero: boolean;

  constructor(demandZero: boolean) {
    this.demandZero = demandZero;
  }

  allowed(at: bigint, write: boolean): boolean {
    const page = this.pages.get(at / BigInt(PAGE));
    if (page === undefined) return this.demandZero;
    return write ? page.write : page.read;
  }

  firstFault(addresses: readonly bigint[], write: boolean): bigint | undefined {
    return addresses.find((at) => !this.allowed(at, write));
  }

  forget(page: bigint): void {
    for (let i = 0; i < PAGE; i++) this.bytes.delete(page * BigInt(PAGE) + BigInt(i));
  }
}

function range(address: bigint, size: number): bigint[] {
  return Array.from({ length: size }, (_, i) => BigInt.asUintN(64, address + BigInt(i)));
}

function fault(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof KernelError) return error.errno;
    throw error;
  }
}

const at = fc.oneof(
  fc.nat(5 * PAGE).map(BigInt),
  fc.integer({ min: 1, max: 2 * PAGE }).map((n) => TOP - BigInt(n)),
);
const size = fc.integer({ min: 1, max: 3 * PAGE });
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), at, size, value: fc.nat(255) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), at, size }) },
  fc.record({
    kind: fc.constant('integer' as const),
    at,
    size: fc.constantFrom(1, 2, 4, 8),
    value: fc.bigInt(0n, TOP - 1n),
  }),
  fc.record({
    kind: fc.constant('map' as const),
    at: fc.nat(5 * PAGE).map(BigInt),
    size: fc.integer({ min: 1, max: PAGE }),
    read: fc.boolean(),
    write: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('unmap' as const), at: fc.nat(4 * PAGE).map(BigInt), size: fc.constant(1) }),
  fc.record({ kind: fc.constant('clone' as const) }),
);

test('an address space answers as a map of bytes and pages does: faults, permissions, wrap-around, copies', (t) => {
  const property = fc.property(
    fc.boolean(),
    fc.array(operation, { maxLength: 40, size: 'max' }),
    (demandZero, operations) => {
      const physical = new PhysicalMemory(PAGE);
      let space = new AddressSpace(physical, { demandZero });
      const model = new Model(demandZero);
      for (const step of operations) {
        if (step.kind === 'clone') {
          // The original goes its own way: what is written there from now on is not seen in the copy.
          const original = space;
          space = original.clone();
          for (const [page, { write }] of model.pages)
            if (write) original.write(page * BigInt(PAGE), new Uint8Array(PAGE).fill(0xee));
          continue;
        }
        const addresses = range(step.at, step.size);
        if (step.kind === 'map' || step.kind === 'unmap') {
          const pages = new Set(addresses.map((each) => each / BigInt(PAGE)));
          for (const page of pages) {
            model.forget(page);
            if (step.kind === 'map') model.pages.set(page, { read: step.read, write: step.write });
            else model.pages.delete(page);
          }
          if (step.kind === 'map') {
            space.map(step.at, step.size, { permissions: { read: step.read, write: step.write } });
          } else space.unmap(step.at, step.size);
          continue;
        }
        const stores = step.kind !== 'read';
        const expected = model.firstFault(addresses, stores);
        assert.equal(space.firstFault(step.at, step.size, stores), expected);
        if (demandZero) {
          // Looking is touching: a page of zeroes is there from now on.
          for (const each of addresses) {
            const page = each / BigInt(PAGE);
            if (!model.pages.has(page)) model.pages.set(page, { read: true, write: true });
          }
        }
        if (step.kind === 'read') {
          const errno = fault(() => {
            const bytes = [...space.read(step.at, step.size)];
            assert.deepEqual(
              bytes,
              addresses.map((each) => model.bytes.get(each) ?? 0),
            );
          });
          assert.equal(errno, expected === undefined ? undefined : 'EFAULT');
          continue;
        }
        const bytes = addresses.map((_, i) =>
          step.kind === 'integer' ? Number((step.value >> BigInt(8 * i)) & 0xffn) : (step.value + i) & 0xff,
        );
        const errno = fault(() => {
          if (step.kind === 'integer') space.writeInteger(step.at, step.size, step.value);
          else space.write(step.at, Uint8Array.from(bytes));
        });
        assert.equal(errno, expected === undefined ? undefined : 'EFAULT');
        if (errno !== undefined) continue;
        for (const [i, each] of addresses.entries()) model.bytes.set(each, bytes[i] ?? 0);
        if (step.kind === 'integer' && model.firstFault(addresses, false) === undefined) {
          assert.equal(space.readInteger(step.at, step.size), BigInt.asUintN(step.size * 8, step.value));
        }
      }
    },
  );
  check(t, property, 300);
});
