import { StaticSymbolTable, type SymbolTable } from '@hwbp/core';
import { BiasFinder, type FoundBias } from './find-bias.js';
import { readProgram } from './load-program.js';
import { type LoadedProgram, type ProgramFile, placeProgram } from './place-program.js';
import { expectTrace } from './sniff-file.js';
import { TraceEvidence } from './trace-evidence.js';
import { TraceInput } from './trace-input.js';

const NO_SYMBOLS = new StaticSymbolTable([]);

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
export interface OpenedTraces {
  readonly traces: readonly OpenedTrace[];
  readonly program: LoadedProgram | undefined;
  /** The program's, if it is known where that was loaded. */
  readonly symbols: SymbolTable;
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
  const found =
    file?.elf.positionIndependent === true && loadBias === undefined && first !== undefined
      ? await findBias(file, first)
      : undefined;
  const program = file === undefined ? undefined : placeProgram(file, loadBias, found);
  return {
    traces: inputs.map((input) => ({ input, evidence: new TraceEvidence(input.name, program) })),
    program,
    symbols: program === undefined || program.unplaced !== undefined ? NO_SYMBOLS : program.symbols,
  };
}

async function findBias(file: ProgramFile, input: TraceInput): Promise<FoundBias> {
  const finder = new BiasFinder(file);
  await input.lookAhead((block) => {
    finder.see(block);
    return finder.done;
  });
  return finder.found;
}
