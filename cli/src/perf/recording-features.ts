import { EVENTS } from '@hwbp/core';
import type { PerfDataFeatures } from '@hwbp/perf';
import { version } from '../version.js';
import type { EventKernel, EventKernelOptions } from './event-kernel.js';
import type { MappedProgram } from './recorder.js';

/**
 * What a recording says of where it was made, as far as there is something to say: a simulated machine has no CPUID, no
 * topology, no caches, no size of memory, and a clock of its own. `words`: of the command line.
 */
export function recordingFeatures(
  { kernel }: EventKernel,
  { arch, cpus }: EventKernelOptions,
  program: MappedProgram | undefined,
  words: readonly string[],
): PerfDataFeatures {
  const { buildId, file = '' } = program ?? {};
  return {
    hostname: 'hwbp',
    osrelease: `${version()}-hwbp`,
    version: version(),
    arch: arch.machine,
    nrcpus: { available: cpus, online: cpus },
    cpudesc: arch.cpu,
    cmdline: ['hwbp', ...words],
    pmu_mappings: kernel.get(EVENTS).pmus.map(({ type, name }) => ({ type, name })),
    build_ids: buildId === undefined ? [] : [{ build_id: buildId, filename: file }],
  };
}
