import { StepError } from '../../format/arguments.js';

/** Where the next `get_dr` stores. */
export const RESULTS = 0x3100n;
const RESULT_SIZE = 4n;
/** What `store` stores. */
const STORED = 0x1122_3344n;

/** Instructions assembled so far: where they go, and how many results they store. */
export interface Assembled {
  readonly bytes: number[];
  /** @settable */
  results: number;
}

const bytesOf = (value: bigint, size: number): number[] =>
  Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));

/** Appends an instruction as suite K writes it. Throws a StepError for what is none. */
export function assemble(text: string, real: boolean, into: Assembled): void {
  const [name = '', ...rest] = text.split(':');
  const [a = 0n, b = 0n] = rest.map((operand) => {
    if (/^(0x[0-9a-f]{1,16}|[0-9]{1,19})$/i.test(operand)) return BigInt(operand);
    throw new StepError(`instruction '${text}': '${operand}' is no number`);
  });
  const register = 0xc0 | (Number(a & 7n) << 3);
  const result = (): number[] => bytesOf(RESULTS + RESULT_SIZE * BigInt(into.results++), 2);
  const forms: Readonly<Record<string, () => number[]>> = {
    nop: () => [0x90],
    hlt: () => [0xf4],
    out: () => [0xe6, 0x70],
    icebp: () => [0xf1],
    int3: () => [0xcc],
    store: () => [
      ...(real ? [0x66, 0xc7, 0x06, ...bytesOf(a, 2)] : [0xc7, 0x04, 0x25, ...bytesOf(a, 4)]),
      ...bytesOf(STORED, 4),
    ],
    load: () => (real ? [0x66, 0xa1, ...bytesOf(a, 2)] : [0x8b, 0x04, 0x25, ...bytesOf(a, 4)]),
    mov_dr: () => [0x66, 0xb8, ...bytesOf(b, 4), 0x0f, 0x23, register],
    get_dr: () => [0x0f, 0x21, register, 0x66, 0xa3, ...result()],
    cr4_de: () => [0x0f, 0x20, 0xe0, 0x66, 0x83, 0xc8, 0x08, 0x0f, 0x22, 0xe0],
    set_tf: () => [0x9c, 0x58, 0x80, 0xcc, 0x01, 0x50, 0x9d],
  };
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  if (form === undefined) throw new StepError(`there is no instruction '${text}'`);
  into.bytes.push(...form());
}
