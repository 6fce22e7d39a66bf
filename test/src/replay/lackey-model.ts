/** One access in a trace. */
interface ModelAccess {
  readonly kind: 'L' | 'S' | 'M';
  readonly address: bigint;
  readonly size: number;
}

interface ModelInstruction {
  readonly pc: bigint;
  readonly length: number;
  readonly accesses: ModelAccess[];
  /** The line behind it is a damaged `I` line: nobody knows where execution went on. */
  lost: boolean;
}

/** What a model or a kernel is asked to watch. */
export interface ModelWatch {
  readonly type: 'w' | 'rw' | 'x';
  readonly address: bigint;
  /** Bytes; 1 for `x`. */
  readonly length: number;
}

/** One hit; `watch` is an index. */
export interface ModelHit {
  readonly step: number;
  readonly watch: number;
  readonly pc: bigint;
  readonly ip: bigint;
}

/** What a trace is, and what watches on it must report: line by line, byte for byte, without any cleverness. */
export interface ModelResult {
  readonly counts: { I: number; L: number; S: number; M: number; other: number };
  readonly firstOther: number | undefined;
  readonly hits: readonly ModelHit[];
}

const LINE = /^(I | L| S| M) ([0-9a-fA-F]{1,16}),(\d{1,4})\r?$/;

function overlap({ address, size }: ModelAccess, watch: ModelWatch): boolean {
  const above = BigInt.asUintN(64, address - watch.address);
  const below = BigInt.asUintN(64, watch.address - address);
  return above < BigInt(watch.length) || below < BigInt(size);
}

function hitsOf(instruction: ModelInstruction, watch: ModelWatch): boolean {
  if (watch.type === 'x') return instruction.pc === watch.address;
  return instruction.accesses.some((access) => (watch.type === 'rw' || access.kind !== 'L') && overlap(access, watch));
}

/** True if an instruction is another iteration of the one before, or says that there is none (REP). */
function continues({ pc, length, accesses: [first] }: ModelInstruction, previous: ModelInstruction): boolean {
  const [last] = previous.accesses;
  if (last === undefined || previous.pc !== pc || previous.length !== length) return false;
  if (first === undefined) return true;
  const step = BigInt.asIntN(64, first.address - last.address);
  return first.kind === last.kind && first.size === last.size && (step < 0n ? -step : step) === BigInt(first.size);
}

/** The text of a trace, replayed in the plainest way. */
export function model(text: string, watches: readonly ModelWatch[]): ModelResult {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const counts = { I: 0, L: 0, S: 0, M: 0, other: 0 };
  const instructions: ModelInstruction[] = [];
  let firstOther: number | undefined;
  let open = false;
  for (const [i, line] of lines.entries()) {
    const [, letter = '', digits = '', sizeText = ''] = LINE.exec(line) ?? [];
    const kind = letter.trim() as keyof typeof counts | '';
    const size = Number(sizeText);
    const current = instructions.at(-1);
    if (kind === '' || size < 1 || size > 4096 || (kind !== 'I' && !open)) {
      if (line.startsWith('I') && open && current !== undefined) {
        open = false;
        current.lost = true;
      }
      counts.other++;
      firstOther ??= i + 1;
      continue;
    }
    counts[kind]++;
    const address = BigInt(`0x${digits}`);
    if (kind === 'I') {
      instructions.push({ pc: address, length: size, accesses: [], lost: false });
      open = true;
    }
    if (kind !== 'I') current?.accesses.push({ kind: kind as ModelAccess['kind'], address, size });
  }
  const hits: ModelHit[] = [];
  for (const [i, instruction] of instructions.entries()) {
    const { pc, length } = instruction;
    const behind = BigInt.asUintN(64, pc + BigInt(length));
    const following = (from: ModelInstruction, at: number) => (from.lost ? undefined : instructions[at + 1]);
    let after = following(instruction, i);
    // The line that says that no iteration is left is none: execution goes on behind it.
    if (after?.accesses.length === 0 && continues(after, instruction)) {
      const past = following(after, i + 1);
      after = past ?? { ...after, pc: behind };
    }
    const next = after?.pc ?? behind;
    const hit = watches.flatMap((watch, index) => (hitsOf(instruction, watch) ? [{ index, watch }] : []));
    const previous = instructions[i - 1];
    const fetched = previous !== undefined && !previous.lost && continues(instruction, previous);
    const before = fetched ? [] : hit.filter(({ watch }) => watch.type === 'x');
    const behindIt = hit.filter(({ watch }) => watch.type !== 'x');
    for (const { index } of before) hits.push({ step: i + 1, watch: index, pc, ip: pc });
    for (const { index } of behindIt) hits.push({ step: i + 1, watch: index, pc, ip: next });
  }
  return { counts, firstOther, hits };
}
