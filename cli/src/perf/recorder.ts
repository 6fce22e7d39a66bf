import {
  PERF_RECORD_COMM,
  PERF_RECORD_MISC_COMM_EXEC,
  PERF_RECORD_MISC_MMAP_DATA,
  PERF_RECORD_MISC_USER,
  PERF_RECORD_MMAP2,
  type PerfDataFeatures,
  type PerfDataSink,
  PerfDataWriter,
  type PerfFile,
} from '@hwbp/perf';
import { type ElfSegment, PF_R, PF_W, PF_X } from '../elf/elf-segments.js';
import type { TraceTask } from '../replay/trace-tasks.js';
import type { EventKernel } from './event-kernel.js';
import type { OpenedEvent } from './open-events.js';

const PROT = { read: 1, write: 2, exec: 4 } as const;
const MAP_PRIVATE = 2;
const PAGE = 4096n;

/** A program, as its tasks have mapped it. */
export interface MappedProgram {
  /** Absolute: perf looks for its symbols there. */
  readonly file: string;
  readonly segments: readonly ElfSegment[];
  readonly buildId: Uint8Array | undefined;
}

/** How a recording is made. */
export interface RecorderOptions {
  readonly sink: PerfDataSink;
  readonly features: PerfDataFeatures;
  readonly program: MappedProgram | undefined;
  /** Pages of each task's ring. */
  readonly pages: number;
}

/**
 * Moves records from the rings of a kernel's events into a perf.data file. Every task has a ring, which its events
 * share.
 */
export class Recorder {
  readonly writer: PerfDataWriter;
  readonly #rings: readonly PerfFile[];
  readonly #opened: readonly OpenedEvent[];

  /** Maps the rings and begins the file with what perf would find in /proc: names and mappings of the tasks. */
  constructor({ tasks }: EventKernel, opened: readonly OpenedEvent[], options: RecorderOptions) {
    const { sink, features, program, pages } = options;
    this.#opened = opened;
    this.#rings = tasks.map((_, i) =>
      shareRing(
        opened.map(({ files }) => files[i] as PerfFile),
        pages,
      ),
    );
    const groups = opened.flatMap(({ group, grouped }, leader) => {
      if (!grouped || opened.findIndex((other) => other.group === group) !== leader) return [];
      return [{ name: '', leader, members: opened.filter((other) => other.group === group).length }];
    });
    this.writer = new PerfDataWriter(sink, {
      events: opened.map(({ event: { name }, files }) => ({
        attr: (files[0] as PerfFile).attr,
        ids: files.map(({ id }) => id),
        name,
      })),
      features: { ...features, groups },
      // The clock of a CPU moves as it executes: those of several drift apart without limit.
      finishedRounds: new Set(tasks.map(({ cpu }) => cpu)).size === 1,
    });
    for (const [i, task] of tasks.entries()) this.#introduce(task, (this.#rings[i] as PerfFile).id, program);
  }

  /** Records of samples that found no room. */
  get lost(): number {
    return this.#opened.reduce((sum, { files }) => sum + files.reduce((all, { lost }) => all + lost, 0), 0);
  }

  /** Samples written. */
  get samples(): number {
    return this.writer.samples;
  }

  /** Reads every ring once. */
  drain(): void {
    for (const { ring } of this.#rings)
      if (ring !== undefined && ring.pending > 0) this.writer.writeBytes(ring.drainBytes());
    this.writer.finishRound();
  }

  #introduce({ task, cpu }: TraceTask, id: bigint, program: MappedProgram | undefined): void {
    const who = { pid: task.tgid, tid: task.pid };
    const sample_id = { ...who, time: 0n, id, stream_id: id, cpu };
    const { comm } = task;
    this.writer.write({ type: PERF_RECORD_COMM, misc: PERF_RECORD_MISC_COMM_EXEC, ...who, comm, sample_id });
    for (const { address, size, offset, flags } of program?.segments ?? []) {
      const addr = address - (address % PAGE);
      const end = (address + size + PAGE - 1n) & ~(PAGE - 1n);
      const prot = (flags & PF_R ? PROT.read : 0) | (flags & PF_W ? PROT.write : 0) | (flags & PF_X ? PROT.exec : 0);
      this.writer.write({
        type: PERF_RECORD_MMAP2,
        misc: PERF_RECORD_MISC_USER | (flags & PF_X ? 0 : PERF_RECORD_MISC_MMAP_DATA),
        ...who,
        addr,
        len: end - addr,
        pgoff: offset - (address - addr),
        prot,
        flags: MAP_PRIVATE,
        filename: program?.file ?? '',
        sample_id,
      });
    }
  }
}

/** The first file's ring takes the records of all. */
function shareRing(files: readonly PerfFile[], pages: number): PerfFile {
  const [first, ...others] = files as readonly [PerfFile, ...PerfFile[]];
  first.mmap(pages);
  for (const file of others) file.setOutput(first);
  return first;
}
