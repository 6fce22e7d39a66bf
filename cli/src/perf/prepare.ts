import path from 'node:path';
import { StaticSymbolTable } from '@hwbp/core';
import { usageError } from '../errors.js';
import { findArchitecture } from '../replay/architectures.js';
import { type LoadedProgram, loadProgram } from '../replay/load-program.js';
import { RECORD_A_TRACE } from '../replay/play.js';
import { TraceInput } from '../replay/trace-input.js';
import type { EventKernelOptions } from './event-kernel.js';
import type { PerfOptions } from './perf-options.js';
import { findPolicy } from './policies.js';
import { type ResolvedGroup, readEvents, resolveEvents } from './resolve-event.js';

/** A command line that makes sense. */
export interface Prepared {
  readonly groups: readonly ResolvedGroup[];
  readonly program: LoadedProgram | undefined;
  readonly kernel: EventKernelOptions;
  readonly inputs: readonly TraceInput[];
}

const NO_SYMBOLS = new StaticSymbolTable([]);

/** Reads the program, finds the symbols and opens the traces. Throws usage errors. */
export async function prepare(traces: readonly string[], options: PerfOptions, command: string): Promise<Prepared> {
  const example = `hwbp ${command} -e mem:SYMBOL:w --elf FILE -- TRACE`;
  if (traces.length === 0) throw usageError('no trace was named', `${example}; ${RECORD_A_TRACE}`);
  if (traces.filter((trace) => trace === '-').length > 1) {
    throw usageError('standard input can be one trace only', 'name files for the others');
  }
  if (options.event.length === 0)
    throw usageError(`there is nothing to ${command === 'stat' ? 'count' : command}`, `name an event: ${example}`);
  const groups = readEvents(options.event, command);
  const arch = findArchitecture(options.arch, options.cpu);
  const slotPolicy = findPolicy(options.policy);
  const program = options.elf === undefined ? undefined : await loadProgram(options.elf, options.loadBias);
  const resolved = resolveEvents(groups, arch.create().backend.manifest, program);
  const inputs: TraceInput[] = [];
  for (const trace of traces) inputs.push(await TraceInput.open(trace));
  const comms = traces.map((trace) => path.basename(options.elf ?? (trace === '-' ? 'task' : trace)));
  const { cpus, tasks: copies, strict } = options;
  const symbols = program === undefined || program.needsBias ? NO_SYMBOLS : program.symbols;
  return { groups: resolved, program, inputs, kernel: { arch, cpus, comms, copies, symbols, slotPolicy, strict } };
}
