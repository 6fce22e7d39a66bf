import assert from 'node:assert/strict';
import type { Breakpoint, Kernel } from '@hwbp/core';
import type { Gdb } from './debuggers.js';

/** What a kernel's state is checked against. */
export interface Expected {
  readonly gdb: Gdb | undefined;
  /** Disabled by somebody, or lost with notice. */
  readonly off: ReadonlySet<Breakpoint>;
  /** The slot policy may take a register away, with notice. */
  readonly mayWait: boolean;
  readonly after: string;
}

const sorted = (addresses: readonly bigint[]): bigint[] => [...addresses].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/** Registers, the software copy and the states of breakpoints agree, and are what they ought to be. */
export function checkState(kernel: Kernel, { gdb, off, mayWait, after }: Expected): void {
  const { machine, breakpoints } = kernel;
  const places = new Map<Breakpoint, number>();
  for (const { index, online, unit } of machine.cpus) {
    const occupants = breakpoints.occupants(index).filter((one) => one !== undefined);
    const armed = sorted(unit.filter.ranges.map(({ address }) => address));
    assert.equal(breakpoints.isMuted(index), gdb?.inside === true, `CPU ${index} is muted, after ${after}`);
    const quiet = !online || gdb?.inside === true;
    assert.deepEqual(
      armed,
      quiet ? [] : sorted(occupants.map(({ address }) => address)),
      `CPU ${index} after ${after}`,
    );
    for (const one of occupants) {
      assert.equal(places.has(one), false, `${one.owner} is in one register, after ${after}`);
      assert.equal(one.state, 'active', `state of ${one.owner} in a register, after ${after}`);
      places.set(one, index);
    }
    if (!online) assert.deepEqual(occupants, [], `CPU ${index}, which is offline, after ${after}`);
  }
  const claims = breakpoints.debugger.claims.map(({ breakpoint }) => breakpoint);
  for (const { index } of machine.onlineCpus) {
    const watched = claims.some(({ cpu }) => cpu === index);
    const expected = gdb?.watching === true && (watched || !gdb.knowsToMiss(index));
    assert.equal(watched, expected, `gdb watches on CPU ${index}, after ${after}`);
  }
  for (const one of [...breakpoints.registered, ...claims]) {
    const where = one.task === undefined ? one.cpu : one.task.cpu;
    const who = `${one.owner} for ${one.task ?? `CPU ${one.cpu}`}`;
    if (one.state === 'waiting') {
      assert.equal(mayWait, true, `${who} waits, after ${after}`);
      continue;
    }
    const isThere =
      one.task === undefined
        ? machine.cpu(where).online
        : machine.cpus.some((cpu) => cpu.online && machine.current(cpu) === one.task);
    const expected = off.has(one) || (claims.includes(one) && !isThere) ? 'off' : isThere ? 'active' : 'inactive';
    assert.equal(one.state, expected, `state of ${who} after ${after}`);
    if (one.state === 'active') assert.equal(places.get(one), where, `${who} is in a register there, after ${after}`);
  }
}
