import { crc32 } from '@hwbp/core';
import { schedulerError } from '../errors.js';
import { Runs } from './runs.js';

const FORMAT = 'hwbp schedule';
const VERSION = 1;
/** CPUs and tasks are numbered below this. */
const MOST = 2 ** 31;
/** Instructions of a turn. */
const LONGEST = 2 ** 45;

/**
 * Every choice that a schedule has made, as data that JSON can hold: with the composition and the programs it is the
 * run. `check` is the CRC-32 of the rest, which tells a damaged one.
 */
export interface RecordedSchedule {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  /** CPUs of the machine. */
  readonly cpus: number;
  /** The turns of CPUs: number and instructions, such as `0.2s 1.5*3`: base 36, equal ones together. */
  readonly turns: string;
  /** Which of the tasks that waited for the CPU was next, and how many there were; none where one had no choice. */
  readonly tasks: string;
  readonly check: string;
}

/** The choices of a schedule. */
export interface Choices {
  readonly cpus: number;
  readonly turns: Runs;
  readonly tasks: Runs;
}

function checkOf({ cpus, turns, tasks }: Pick<RecordedSchedule, 'cpus' | 'turns' | 'tasks'>): string {
  return crc32(JSON.stringify([FORMAT, VERSION, cpus, turns, tasks]));
}

/** Choices as data. */
export function write({ cpus, turns, tasks }: Choices): RecordedSchedule {
  const said = { cpus, turns: String(turns), tasks: String(tasks) };
  return Object.freeze({ format: FORMAT, version: VERSION, ...said, check: checkOf(said) });
}

function invalid(what: string): Error {
  return schedulerError('SCHEDULE_INVALID', `${what}; pass what kernel.get(SCHEDULE).recorded was`);
}

function objectOf(given: unknown): Partial<Record<keyof RecordedSchedule, unknown>> {
  let value = given;
  if (typeof given === 'string') {
    try {
      value = JSON.parse(given);
    } catch {
      throw invalid('the text of a recorded schedule is JSON, which this is not');
    }
  }
  if (typeof value === 'object' && value !== null) return value;
  throw invalid(`a recorded schedule is an object, or its JSON, got ${typeof value}`);
}

/** The way back. Throws EINVAL for what is no recorded schedule, is damaged, or is of another version. */
export function read(given: unknown): Choices {
  const { format, version, cpus, turns, tasks, check } = objectOf(given);
  if (format !== FORMAT) throw invalid(`the format of a recorded schedule is '${FORMAT}'`);
  if (version !== VERSION) throw invalid(`the schedule is of version ${String(version)}, this is version ${VERSION}`);
  if (typeof cpus !== 'number' || !Number.isInteger(cpus) || cpus < 1 || cpus > MOST) {
    throw invalid(`cpus of a recorded schedule is a number of CPUs, got ${String(cpus)}`);
  }
  if (typeof turns !== 'string' || typeof tasks !== 'string') {
    throw invalid('turns and tasks of a recorded schedule are text');
  }
  if (check !== checkOf({ cpus, turns, tasks })) throw invalid('the recorded schedule is damaged: its check is wrong');
  const choices = { cpus, turns: Runs.parse(turns, 'turns'), tasks: Runs.parse(tasks, 'tasks') };
  for (const { choice } of choices.turns) {
    const [cpu, length] = choice;
    if (cpu >= cpus || length < 1 || length > LONGEST) {
      throw invalid(`a turn is of a CPU below ${cpus} and of 1 instruction or more, got CPU ${cpu} and ${length}`);
    }
  }
  for (const { choice } of choices.tasks) {
    const [index, count] = choice;
    if (index >= count || count < 2 || count > MOST) {
      throw invalid(`a choice is one of 2 tasks or more, got number ${index} of ${count}`);
    }
  }
  return choices;
}
