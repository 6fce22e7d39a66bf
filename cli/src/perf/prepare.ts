import path from 'node:path';
import { findArchitecture } from '../architecture/find-architecture.js';
import { usageError } from '../errors.js';
import { type OpenedTrace, openTraces, readFiles } from '../replay/open-traces.js';
import type { LoadedProgram } from '../replay/place-program.js';
import { RECORD_A_TRACE } from '../replay/play-traces.js';
import type { EventKernelOptions } from './event-kernel.js';
import type { PerfOptions } from './perf-options.js';
import { findPolicy } from './policies.js';
import { type ResolvedGroup, readEvents, resolveEvents } from './resolve-event.js';

/** A command line that makes sense. */
export interface Prepared {
  readonly groups: readonly ResolvedGroup[];
  readonly program: LoadedProgram | undefined;
  readonly kernel: EventKernelOptions;
  readonly traces: readonly OpenedTrace[];
}

/** Reads the program, finds the symbols and opens the traces. Throws usage errors. */
export async function prepare(paths: readonly string[], options: PerfOptions, command: string): Promise<Prepared> {
  const example = `hwbp ${command} -e mem:SYMBOL:w --elf FILE -- TRACE`;
  if (paths.length === 0) throw usageError('no trace was named', `${example}; ${RECORD_A_TRACE}`);
  const file = await readFiles(paths, options, command);
  if (paths.filter((trace) => trace === '-').length > 1) {
    throw usageError('standard input can be one trace only', 'name files for the others');
  }
  if (options.event.length === 0)
    throw usageError(`there is nothing to ${command === 'stat' ? 'count' : command}`, `name an event: ${example}`);
  const groups = readEvents(options.event, command);
  const arch = await findArchitecture(options.arch, options.cpu);
  const slotPolicy = findPolicy(options.policy);
  const { traces, program, symbols } = await openTraces(paths, file, options);
  const resolved = resolveEvents(groups, arch.create().backend.manifest, program);
  const comms = paths.map((trace) => path.basename(options.elf ?? (trace === '-' ? 'task' : trace)));
  const { cpus, tasks: copies, strict } = options;
  const repeats = program?.repeats;
  const kernel = { arch, cpus, comms, copies, symbols, slotPolicy, strict, repeats };
  return { groups: resolved, program, traces, kernel };
}
