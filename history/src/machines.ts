import type { HistoryData } from './data.js';

/** One machine of a history: the host, or one of its guests. */
export interface MachineHistory {
  /** `undefined`: the host. */
  readonly name: string | undefined;
  readonly data: HistoryData;
}

/** The host, and its guests with theirs behind it. */
export function machinesOf(data: HistoryData, name?: string): readonly MachineHistory[] {
  const within = name === undefined ? '' : `${name}: `;
  return [{ name, data }, ...(data.guests ?? []).flatMap((guest) => machinesOf(guest, within + guest.name))];
}

/** What belongs to a machine, named so that it is told apart from what others have: `guest: kernel`. */
export function nameIn({ name }: MachineHistory, what: string): string {
  return name === undefined ? what : `${name}: ${what}`;
}
