/*
 * Two threads count to ten together, without a lock. Chance looks for a schedule in which something is lost; then that
 * one is replayed.
 */
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type Kernel, type Loaded, type Plugin, program } from '@hwbp/core';
import { randomSchedule, replaySchedule, SCHEDULE } from '@hwbp/schedulers';

const COUNTER = 0x60_0000n;

const count = program(function* () {
  for (let i = 0; i < 5; i++) {
    const [old = 0n]: Loaded = yield {
      pc: 0x1000n,
      length: 4,
      accesses: [{ kind: 'read', address: COUNTER, size: 4 }],
    };
    yield { pc: 0x1004n, length: 4, accesses: [{ kind: 'write', address: COUNTER, size: 4, value: old + 1n }] };
  }
});

/** Runs the two threads; returns the kernel, and what they have counted to. */
function run(taskScheduler: Plugin, seed = 0): { readonly kernel: Kernel; readonly counted: bigint } {
  const kernel = composeKernel({ arch: x86(), seed, taskScheduler });
  let counted = 0n;
  kernel.machine.hooks.exit.add(({ memory }) => {
    counted = memory.readInteger(COUNTER, 4);
  });
  const first = kernel.machine.spawn(count);
  kernel.machine.fork(first, count, { thread: true });
  kernel.machine.run();
  return { kernel, counted };
}

/** Lines for people: the seed that loses something, and the same run from what was recorded. */
export function findRace(): readonly string[] {
  for (let seed = 0; ; seed++) {
    const { kernel, counted } = run(randomSchedule({ preemptions: 2, longest: 12 }), seed);
    if (counted === 10n) continue;
    const recorded = JSON.stringify(kernel.get(SCHEDULE).recorded);
    const again = run(replaySchedule(recorded));
    return [`seed ${seed}: ${counted} of 10`, recorded, `replayed: ${again.counted} of 10`];
  }
}
