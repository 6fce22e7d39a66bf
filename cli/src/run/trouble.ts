/** What went wrong in a run that came to its end all the same. */
export interface Trouble {
  /**
   * `error`: code of the config threw that the kernel had called. `killed`: a task, by a signal. `oops`: the kernel did
   * what it may not. `deadlock`: tasks wait for each other. `waits`, `stopped`: a task that nobody will let go on.
   * `stuck`: an instruction that takes one exception after the other.
   * `lock`: what the lock report found.
   */
  readonly kind: 'error' | 'killed' | 'oops' | 'deadlock' | 'waits' | 'stopped' | 'stuck' | 'lock';
  /** A line, or several. */
  readonly message: string;
  /** How often it was the same; the rest is of the first time. Default 1. */
  readonly times?: number;
  /** `comm-pid`. */
  readonly task?: string;
  readonly cpu?: number;
  /** Where it was: `0x401000`, with the symbol where there is one. */
  readonly pc?: string;
  /** `file:line:column` of the config's code. */
  readonly place?: string;
}

/** As a line for people: what, who, where. */
export function troubleLine({ message, times = 1, task, cpu, pc, place }: Trouble): string {
  const where = [
    ...(task === undefined ? [] : [`task ${task}`]),
    ...(cpu === undefined ? [] : [`CPU ${cpu}`]),
    ...(pc === undefined ? [] : [`pc ${pc}`]),
  ].join(', ');
  const often = times === 1 ? '' : `, ${times.toLocaleString('en')} times`;
  const from = `${place === undefined ? '' : ` (${place})`}${often}`;
  return where === '' ? `${message}${from}` : `${message}${from}: ${where}`;
}
