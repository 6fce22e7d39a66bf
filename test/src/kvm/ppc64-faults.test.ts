import { CPU_MODELS, type Ppc64Cpu } from '@hwbp/arch-ppc64';
import type { ControlAccess, ControlResult, ExecutionState } from '@hwbp/core';
import test from 'ava';
import { CountingPpc64Unit, GUEST_DATA, HOST_DATA, ppc64Pair, stores, writes } from './ppc64-support.js';

/* Whatever write to a physical register fails: the host's own are back at the exit, and nobody hears of the other. */

class Broken extends Error {}

/** A unit of which one write fails. */
class BrokenUnit extends CountingPpc64Unit {
  /** Writes until then. */
  left = Number.POSITIVE_INFINITY;

  override setWatch(register: number, hi: number, lo: number, control: number): void {
    this.#count();
    super.setWatch(register, hi, lo, control);
  }

  override move(access: ControlAccess, state: ExecutionState): ControlResult | undefined {
    if (access.value !== undefined) this.#count();
    return super.move(access, state);
  }

  #count(): void {
    if (this.left-- === 1) throw new Broken();
  }
}

/** Runs with the `at`-th write failing; how often it did. */
function failures(cpu: Ppc64Cpu, at: number): { failed: number; guest: number; host: number } {
  const { watches, isa } = CPU_MODELS[cpu];
  const unit = new BrokenUnit({ layouts: watches, ciabr: isa > 2.06 });
  using p = ppc64Pair({ features: { cpu }, host: { createUnit: () => unit, tick: 9_000 } });
  const seen = { failed: 0, guest: 0, host: 0 };
  p.host.breakpoints.registerCpu(writes(HOST_DATA), () => seen.host++, 0);
  const armed = unit.filter.ranges;
  p.host.machine.hooks.guestExit.add(() => {
    if (JSON.stringify(unit.filter.ranges, String) !== JSON.stringify(armed, String)) throw new Error('not the host’s');
  });
  p.host.machine.spawn(stores(20, HOST_DATA));
  const task = p.guest.machine.spawn(stores(20, GUEST_DATA));
  p.guest.breakpoints.registerUser(writes(GUEST_DATA), () => seen.guest++, task);
  unit.left = at;
  for (let run = 0; run < 3; run++) {
    try {
      p.host.machine.run(5000);
      break;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      seen.failed++;
    }
  }
  unit.left = Number.POSITIVE_INFINITY;
  return seen;
}

for (const cpu of ['power7', 'power8', 'power10'] as const) {
  test(`${cpu}: a failed write`, (t) => {
    let failed = 0;
    for (let at = 1; at <= 40; at++) {
      const seen = failures(cpu, at);
      failed += seen.failed;
      t.true(seen.guest <= 20 && seen.host <= 20, `${at}: ${seen.guest} and ${seen.host} hits`);
    }
    t.true(failed > 10, `${failed}`);
    t.deepEqual(failures(cpu, 10_000), { failed: 0, guest: 20, host: 20 });
  });
}
