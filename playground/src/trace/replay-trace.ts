import {
  ARCHITECTURES,
  type Audience,
  callerIn,
  checkSize,
  type ProgramFile,
  parseTraceOptions,
  parseWatchSpec,
  placeInTrace,
  playTraces,
  programFile,
  ReplaySession,
  type ReportSubject,
  readElf,
  resolveWatch,
  SiteNames,
  TraceEvidence,
  usageError,
} from '@hwbp/cli/portable';
import { visible } from '@hwbp/core';
import { HitLines } from './hit-lines.js';
import { JsonFile } from './json-file.js';
import { openLibraries } from './libraries.js';
import type { TraceAnswer, TraceRequest, TraceResult } from './messages.js';
import { loadDemangler } from './page-demangler.js';
import { bytesOf } from './page-file.js';
import { PageTrace } from './page-trace.js';
import { traceResult } from './trace-result.js';
import { turn } from './turn.js';

/** Milliseconds between two words of how far it has come, and how many times as long as saying it takes. */
const WORD = 100;
const TIMES = 10;

/** Somebody who may say that nothing more is wanted. */
export interface Listener {
  readonly enough: boolean;
  readonly happened: Promise<undefined>;
}

async function readProgram(file: File): Promise<ProgramFile> {
  const bytes = await bytesOf('program', file);
  const read = () => {
    checkSize(file.size);
    return readElf(bytes);
  };
  return await programFile(file.name, read, loadDemangler);
}

/**
 * Does what `hwbp replay` does, with the same words. Says how far it has come, and then what was found: also if that
 * was enough before the trace's end. Throws what the command says of a request that cannot be met.
 */
export async function replayTrace(
  { trace, program: chosen, libraries, watches: texts, options }: TraceRequest,
  listener: Listener,
  say: (answer: TraceAnswer) => void,
): Promise<void> {
  const began = performance.now();
  const { arch: name, cpu, cpus, tasks, strict, loadBias } = parseTraceOptions(options);
  const input = await PageTrace.open(trace);
  const file = chosen && (await readProgram(chosen));
  if (texts.length === 0) throw usageError('nothing is watched', 'write SYMBOL:w (with a program), or 0x404390/4:w');
  const arch = ARCHITECTURES[name]?.on(cpu);
  if (arch === undefined) throw usageError(`there is no architecture ${name}`);
  const { manifest } = arch.create().backend;
  const specs = texts.map(parseWatchSpec);
  const { program, symbols } = await placeInTrace(file, loadBias, (see) =>
    input.lookAhead((block) => listener.enough || see(block)),
  );
  const watches = specs.map((spec) => resolveWatch(spec, { manifest, program }));
  const evidence = new TraceEvidence(trace.name, program, openLibraries(libraries));
  const names = new SiteNames(symbols, evidence.objects, visible);
  const hits = new HitLines(names);
  const json = new JsonFile(new SiteNames(symbols, evidence.objects, String));
  using session = new ReplaySession({
    arch,
    cpus,
    tasks,
    comm: (chosen ?? trace).name,
    symbols,
    watches,
    strict,
    repeats: program?.repeats,
    callerOf: callerIn(program, evidence),
    onHit: (hit) => {
      hits.add(hit);
      json.hit(hit);
    },
  });
  const subject: ReportSubject = { session, input, evidence, program, elf: chosen?.name, watches };
  const result = (ended: boolean): TraceResult => ({
    ...traceResult(subject, names, arch, ended),
    seconds: (performance.now() - began) / 1000,
  });
  let next = 0;
  const audience: Audience = {
    get enough() {
      return listener.enough;
    },
    happened: listener.happened,
    played: async () => {
      const now = performance.now();
      if (now >= next) {
        say({ kind: 'progress', read: input.read, size: input.size, result: result(false) });
        const after = performance.now();
        next = after + Math.max(WORD, TIMES * (after - now));
      }
      await turn();
      return listener.enough;
    },
  };
  const whole = await playTraces(session, [{ input, evidence }], audience);
  const doubts = evidence.doubts(whole);
  const end = { whole, doubts, hitList: hits.end(), json: json.end(subject, whole), notInJson: json.omitted };
  say({ kind: 'done', result: result(true), end });
}
