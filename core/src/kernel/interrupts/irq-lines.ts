import { coreError, shown } from '../../errors/index.js';
import { type Cpu, checkLine, INTERRUPT_LINES } from '../../hardware/index.js';
import type { ImageReader, ImageValue } from '../../image/index.js';

/** The line by which CPUs call each other; devices have the others. */
export const IPI_LINE = INTERRUPT_LINES - 1;

const HALVES = [0, 1] as const;

/** What a machine's interrupt controller knows of one line. */
interface Line {
  priority: number;
  /** How often it was masked. */
  masks: number;
  affinity: ReadonlySet<number> | undefined;
}

/** The interrupt controller of a machine: who may be interrupted by which line, and what comes first. */
export class IrqLines {
  readonly #cpus: readonly Cpu[];
  readonly #lines = new Map<number, Line>();

  constructor(cpus: readonly Cpu[]) {
    this.#cpus = cpus;
    this.of(IPI_LINE).priority = Number.MAX_SAFE_INTEGER;
  }

  /** Throws a TypeError for a number that is no line of devices. */
  check(line: number): void {
    checkLine(line);
    if (line === IPI_LINE)
      throw new TypeError(`line ${IPI_LINE} is for calls between CPUs; devices have 0 to ${IPI_LINE - 1}`);
  }

  priority(line: number): number {
    return this.#lines.get(line)?.priority ?? 0;
  }

  isMasked(line: number): boolean {
    return (this.#lines.get(line)?.masks ?? 0) > 0;
  }

  /** Of lines that are not as they were at first. */
  save(): ImageValue {
    return [...this.#lines]
      .filter(([line]) => line !== IPI_LINE)
      .map(([line, { priority, masks, affinity }]) => ({
        line,
        priority,
        masks,
        affinity: affinity === undefined ? null : [...affinity],
      }));
  }

  /** The way back: of those, and of no others. */
  restore(from: ImageReader): void {
    for (const line of [...this.#lines.keys()]) if (line !== IPI_LINE) this.#lines.delete(line);
    for (const one of from.list()) {
      const known = this.of(one.field('line').number(0, IPI_LINE - 1));
      const affinity = one.field('affinity');
      known.priority = one.field('priority').number(-(2 ** 31), 2 ** 31 - 1);
      known.masks = one.field('masks').number(0);
      known.affinity = affinity.absent
        ? undefined
        : new Set(affinity.list().map((cpu) => cpu.number(0, this.#cpus.length - 1)));
    }
  }

  of(line: number): Line {
    const known = this.#lines.get(line);
    if (known !== undefined) return known;
    const made: Line = { priority: 0, masks: 0, affinity: undefined };
    this.#lines.set(line, made);
    return made;
  }

  /** The CPU that a line goes to: the lowest one that is online and that the line may go to; else any. */
  target(line: number): Cpu {
    const affinity = this.#lines.get(line)?.affinity;
    const online = this.#cpus.filter((cpu) => cpu.online);
    const found = online.find(({ index }) => affinity === undefined || affinity.has(index)) ?? online[0];
    if (found !== undefined) return found;
    throw coreError('HWBP_CPU_OFFLINE', `no CPU is online that could take line ${line}`, { line });
  }

  setAffinity(line: number, cpus: Iterable<number> | undefined): void {
    if (cpus === undefined) {
      this.of(line).affinity = undefined;
      return;
    }
    const set = new Set(cpus);
    for (const cpu of set) {
      if (this.#cpus[cpu] !== undefined) continue;
      throw coreError('HWBP_NO_SUCH_CPU', `there is no CPU ${shown(cpu)} that line ${line} could go to`, { line });
    }
    if (set.size === 0) throw coreError('HWBP_NO_SUCH_CPU', `line ${line} has to go to some CPU, got none`, { line });
    this.of(line).affinity = set;
  }

  /**
   * The line that a CPU takes next: of those that are raised and not masked the first by priority, then by number, if
   * its priority is above `level`; -1: none. `after`: it comes behind this one.
   */
  next(cpu: Cpu, level: number, after: number): number {
    const { interrupts } = cpu;
    const behind = after < 0 ? Number.POSITIVE_INFINITY : this.priority(after);
    let best = -1;
    let first = Number.NEGATIVE_INFINITY;
    for (const half of HALVES) {
      for (let bits = interrupts.word(half); bits !== 0; bits &= bits - 1) {
        const line = 32 * half + 31 - Math.clz32(bits & -bits);
        const known = this.#lines.get(line);
        const priority = known?.priority ?? 0;
        if (priority <= level || priority <= first || (known !== undefined && known.masks > 0)) continue;
        if (priority > behind || (priority === behind && line <= after)) continue;
        best = line;
        first = priority;
      }
    }
    return best;
  }
}
