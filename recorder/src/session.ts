import { type Difference, type MachineFacts, type Script, showValue } from '@hwbp/conform';
import type { TranscriptWriter } from '@hwbp/conform/files';
import type { Job } from './jobs.js';
import { recorded } from './recorded.js';
import type { Programs } from './recorder-process.js';
import { differenceOf, type Recording, recordRepeatedly } from './repeat.js';
import { withMachine } from './with-machine.js';

/** Scripts that are recorded in one go. */
const BATCH = 50;

/** What was counted. */
export interface Tally {
  recorded: number;
  stable: number;
  unstable: number;
  failed: number;
  /** Of the stable ones, those that a transcript has: with the same answers, and with others. */
  agree: number;
  differ: number;
}

/** Where the session writes. */
export interface Sinks {
  readonly transcript: TranscriptWriter;
  /** For people: what was left out, and what differs. */
  readonly tell: (line: string) => void;
  /** Scripts that were left out, in the recorder's language. */
  readonly leftOut?: (text: string) => void;
}

function shown(difference: Difference | undefined): string {
  if (difference === undefined) return 'it failed in one of them';
  const { step, op, field, expected, got } = difference;
  return `step ${step} ${op}: ${field} ${showValue(expected)}, then ${showValue(got)}`;
}

/** Records scripts and writes the stable ones. */
export class Session {
  readonly tally: Tally = { recorded: 0, stable: 0, unstable: 0, failed: 0, agree: 0, differ: 0 };
  readonly #programs: Programs;
  readonly #machine: MachineFacts;
  readonly #sinks: Sinks;

  constructor(programs: Programs, machine: MachineFacts, sinks: Sinks) {
    this.#programs = programs;
    this.#machine = machine;
    this.#sinks = sinks;
  }

  /** Records until `wanted` scripts are stable, `most` were tried, or there are no more. */
  async record(
    jobs: AsyncIterable<Job> | Iterable<Job>,
    wanted = Number.POSITIVE_INFINITY,
    most = wanted,
  ): Promise<void> {
    const target = this.tally.stable + wanted;
    const limit = this.tally.recorded + most;
    let batch: Job[] = [];
    for await (const job of jobs) {
      batch.push(job);
      const left = Math.min(target - this.tally.stable, limit - this.tally.recorded);
      if (batch.length < Math.min(BATCH, left)) continue;
      await this.#recordBatch(batch);
      batch = [];
      if (this.tally.stable >= target || this.tally.recorded >= limit) return;
    }
    if (batch.length > 0) await this.#recordBatch(batch);
  }

  async #recordBatch(batch: readonly Job[]): Promise<void> {
    const recordings = await recordRepeatedly(
      this.#programs,
      batch.map(({ script }) => script),
    );
    for (const [i, recording] of recordings.entries()) this.#take(recording, batch[i]);
  }

  #take(recording: Recording, job: Job | undefined): void {
    const { tally } = this;
    tally.recorded++;
    tally[recording.result]++;
    const { transcript, tell, leftOut } = this.#sinks;
    if (recording.result === 'stable') {
      transcript.writeLine(withMachine(recording.line, this.#machine));
      if (job?.known !== undefined) this.#compare(recording.line, job.known);
      return;
    }
    const reason =
      recording.result === 'failed'
        ? `failed: ${recording.reason}`
        : `unstable, pass '${recording.pass}': ${shown(recording.difference)}`;
    tell(`${recording.id} ${reason}`);
    leftOut?.(recording.script.text);
  }

  #compare(line: string, known: Script): void {
    const again = recorded(line).script;
    const difference = again && differenceOf(known, again);
    if (difference === undefined) {
      this.tally.agree++;
      return;
    }
    this.tally.differ++;
    this.#sinks.tell(`${known.id} differs from its transcript: ${shown(difference)}`);
  }
}
