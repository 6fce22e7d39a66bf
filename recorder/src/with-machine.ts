import type { MachineFacts } from '@hwbp/conform';

/** Puts the machine's facts into a recorded line, and leaves every other byte as the recorder wrote it. */
export function withMachine(line: string, machine: MachineFacts): string {
  return line.replace('"setup":{', () => `"setup":{"machine":${JSON.stringify(machine)},`);
}
