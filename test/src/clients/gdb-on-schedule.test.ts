import type { Kernel, Plugin } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { type RecordedSchedule, randomSchedule, replaySchedule, SCHEDULE } from '@hwbp/schedulers';
import { COUNTER, composed, counterOf, spawnRace } from '../schedulers/support.js';
import { gdb } from './gdb.js';
import { GDB, testWith } from './need.js';

const TIMES = 12;
const THREADS = 3;

interface Race {
  readonly kernel: Kernel;
  /** Who executed each instruction. */
  readonly log: readonly string[];
  /** What the counter is in the end. */
  readonly counters: readonly bigint[];
}

function race(taskScheduler: Plugin, cpus: number, seed = 0): Race {
  const kernel = composed(taskScheduler, { cpus, seed, plugins: [Kgdb] });
  const log: string[] = [];
  const counters: bigint[] = [];
  kernel.machine.hooks.exit.add((task) => counters.push(counterOf(task)));
  spawnRace(kernel, TIMES, { threads: THREADS, log });
  return { kernel, log, counters };
}

/** The first seed with which something is lost, and what it chose. */
function found(cpus: number): Race & { readonly recorded: RecordedSchedule } {
  for (let seed = 0; seed < 50; seed++) {
    const one = race(randomSchedule({ preemptions: 4, longest: 40 }), cpus, seed);
    one.kernel.machine.run();
    const last = one.counters.at(-1) ?? 0n;
    if (last < BigInt(TIMES * THREADS)) return { ...one, recorded: one.kernel.get(SCHEDULE).recorded };
  }
  throw new Error('no seed finds the race');
}

for (const cpus of [1, 2]) {
  for (const threads of ['cpus', 'tasks'] as const) {
    testWith(
      GDB,
      `a real gdb, ${threads}: a race that chance found on ${cpus} CPU(s) is replayed under it`,
      async (t, executable) => {
        const { recorded, log, counters } = found(cpus);
        const again = race(replaySchedule(JSON.stringify(recorded)), cpus);
        const commands = [
          'stepi',
          'stepi',
          `watch *(long*)0x${COUNTER.toString(16)}`,
          'continue',
          'continue',
          'stepi 5',
          'continue',
          'delete',
          'hbreak *0x400004',
          'continue',
          'continue 3',
          'stepi',
          'info threads',
          'delete',
          'break *0x400008 if 1 == 0',
          'tbreak *0x400000',
          'continue',
          'stepi 3',
          'detach',
        ];
        const output = await gdb(executable, again.kernel, threads, ...commands);
        again.kernel.machine.run();
        t.regex(output, /Hardware watchpoint 1[\s\S]*Old value = [\s\S]*New value = /);
        t.regex(output, /Breakpoint 2, 0x0*400004 in/);
        t.regex(output, /Temporary breakpoint 4, 0x0*400000 in/);
        t.deepEqual(again.log, log, 'instruction by instruction');
        t.deepEqual(again.counters, counters);
        t.is(again.kernel.machine.departure, undefined);
        t.deepEqual(again.kernel.get(SCHEDULE).recorded, recorded);
        t.is(again.kernel.get(SCHEDULE).left, 0);
      },
    );
  }
}
