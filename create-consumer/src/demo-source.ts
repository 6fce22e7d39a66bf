import { importOf, sourceText } from '@hwbp/scaffold';
import type { Wish } from './wish.js';

/** `demo/kernel.config.ts`: a program that counts, and the consumer that watches it. */
export function demoSource({ place, className, functionName, scope, access }: Wish): string {
  const address = access === 'x' ? 'TEXT' : 'TOTAL';
  const mode = scope === 'task' ? '' : ", mode: 'kernel'";
  const [text, total] =
    scope === 'task' ? ['0x10000n', '0x20000n'] : ['0xffff_ffff_8100_0000n', '0xffff_ffff_8200_0000n'];
  const spawn = `machine.spawn(program(add), { comm: '${place.name}-demo'${mode} })`;
  const watch =
    scope === 'task'
      ? `const task = ${spawn};\n    get(${className}).watch(${address}, task);`
      : `${spawn};\n    get(${className}).watch(${address});`;
  return sourceText([
    importOf('@hwbp/core', 'architecture', 'defineKernel', 'type Instruction', 'type Loaded', 'program'),
    importOf('@hwbp/testkit', 'fakeBackend'),
    importOf('../src/index.js', className, functionName),
    `
// npx hwbp run demo/kernel.config.ts
const TEXT = ${text};
const TOTAL = ${total};
const ROUNDS = 5n;

/** Three instructions of 4 bytes, 5 times: load the total, add, store it. */
function* add(): Generator<Instruction, void, Loaded> {
  for (let round = 1n; round <= ROUNDS; round++) {
    const [total = 0n] = yield { pc: TEXT, length: 4, accesses: [{ kind: 'read', address: TOTAL, size: 4 }] };
    yield { pc: TEXT + 4n, length: 4 };
    const store = { kind: 'write', address: TOTAL, size: 4, value: total + round } as const;
    yield { pc: TEXT + 8n, length: 4, accesses: [store], ...(round < ROUNDS ? { next: TEXT } : {}) };
  }
}

export default defineKernel({
  // A chip that nobody has built; x86() of @hwbp/arch-x86 is a real one.
  kernel: { arch: architecture(fakeBackend()), plugins: [${functionName}({ limit: 2 })] },

  setup(kernel) {
    const { machine } = kernel;
    ${watch.replaceAll('get(', 'kernel.get(')}
  },

  report: (kernel) => \`\${kernel.get(${className}).hits} hits\`,
});`,
  ]);
}
