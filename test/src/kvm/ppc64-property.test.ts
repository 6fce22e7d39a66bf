import assert from 'node:assert/strict';
import { type Ppc64Features, ppc64Backend } from '@hwbp/arch-ppc64';
import { type Breakpoint, type Kernel, KernelError, type Program, perfEvents, type Task } from '@hwbp/core';
import test from 'ava';
import fc from 'fast-check';
import { check } from '../property/support/check.js';
import { at, CPUS, GUEST_DATA, type Ppc64Pair, ppc64Pair, store, writes } from './ppc64-support.js';

/*
 * Random watches of a host and of a guest, at the same addresses, while the virtual CPU moves between physical ones and
 * somebody debugs the guest from outside: everybody hears of exactly their own accesses, and nothing is left armed.
 */

const ADDRESSES = [0n, 8n, 64n].map((offset) => GUEST_DATA + offset);
const OUTSIDE = GUEST_DATA + 0x1000n;

/** Stores to the addresses in turn, for ever. */
interface Storing {
  readonly task: Task;
  /** The watch on each address, or of its CPU. */
  readonly watches: (Breakpoint | undefined)[];
  hits: number;
  expected: number;
}

/** `armed`: what is watched counts at the moment. */
function storing(kernel: Kernel, armed: () => boolean, affinity?: readonly number[]): Storing {
  const watches: Storing['watches'] = ADDRESSES.map(() => undefined);
  const one = { watches, hits: 0, expected: 0 };
  let i = 0;
  const stores = (): Program => ({
    state: 'ready',
    run(cpu, budget) {
      let retired = 0;
      while (retired < budget) {
        if (cpu.execute(store(at(i), ADDRESSES[i] ?? 0n)) !== undefined) {
          if (watches[i] !== undefined && armed()) one.expected++;
          i = (i + 1) % ADDRESSES.length;
          retired++;
        }
        if (cpu.attention) break;
      }
      return retired;
    },
  });
  const task = kernel.machine.spawn(stores, affinity === undefined ? {} : { affinity });
  return Object.assign(one, { task });
}

/** Puts a watch on an address, or takes it away. A register that is not there is no error. */
function toggle(kernel: Kernel, one: Storing, index: number, cpu?: number): void {
  // A newcomer does not inherit a hit that is on its way.
  if (one.task.context.completion !== undefined) return;
  const watch = one.watches[index];
  if (watch !== undefined) {
    kernel.breakpoints.unregister(watch);
    one.watches[index] = undefined;
    return;
  }
  const attr = writes(ADDRESSES[index] ?? 0n);
  const hit = (): void => void one.hits++;
  try {
    one.watches[index] =
      cpu === undefined
        ? kernel.breakpoints.registerUser(attr, hit, one.task)
        : kernel.breakpoints.registerCpu(attr, hit, cpu);
  } catch (error) {
    if (!(error instanceof KernelError) || error.errno !== 'ENOSPC') throw error;
  }
}

/** Watches from outside, or lets go. In the middle of a completion the guest's own hit is on its way. */
function debugFromOutside({ debug, vcpu }: Ppc64Pair, features: Ppc64Features, on: boolean): void {
  const breakpoints = [ppc64Backend(features).parse(writes(OUTSIDE))];
  debug.debug(vcpu.cpu, on ? { step: false, software: false, breakpoints } : undefined);
}

const op = fc.oneof(
  fc.record({
    kind: fc.constantFrom('guest', 'host') as fc.Arbitrary<'guest' | 'host'>,
    who: fc.nat(1),
    index: fc.nat(2),
  }),
  fc.record({ kind: fc.constant('run' as const), count: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('move' as const), cpu: fc.nat(1) }),
  fc.record({ kind: fc.constant('outside' as const), on: fc.boolean() }),
);

type Op = typeof op extends fc.Arbitrary<infer T> ? T : never;

/** Hits of all runs. */
let told = 0;

function perform(ops: readonly Op[], name: string, events: boolean): void {
  const features = CPUS[name] ?? {};
  const scheduler = events ? { breakpointScheduler: perfEvents() } : {};
  using p = ppc64Pair({
    features,
    host: { cpus: 2, tick: 11_000, ...scheduler },
    guest: { tick: 23_000, ...scheduler },
  });
  let hidden = false;
  const guests = [0, 1].map(() => storing(p.guest, () => !hidden));
  const hosts = [0, 1].map((cpu) => storing(p.host, () => true, [cpu]));
  const [vcpu] = p.vm.tasks;
  for (const one of ops) {
    if (one.kind === 'guest') toggle(p.guest, guests[one.who] as Storing, one.index);
    else if (one.kind === 'host') toggle(p.host, hosts[one.who] as Storing, one.index, one.who);
    else if (one.kind === 'run') p.host.machine.run(one.count);
    else if (one.kind === 'move') p.host.machine.setAffinity(vcpu as Task, [one.cpu]);
    else if (one.kind === 'outside' && guests.every(({ task }) => task.context.completion === undefined)) {
      hidden = one.on;
      debugFromOutside(p, features, hidden);
    }
    for (const { hits, expected } of [...guests, ...hosts]) assert.equal(hits, expected);
  }
  told += [...guests, ...hosts].reduce((sum, { hits }) => sum + hits, 0);
  debugFromOutside(p, features, false);
  for (const [kernel, sides] of [
    [p.guest, guests],
    [p.host, hosts],
  ] as const) {
    for (const side of sides) {
      for (const watch of side.watches) if (watch !== undefined) kernel.breakpoints.unregister(watch);
      kernel.machine.exit(side.task);
    }
  }
  p.host.machine.run(1000);
  for (const { unit } of p.host.machine.cpus) assert.deepEqual(unit.filter.ranges, []);
  assert.deepEqual(p.debug.registers.loads, []);
  assert.deepEqual(p.log.entries, []);
}

for (const name of Object.keys(CPUS)) {
  for (const events of [false, true]) {
    test(`a host and its guest, both of ${name}${events ? ', with events' : ''}`, (t) => {
      told = 0;
      const property = fc.property(fc.array(op, { minLength: 5, maxLength: 60, size: 'max' }), (ops) =>
        perform(ops, name, events),
      );
      check(t, property, 60);
      t.true(told > 500, `${told}`);
    });
  }
}
