import { readProgram } from './load-program.js';
import { type PlacedProgram, placeInTrace } from './place-in-trace.js';
import type { ProgramFile } from './place-program.js';
import { readLibrary } from './read-library.js';
import { expectTrace } from './sniff-file.js';
import { TraceEvidence } from './trace-evidence.js';
import { TraceInput } from './trace-input.js';

/** What of the command line is about the program. */
export interface ProgramOptions {
  readonly elf?: string | undefined;
  readonly loadBias?: bigint | undefined;
}

/** A trace that is read beside what tells whether it can be trusted. */
export interface OpenedTrace {
  readonly input: TraceInput;
  readonly evidence: TraceEvidence;
}

/** Traces, and the program that they are of. */
export interface OpenedTraces extends PlacedProgram {
  readonly traces: readonly OpenedTrace[];
}

/** Reads the program. Files that are not there, or are something else, are told before anything else is looked at. */
export async function readFiles(
  paths: readonly string[],
  { elf }: ProgramOptions,
  command: string,
): Promise<ProgramFile | undefined> {
  for (const path of paths) await expectTrace(path, command);
  return elf === undefined ? undefined : await readProgram(elf);
}

/** Opens traces, and finds out where their program was loaded. Throws usage errors. */
export async function openTraces(
  paths: readonly string[],
  file: ProgramFile | undefined,
  { loadBias }: ProgramOptions,
): Promise<OpenedTraces> {
  const inputs: TraceInput[] = [];
  for (const path of paths) inputs.push(await TraceInput.open(path));
  const [first] = inputs;
  const placed = await placeInTrace(file, loadBias, first && ((see) => first.lookAhead(see)));
  return {
    ...placed,
    traces: inputs.map((input) => ({
      input,
      evidence: new TraceEvidence(input.name, placed.program, readLibrary),
    })),
  };
}
