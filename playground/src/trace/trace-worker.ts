import {
  ARCHITECTURES,
  asItIs,
  BiasFinder,
  type LoadedProgram,
  parseWatchSpec,
  placeProgram,
  ReplaySession,
  readElf,
  resolveWatch,
} from '@hwbp/cli/portable';
import { hex, StaticSymbolTable, symbolize } from '@hwbp/core';
import { Buffer } from 'buffer/index.js';
import { blocksOf } from './blocks.js';
import type { TraceAnswer, TraceRequest, TraceResult } from './messages.js';

/** What looks for where a program was loaded works with Node's kind of bytes. */
Object.assign(globalThis, { Buffer });

/** What a worker has of its global object. */
interface Port {
  postMessage(answer: TraceAnswer): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<TraceRequest>) => void): void;
}

/** Milliseconds between two words of how far it has come. */
const WORD = 100;
/** Sites of a watch that are shown. */
const MOST_SITES = 100;
/** Characters of a task's name. */
const COMM = 15;

const port = globalThis as unknown as Port;

/** The program where it was loaded: as the user says, or as the trace shows, which is read ahead for that. */
async function programOf({ program, loadBias, trace }: TraceRequest): Promise<LoadedProgram | undefined> {
  if (program === undefined) return undefined;
  const elf = readElf(new Uint8Array(await program.arrayBuffer()));
  const file = { path: program.name, elf, demangle: asItIs };
  if (!elf.positionIndependent || loadBias !== undefined) return placeProgram(file, loadBias, undefined);
  const finder = new BiasFinder(file);
  for await (const block of blocksOf(trace, () => {})) {
    finder.see(block);
    if (finder.done) break;
  }
  const placed = placeProgram(file, undefined, finder.found);
  if (placed.unplaced === undefined) return placed;
  throw new Error(
    `${program.name} is position-independent, and ${placed.unplaced}: say where it was loaded (valgrind -v -v tells)`,
  );
}

function resultOf(session: ReplaySession, began: number): TraceResult {
  const { summary, replay, registers, kernel } = session;
  const { symbols } = kernel;
  return {
    steps: replay.steps,
    skipped: replay.skipped,
    hits: summary.total,
    sites: session.watches.flatMap((watch) => {
      const rare = new Set(summary.rare(watch));
      return summary
        .of(watch)
        .slice(0, MOST_SITES)
        .map((site) => ({
          watch: watch.text,
          type: watch.type,
          name: symbolize(symbols, site.pc),
          pc: hex(site.pc),
          count: site.count,
          first: site.first,
          last: site.last,
          rare: rare.has(site),
        }));
    }),
    registers: registers.map(({ cpu, register, content }) => ({
      cpu,
      register,
      address: content && hex(content.watch.address),
      watch: content?.watch.text,
      owner: content?.breakpoint.owner,
      hits: content?.breakpoint.hits ?? 0,
    })),
    seconds: (performance.now() - began) / 1000,
  };
}

async function replay(request: TraceRequest): Promise<void> {
  const { trace, watches, arch: name, cpu, cpus } = request;
  const began = performance.now();
  const arch = ARCHITECTURES[name]?.on(cpu);
  if (arch === undefined) throw new Error(`there is no architecture ${name}`);
  if (watches.length === 0) throw new Error('nothing is watched: write SYMBOL:w, or 0x404390/4:w');
  const program = await programOf(request);
  const { manifest } = arch.create().backend;
  using session = new ReplaySession({
    arch,
    cpus,
    tasks: 1,
    comm: (request.program ?? trace).name.slice(0, COMM),
    symbols: program?.symbols ?? new StaticSymbolTable([]),
    watches: watches.map((text) => resolveWatch(parseWatchSpec(text), { manifest, program })),
    strict: false,
    repeats: program?.repeats,
    callerOf: (lackey) => (program === undefined ? undefined : lackey.lastIn(program.code)),
    onHit: () => {},
  });
  let read = 0;
  let said = 0;
  for await (const block of blocksOf(trace, (bytes) => {
    read += bytes;
  })) {
    session.feed(0, block);
    session.run();
    if (performance.now() - said < WORD) continue;
    said = performance.now();
    port.postMessage({ kind: 'progress', read, size: trace.size, result: resultOf(session, began) });
  }
  session.end(0);
  session.run();
  if (session.replay.steps === 0) throw new Error(`there is no Lackey trace in ${trace.name}`);
  port.postMessage({ kind: 'done', result: resultOf(session, began) });
}

port.addEventListener('message', ({ data }) => {
  replay(data).catch((error: unknown) => {
    port.postMessage({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  });
});
