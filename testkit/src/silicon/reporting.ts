import { type DebugException, registersOf } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { all, dataAtLeast, executes, hasRegisters, spotTiming, steps, watchesData } from '../lab/applies.js';
import { type Applies, type BackendCase, benchCase } from '../lab/backend-subject.js';
import type { Bench } from '../lab/bench.js';
import { USER_DATA } from '../lab/conditions.js';
import { dataSpot, executeSpot, plain } from '../lab/spot.js';

const trapsAfter: Applies = (manifest) => watchesData(manifest) && spotTiming(manifest) === 'after';

/** Arms the first data register; returns what hits it. */
function armed(bench: Bench) {
  const spot = dataSpot(bench.backend.manifest, 0);
  bench.arm(registersOf(bench.backend.manifest, 'data').first, spot.attr);
  return spot;
}

const timings = (raised: readonly DebugException[]): string => raised.map(({ timing }) => timing).join();

/** When and how often an exception is raised. */
export const reportingCases: readonly BackendCase[] = [
  benchCase('silicon/data-timing-is-as-listed', watchesData, (bench) => {
    const timing = spotTiming(bench.backend.manifest);
    const { touch } = armed(bench);
    const access = touch.accesses?.[0];
    if (access === undefined) return;
    const atTheAccess = bench.access(access);
    equal(atTheAccess !== undefined, timing === 'before', 'an exception comes with the access');
    equal(bench.unit.pending, timing === 'after', 'a hit is pending until the instruction retires');
    bench.unit.discard();
    equal(timings(bench.execute(touch)), timing, 'timing of the exception');
  }),

  benchCase('silicon/reports-once', watchesData, (bench) => {
    const { touch } = armed(bench);
    equal(bench.execute(touch).length, 1, 'exceptions of the instruction that hits');
    equal(bench.unit.pending, false, 'something is still pending after the report');
    equal(bench.execute(plain()).length, 0, 'exceptions of the next instruction');
    equal(bench.execute(touch).length, 1, 'exceptions of the same instruction, executed again');
  }),

  benchCase('silicon/one-exception-for-all-accesses', all(trapsAfter, dataAtLeast(2)), (bench) => {
    const { manifest } = bench.backend;
    const { first } = registersOf(manifest, 'data');
    const spots = [dataSpot(manifest, 0), dataSpot(manifest, 1)];
    spots.forEach(({ attr }, i) => {
      bench.arm(first + i, attr);
    });
    const accesses = [...spots, ...spots].flatMap(({ touch }) => touch.accesses ?? []);
    equal(
      bench.execute({ pc: plain().pc, accesses }).length,
      1,
      'exceptions of an instruction with four accesses that hit',
    );
    equal(bench.execute(plain()).length, 0, 'exceptions of the next instruction');
  }),

  benchCase('silicon/discard-forgets', trapsAfter, (bench) => {
    const access = armed(bench).touch.accesses?.[0];
    if (access === undefined) return;
    bench.access(access);
    bench.unit.discard();
    equal(bench.unit.pending, false, 'a hit of an abandoned instruction is pending');
    equal(bench.execute(plain()).length, 0, 'exceptions after an instruction was abandoned');
  }),

  benchCase('silicon/execute-timing-is-as-listed', executes, (bench) => {
    const { manifest } = bench.backend;
    const { attr, touch } = executeSpot(manifest, 0);
    bench.arm(registersOf(manifest, 'instruction').first, attr);
    equal(timings(bench.execute(touch)), manifest.timing.execute, 'timing of the exception');
  }),

  benchCase('silicon/resume-suppresses-an-execute-fault', executes, (bench) => {
    const { manifest } = bench.backend;
    if (manifest.timing.execute === 'after' || !manifest.resumeFlag) return;
    const { attr, touch } = executeSpot(manifest, 0);
    bench.arm(registersOf(manifest, 'instruction').first, attr);
    for (const mode of ['user', 'kernel'] as const) {
      const raised = bench.execute(touch, { resume: true, mode }).length;
      equal(raised, 0, `exceptions with the resume flag set, ${mode} mode`);
      equal(bench.execute(touch, { mode }).length, 1, `exceptions with the resume flag clear again, ${mode} mode`);
    }
  }),

  benchCase('silicon/resume-does-not-suppress-data', watchesData, (bench) => {
    equal(
      bench.execute(armed(bench).touch, { resume: true }).length,
      1,
      'exceptions of a data hit with the resume flag set',
    );
  }),

  benchCase('silicon/single-step-traps-after-each-instruction', steps, (bench) => {
    for (const instruction of [plain(0), plain(1)]) {
      equal(timings(bench.execute(instruction, { singleStep: true })), 'after', 'exceptions of a single step');
    }
    equal(bench.execute(plain(2)).length, 0, 'exceptions once single step is off');
  }),

  benchCase('silicon/single-step-and-data-hit-are-one-exception', all(steps, trapsAfter), (bench) => {
    equal(timings(bench.execute(armed(bench).touch, { singleStep: true })), 'after', 'exceptions of both together');
    equal(bench.execute(plain()).length, 0, 'exceptions of the next instruction');
  }),

  benchCase('silicon/reset-disarms', hasRegisters, (bench) => {
    const { manifest } = bench.backend;
    const data = watchesData(manifest) ? armed(bench) : undefined;
    const code = executes(manifest) ? executeSpot(manifest, 0) : undefined;
    if (code !== undefined && !(manifest.slots.shared && manifest.slots.data < 2)) {
      const { end } = registersOf(manifest, 'instruction');
      bench.arm(end - 1, code.attr);
    }
    const access = data?.touch.accesses?.[0];
    if (access !== undefined) bench.access(access);
    bench.unit.reset();
    equal(bench.unit.pending, false, 'something is pending after a reset');
    ok(bench.filterIsEmpty, 'the filter is empty after a reset');
    for (const spot of [data, code]) {
      if (spot !== undefined)
        equal(bench.execute(spot.touch, { filtered: false }).length, 0, 'exceptions after a reset');
    }
  }),

  {
    id: 'silicon/new-unit-is-silent',
    run: (subject) => {
      const bench = subject.bench();
      ok(bench.filterIsEmpty, 'the filter of a new unit is empty');
      equal(bench.unit.pending, false, 'something is pending in a new unit');
      for (const kind of ['read', 'write', 'readwrite'] as const) {
        for (const address of [0n, USER_DATA, 0xffff_ffff_ffff_fff8n]) {
          const raised = bench.execute({ pc: address, accesses: [{ kind, address, size: 8 }] }, { filtered: false });
          equal(raised.length, 0, `exceptions of a ${kind} in a new unit`);
        }
      }
    },
  },
];
