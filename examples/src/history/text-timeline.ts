import type { HistoryData } from '@hwbp/history';

/** One letter for each owner: the first of its name that nobody else has. */
function lettersOf(owners: readonly string[]): readonly string[] {
  const taken: string[] = [];
  for (const owner of owners) taken.push([...owner, '*'].find((letter) => !taken.includes(letter)) ?? '*');
  return taken;
}

/** Who held which register, with a column for each instruction: a letter for an owner, a capital for a hit. */
export function textTimeline(data: HistoryData): string[] {
  const letters = lettersOf(data.owners);
  const lines: string[] = [];
  for (let cpu = 0; cpu < data.cpus; cpu++) {
    for (const [register, name] of data.registers.entries()) {
      const columns = new Array<string>(data.to).fill('.');
      for (const { owner, from, to = data.to, ...where } of data.intervals) {
        if (where.cpu === cpu && where.register === register) columns.fill(letters[owner] ?? '?', from, to);
      }
      for (const event of data.events) {
        if (event.kind !== 'hit' || event.cpu !== cpu || event.register !== register) continue;
        columns[event.count - 1] = columns[event.count - 1]?.toUpperCase() ?? '?';
      }
      lines.push(`CPU ${cpu} ${name}  ${columns.join('')}`);
    }
  }
  for (const [n, owner] of data.owners.entries()) lines.push(`${letters[n]}  ${owner}`);
  return lines;
}
