/** Severity of a kernel message. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Where the kernel's messages go. */
export interface Logger {
  log(level: LogLevel, message: string): void;
}

/** One kernel message. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
}

/** The default logger: a ring of the latest messages, as dmesg shows them. */
export class RingLogger implements Logger {
  readonly #capacity: number;
  #entries: LogEntry[] = [];

  constructor(capacity = 1024) {
    this.#capacity = capacity;
  }

  log(level: LogLevel, message: string): void {
    this.#entries.push({ level, message });
    if (this.#entries.length > this.#capacity) this.#entries.shift();
  }

  /** The latest messages, oldest first. */
  get entries(): readonly LogEntry[] {
    return this.#entries;
  }
}
