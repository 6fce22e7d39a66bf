import { type Encoded, FIELDS } from './encode.js';
import { OPERATIONS as OP } from './operations.js';
import { STACK_POINTER } from './registers.js';

const WORD = 8;
const ENDING: ReadonlySet<number> = new Set(
  Object.values(OP).flatMap((operation) => ('ends' in operation ? operation.code : [])),
);
/** Instructions whose first operand is not written. */
const READING: ReadonlySet<number> = new Set(
  [
    OP.beq,
    OP.bne,
    OP.blt,
    OP.bge,
    OP.bltu,
    OP.bgeu,
    OP.jmp,
    OP.call,
    OP.push,
    OP.out,
    OP.irqsput,
    OP.syscall,
    OP.wait,
  ].map(({ code }) => code),
);

/**
 * How many bytes a routine has pushed in front of each instruction, the address that it returns to excluded;
 * `undefined`: that depends on the way there, or nobody can say. `entries`: the instructions that have a label.
 */
export function depthsOf({ code }: Encoded, entries: readonly number[]): readonly (number | undefined)[] {
  const count = code.length / FIELDS;
  const field = (at: number, number: number): number => code[at * FIELDS + number] as number;
  const depths = new Array<number | undefined>(count).fill(undefined);
  const seen = new Uint8Array(count);
  const waiting: number[] = [];
  const reach = (at: number, depth: number | undefined): void => {
    if (at < 0 || at >= count) return;
    if (seen[at] === 1 && (depths[at] === depth || depths[at] === undefined)) return;
    // Two ways that have pushed differently: nobody can say.
    depths[at] = seen[at] === 1 ? undefined : depth;
    seen[at] = 1;
    waiting.push(at);
  };
  const follow = (): void => {
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const operation = field(at, 0);
      const depth = behind(operation, field(at, 1), depths[at]);
      if (operation !== OP.call.code) reach(field(at, 5), depth);
      if (!ENDING.has(operation)) reach(at + 1, depth);
    }
  };
  for (let at = 0; at < count; at++) if (field(at, 0) === OP.call.code) reach(field(at, 5), 0);
  follow();
  for (const at of entries) {
    if (seen[at] === 0) reach(at, 0);
    follow();
  }
  return depths;
}

function behind(operation: number, first: number, depth: number | undefined): number | undefined {
  if (first === STACK_POINTER && !READING.has(operation)) return undefined;
  if (operation === OP.push.code) return depth === undefined ? undefined : depth + WORD;
  if (operation === OP.pop.code) return depth === undefined ? undefined : depth - WORD;
  return depth;
}
