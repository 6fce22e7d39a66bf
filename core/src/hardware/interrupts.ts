/** Lines that a CPU has. */
export const INTERRUPT_LINES = 64;

/** Throws a TypeError for a line that there is not. */
export function checkLine(line: number): void {
  if (Number.isInteger(line) && line >= 0 && line < INTERRUPT_LINES) return;
  throw new TypeError(`an interrupt line is 0 to ${INTERRUPT_LINES - 1}, got ${String(line)}`);
}

/** Its bit, of the lower or the upper 32. */
function bitOf(line: number): number {
  checkLine(line);
  return 1 << (line & 31);
}

/** Whose lines they are; declared here, implemented by the CPU. */
export interface Interruptible {
  attention: boolean;
}

/**
 * The interrupt lines of one CPU. A device raises a line; the CPU's owner takes it, between two instructions and never
 * inside a debug shadow, in the order of the lines' numbers.
 */
export class InterruptLines {
  /** Bit n: line n, of the lower and the upper 32. */
  #low = 0;
  #high = 0;
  #nonMaskable = false;
  #left = false;
  readonly #cpu: Interruptible;

  /** `cpu`: what hands over whatever it executes when a line is raised. */
  constructor(cpu: Interruptible = { attention: false }) {
    this.#cpu = cpu;
  }

  /** Raises a line, 0 to 63; nothing happens if it is raised. Throws a TypeError for another number. */
  raise(line: number): void {
    this.#set(line, true);
    this.#cpu.attention = true;
  }

  /** Takes a line back that nobody has taken. */
  lower(line: number): void {
    this.#set(line, false);
  }

  /** Raises the non-maskable interrupt, which comes before every line (x86: NMI; ppc64: system reset). */
  raiseNonMaskable(): void {
    this.#nonMaskable = true;
    this.#cpu.attention = true;
  }

  /** Takes it; false if it was not raised. */
  takeNonMaskable(): boolean {
    const raised = this.#nonMaskable;
    this.#nonMaskable = false;
    return raised;
  }

  /** True if any line is raised, or the non-maskable one, or its owner has left itself something to do. */
  get pending(): boolean {
    return (this.#low | this.#high) !== 0 || this.#nonMaskable || this.#left;
  }

  /** The CPU's owner has something to do there between two instructions, as for an interrupt. @settable */
  get left(): boolean {
    return this.#left;
  }

  set left(left: boolean) {
    this.#left = left;
    if (left) this.#cpu.attention = true;
  }

  /** True while the non-maskable interrupt is raised. */
  get nonMaskable(): boolean {
    return this.#nonMaskable;
  }

  /** True while a line is raised that nobody has taken. Throws a TypeError for a number that is none. */
  isRaised(line: number): boolean {
    return ((line < 32 ? this.#low : this.#high) & bitOf(line)) !== 0;
  }

  /** Takes the lowest line that is raised, of those above `after`; -1 if none is. */
  take(after = -1): number {
    for (let line = after + 1; this.pending && line < INTERRUPT_LINES; line++) {
      if (!this.isRaised(line)) continue;
      this.#set(line, false);
      return line;
    }
    return -1;
  }

  /** Its CPU goes: what nobody has taken is another one's to take. */
  moveTo(other: InterruptLines): void {
    if (this.takeNonMaskable()) other.raiseNonMaskable();
    for (let line = this.take(); line >= 0; line = this.take(line)) other.raise(line);
  }

  /** Lines 0 to 31 that are raised, or 32 to 63: bit n is the n-th of them. */
  word(half: 0 | 1): number {
    return half === 0 ? this.#low : this.#high;
  }

  /** Those that are raised: two words of 32 lines, and the non-maskable one. */
  get raised(): readonly [low: number, high: number, nonMaskable: boolean] {
    return [this.#low >>> 0, this.#high >>> 0, this.#nonMaskable];
  }

  /** Raises these and no others. */
  restore([low, high, nonMaskable]: InterruptLines['raised']): void {
    this.#low = low | 0;
    this.#high = high | 0;
    this.#nonMaskable = nonMaskable;
    if (this.pending) this.#cpu.attention = true;
  }

  /** Takes all of them back. */
  clear(): void {
    this.#low = 0;
    this.#high = 0;
    this.#nonMaskable = false;
    this.#left = false;
  }

  #set(line: number, on: boolean): void {
    const bit = bitOf(line);
    if (line < 32) this.#low = on ? this.#low | bit : this.#low & ~bit;
    else this.#high = on ? this.#high | bit : this.#high & ~bit;
  }
}
