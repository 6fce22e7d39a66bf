import { importOf, sourceText } from '@hwbp/scaffold';
import type { Chip } from './chip.js';

/** What the demo watches, of what the chip can: data where it is possible. */
function watchOf({ access, lengths, watchesData, wordSize }: Chip): { readonly type: string; readonly length: number } {
  if (!watchesData) return { type: 'HW_BREAKPOINT_X', length: wordSize };
  const type = access.includes('w') || access.includes('rw') ? 'HW_BREAKPOINT_W' : 'HW_BREAKPOINT_R';
  const kind = access.includes('w') || type === 'HW_BREAKPOINT_R' ? type : 'HW_BREAKPOINT_R | HW_BREAKPOINT_W';
  return { type: kind, length: lengths.filter((length) => length <= 4).at(-1) ?? lengths[0] ?? 1 };
}

/** `demo/kernel.config.ts`: a program that counts, under a breakpoint, and for gdb. */
export function demoSource(chip: Chip): string {
  const { functionName, place, watchesData, wordSize } = chip;
  const { type, length } = watchOf(chip);
  const core = ['defineKernel', 'type Instruction', 'type Loaded', 'program', ...type.split(' | ')];
  return sourceText([
    (writer) => {
      writer.writeLine('/*');
      writer.writeLine(' * A program adds 1 to 5 to a total. A breakpoint counts how often the chip sees it.');
      writer.writeLine(' *');
      writer.writeLine(' *   npx hwbp run demo/kernel.config.ts');
      writer.writeLine(' *   npx hwbp debug demo/kernel.config.ts     then, in gdb: stepi, watch *(int *) 0x20000');
      writer.writeLine(' */');
    },
    importOf('@hwbp/core', ...core),
    importOf('../src/index.js', functionName),
    `
const TEXT = 0x10000n;
const TOTAL = 0x20000n;
const ROUNDS = 5n;

/** Three instructions of 4 bytes, 5 times: load the total, add, store it. */
function* add(): Generator<Instruction, void, Loaded> {
  for (let round = 1n; round <= ROUNDS; round++) {
    const [total = 0n] = yield { pc: TEXT, length: 4, accesses: [{ kind: 'read', address: TOTAL, size: 4 }] };
    yield { pc: TEXT + 4n, length: 4, registers: { r2: total + round } };
    const store = { kind: 'write', address: TOTAL, size: 4, value: total + round } as const;
    yield { pc: TEXT + 8n, length: 4, accesses: [store], ...(round < ROUNDS ? { next: TEXT } : {}) };
  }
}

let hits = 0;

export default defineKernel({
  kernel: { arch: ${functionName}(), symbols: [{ name: 'total', address: TOTAL, size: 4 }] },

  setup({ breakpoints, machine }) {
    const task = machine.spawn(program(add), { comm: '${place.name}-demo' });
    // A debugger reads the text; the machine does not.
    task.memory.write(TEXT, new Uint8Array(12));
    task.context.pc = TEXT;
    const attr = { bp_type: ${type}, bp_addr: ${watchesData ? 'TOTAL' : 'TEXT'}, bp_len: ${watchesData ? length : wordSize} };
    breakpoints.registerUser(attr, () => hits++, task);
  },

  report: () => \`the breakpoint was hit \${hits} times\`,
});`,
  ]);
}
