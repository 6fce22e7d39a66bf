/** An instruction that touches bytes. */
export interface Touch {
  /** 1-based number of its `I` line. */
  readonly step: number;
  readonly pc: number;
}

/** Instructions of a trace that load (`L`) or store (`S`) any of these bytes, found in the text itself. */
export function touches(text: string, kinds: string, first: number, length: number): Touch[] {
  const found: Touch[] = [];
  let step = 0;
  let pc = 0;
  for (const line of text.split('\n')) {
    const [, kind = '', address = '', size = ''] = /^ ?([ILS]) +([0-9a-f]+),(\d+)$/.exec(line) ?? [];
    const at = Number.parseInt(address, 16);
    if (kind === 'I') {
      step++;
      pc = at;
    } else if (
      kinds.includes(kind) &&
      at < first + length &&
      at + Number(size) > first &&
      found.at(-1)?.step !== step
    ) {
      found.push({ step, pc });
    }
  }
  return found;
}
