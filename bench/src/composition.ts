import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type Kernel } from '@hwbp/core';
import { bareContainer } from './bare-container.js';
import { alternate, nanoseconds, ratio, sink } from './measure.js';
import type { Row } from './row.js';

/** Composing a kernel, and what each takes of memory. */
export function composition(): readonly Row[] {
  const count = 300;
  const arch = x86();
  const composeOne = (): Kernel => composeKernel({ arch, cpus: 2 });
  const parts = composeOne()
    .describe()
    .parts.filter(({ made }) => made).length;
  const one = bareContainer(parts);
  const bare = (): void => {
    for (let i = 0; i < count; i++) one();
  };
  const compose = (): void => {
    for (let i = 0; i < count; i++) composeOne()[Symbol.dispose]();
  };
  const times = alternate(count, { bare, compose }, 100);
  const microseconds = (samples: readonly number[]): Row['figure'] => nanoseconds(samples.map((value) => value / 1000));
  const collect = globalThis.gc;
  const rows: Row[] = [
    {
      what: `compose a kernel / a bare container of ${parts} parts`,
      figure: ratio(times.compose, times.bare),
      unit: 'x',
      bound: 'most',
      target: 1.5,
      note: `a kernel ${microseconds(times.compose).median.toFixed(1)} us, a bare container ${microseconds(times.bare).median.toFixed(1)} us`,
    },
  ];
  if (collect === undefined) return rows;
  const heldBy = (): number => {
    collect();
    const before = process.memoryUsage().heapUsed;
    const kept = Array.from({ length: 1000 }, composeOne);
    collect();
    const bytes = (process.memoryUsage().heapUsed - before) / kept.length;
    sink.value += kept.length;
    return bytes / 1024;
  };
  const held = Array.from({ length: 5 }, heldBy);
  rows.push({ what: 'memory of a composed kernel', figure: nanoseconds(held), unit: 'KiB', bound: 'most', target: 48 });
  return rows;
}
