import { EVENTS } from '@hwbp/core';
import { PERF_TYPE_HARDWARE, type PerfDataFeatures } from '@hwbp/perf';
import { version } from '../version.js';
import type { EventKernel, EventKernelOptions } from './event-kernel.js';
import type { MappedProgram } from './recorder.js';

/**
 * What a recording says of where it was made, as far as there is something to say: a simulated machine has no CPUID, no
 * topology, no caches, no size of memory (which NUMA_TOPOLOGY would need), and a clock of its own. `words`: of the
 * command line.
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
    // Hardware events are of no PMU by their type: they have no name in sysfs.
    pmu_mappings: kernel
      .get(EVENTS)
      .pmus.filter(({ type }) => type !== PERF_TYPE_HARDWARE)
      .map(({ type, name }) => ({ type, name })),
    build_ids: buildId === undefined ? [] : [{ build_id: buildId, filename: file }],
  };
}
