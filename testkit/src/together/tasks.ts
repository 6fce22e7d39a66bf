import {
  type ArchManifest,
  HW_BREAKPOINT_X,
  type HwBreakpointAttr,
  type Instruction,
  type SpawnOptions,
} from '@hwbp/core';
import { equal } from '../assert/index.js';
import { hasRegisters, watchesData } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import { conditionName, isAligned, variedAttrs } from '../lab/conditions.js';
import { edgesOf } from '../lab/edges.js';
import { besideDirectMap, inDirectMap } from '../lab/kernel-memory.js';
import type { Lab, Watch } from '../lab/lab.js';
import { plain, touchOf } from '../lab/spot.js';

/** A tick after every instruction: tasks of one CPU take turns all the time. */
const BUSY = { tick: 1000, instructionTime: 1000, quantum: 1 };

/** Instructions that touch the ends of what a request watches, inside and outside, and how many of them hit. */
function around(
  manifest: ArchManifest,
  attr: HwBreakpointAttr,
): { readonly made: Instruction[]; readonly hits: number } {
  if (attr.bp_type === HW_BREAKPOINT_X) return { made: [touchOf(attr)], hits: 1 };
  const made: Instruction[] = [];
  let hits = 0;
  for (const { address, inside } of edgesOf(manifest, attr)) {
    for (const [kind, bit] of [
      ['read', 1],
      ['write', 2],
    ] as const) {
      made.push({ ...plain(made.length), accesses: [{ kind, address, size: 1 }] });
      if (inside && (attr.bp_type & bit) !== 0) hits++;
    }
  }
  return { made, hits };
}

/** The shortest and the longest condition of each kind: each other's opposites, and all of them different. */
function opposites(manifest: ArchManifest): readonly HwBreakpointAttr[] {
  const attrs = variedAttrs(manifest);
  return attrs.filter(({ bp_type }, i) => attrs[i - 1]?.bp_type !== bp_type || attrs[i + 1]?.bp_type !== bp_type);
}

/** A task that does everything that is of interest to anybody. */
function busyTask(lab: Lab, attrs: readonly HwBreakpointAttr[], options: SpawnOptions) {
  return lab.task(
    attrs.flatMap((attr) => [...around(lab.manifest, attr).made, plain(90)]),
    options,
  );
}

/** Hits of a task that touches everything: those of its own request. */
function expected(manifest: ArchManifest, attrs: readonly HwBreakpointAttr[], own: HwBreakpointAttr): number {
  const touched = attrs.flatMap((attr) => around(manifest, attr).made.map((made) => ({ attr, made })));
  return touched.filter(({ made }) => isHit(own, made)).length;
}

function isHit({ bp_type, bp_addr, bp_len }: HwBreakpointAttr, { pc, accesses = [] }: Instruction): boolean {
  if (bp_type === HW_BREAKPOINT_X) return pc === bp_addr;
  const end = bp_addr + BigInt(bp_len);
  return accesses.some(
    ({ kind, address }) => address >= bp_addr && address < end && (bp_type & (kind === 'read' ? 1 : 2)) !== 0,
  );
}

function checkCounts(
  attrs: readonly HwBreakpointAttr[],
  watches: readonly Watch[],
  hits: readonly number[],
  who: string,
): void {
  for (const [i, attr] of attrs.entries()) {
    equal(watches[i]?.count, hits[i], `${conditionName(attr)}: calls of the handler of ${who}`);
  }
}

/** Requests of several tasks in the same registers, and what the kernel itself has. */
export const taskCases: readonly BackendCase[] = [
  labCase(
    'together/tasks-with-conditions-of-their-own-take-turns',
    hasRegisters,
    (lab) => {
      const { manifest } = lab;
      const attrs = opposites(manifest);
      const tasks = attrs.map(() => busyTask(lab, attrs, { affinity: [0] }));
      const watches = attrs.map((attr, i) => lab.user(tasks[i] as (typeof tasks)[number], attr));
      lab.run();
      const hits = attrs.map((own) => expected(manifest, attrs, own));
      checkCounts(attrs, watches, hits, 'one of several tasks on a CPU, each with a condition of its own');
      for (const { exit } of tasks) equal(exit, { code: 0 }, 'how a task ended');
    },
    BUSY,
  ),

  labCase('together/every-condition-hits-its-bytes-and-no-other', hasRegisters, (lab) => {
    for (const attr of variedAttrs(lab.manifest)) {
      const { made, hits } = around(lab.manifest, attr);
      for (const mode of ['user', 'kernel'] as const) {
        const watch = lab.user(lab.task(made, { mode }), attr);
        lab.run();
        equal(watch.count, hits, `${conditionName(attr)}: calls for accesses to its ends, and beside it, ${mode} mode`);
        lab.breakpoints.unregister(watch.breakpoint);
      }
    }
  }),

  labCase('together/kernel-variables-are-watched-byte-by-byte', watchesData, (lab) => {
    const { manifest } = lab;
    for (const base of [inDirectMap(manifest), besideDirectMap(manifest)]) {
      if (lab.machine.kernelMemory.translate(base, true) === undefined)
        lab.machine.kernelMemory.map(base - 0x1000n, 0x4000);
      for (const attr of opposites(manifest)) {
        const moved = { ...attr, bp_addr: base };
        const length = Number(attr.bp_len);
        if (attr.bp_type === HW_BREAKPOINT_X || length > 0x1000 || !isAligned(manifest, base, length)) continue;
        const { made, hits } = around(manifest, moved);
        for (const whose of ['a task', 'a CPU']) {
          const task = lab.task(made, { mode: 'kernel', affinity: [1] });
          const watch = whose === 'a task' ? lab.user(task, moved) : lab.onCpu(1, moved);
          lab.run();
          const what = `${conditionName(moved)}, for ${whose}`;
          equal(watch.count, hits, `${what}: calls for the kernel's accesses to its ends, and beside it`);
          lab.breakpoints.unregister(watch.breakpoint);
        }
      }
    }
  }),
];
