import type { PerfFile, ReadValues } from '@hwbp/perf';
import { AbsentError, StepError } from '../format/arguments.js';
import type { Step } from '../format/script.js';

/** A pid that nothing has. */
export const UNUSED_PID = 0x3f_ffff;

/** The events of a script by name, in the order in which they were first opened. */
export class OpenEvents {
  /** `undefined`: refused, `closed`: by the script. */
  readonly #files = new Map<string, PerfFile | 'closed' | undefined>();

  /** How many names there are, those of refused and closed ones included. */
  get size(): number {
    return this.#files.size;
  }

  /** An event was opened, or refused. */
  set(name: string, file: PerfFile | undefined): void {
    this.#files.set(name, file);
  }

  /** The script has closed it. */
  closed(name: string): void {
    this.#files.set(name, 'closed');
  }

  /** The open event of a name. Throws a StepError if there is none. */
  named(step: Step, name: string): PerfFile {
    const file = this.#files.get(name);
    if (file !== undefined && file !== 'closed') return file;
    const complaint = `op ${step.op}: no event ${name} is open`;
    throw file === undefined && this.#files.has(name) ? new AbsentError(complaint) : new StepError(complaint);
  }

  *opened(): Generator<readonly [name: string, file: PerfFile]> {
    for (const [name, file] of this.#files) if (file !== undefined && file !== 'closed') yield [name, file];
  }

  /** The name of the open event with this id, or with this descriptor. */
  nameOf(property: 'id' | 'fd', value: number | bigint | undefined): string {
    for (const [name, file] of this.opened()) if (file[property] === value) return name;
    return '?';
  }
}

/** The event's own count: a group read of a sibling begins with its leader. */
function ownCount(values: ReadValues, id: bigint): bigint {
  if (!('values' in values)) return values.value;
  return (values.values.find((one) => one.id === id) ?? values.values[0])?.value ?? 0n;
}

/**
 * What read(2) says that an event has counted; `undefined` at the end of file, of an event that could not be scheduled.
 */
export function countOf(file: PerfFile): number | undefined {
  const values = file.values();
  return values === undefined ? undefined : Number(ownCount(values, file.id));
}
