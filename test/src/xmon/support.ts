import { type Ppc64Features, ppc64 } from '@hwbp/arch-ppc64';
import { type Access, composeKernel, type Instruction, type Kernel, type KernelOptions, program } from '@hwbp/core';
import { Xmon, type XmonOptions, type XmonSession } from '@hwbp/xmon';

/** Text and data of the kernels here, on ppc64. */
export const TEXT = 0xc000_0000_0010_0000n;
export const DATA = 0xc000_0000_0000_2000n;

export const SYMBOLS = [
  { name: 'requests', address: DATA, size: 8 },
  { name: 'serve', address: TEXT, size: 0x20 },
  { name: 'idle_loop', address: TEXT + 0x20n, size: 0 },
];

export const load = (address: bigint, size = 8): Access => ({ kind: 'read', address, size });
export const store = (address: bigint, value: bigint, size = 8): Access => ({ kind: 'write', address, size, value });

/** A round of the kernel's: nothing, a load, a store of one more, a jump back. */
export function* serve(text: bigint, data: bigint, rounds: number): Generator<Instruction, void, readonly bigint[]> {
  for (let round = 0; round < rounds; round++) {
    yield { pc: text, length: 4 };
    const [value = 0n] = yield { pc: text + 4n, length: 4, accesses: [load(data)] };
    yield { pc: text + 8n, length: 4, accesses: [store(data, value + 1n)] };
    yield { pc: text + 12n, length: 4, next: text };
  }
}

/** A kernel on ppc64 that serves on each CPU, `rounds` times. */
export function ppc64Kernel(features: Ppc64Features, options: Partial<KernelOptions> = {}, rounds = 3): Kernel {
  const kernel = composeKernel({
    arch: ppc64(features),
    cpus: 1,
    strict: true,
    symbols: SYMBOLS,
    plugins: [Xmon],
    ...options,
  });
  kernel.machine.physical.allocate();
  for (const { index } of kernel.machine.onlineCpus) {
    kernel.machine.spawn(
      program(() => serve(TEXT, DATA, rounds)),
      { comm: `server${index}`, mode: 'kernel', affinity: [index] },
    );
  }
  return kernel;
}

/** A user of xmon who types; what is printed comes back. The machine goes on at once when it is let. */
export class Typist {
  readonly session: XmonSession;
  /** What the latest run said. */
  reason = '';

  constructor(kernel: Kernel, options?: XmonOptions) {
    this.session = kernel.get(Xmon).open(options);
  }

  enter(): string {
    return this.session.enter();
  }

  /** Types lines; runs the machine behind those that let it go on. */
  type(...lines: readonly string[]): string {
    return lines.map((line) => this.#type(line)).join('\n');
  }

  #type(line: string): string {
    const printed = this.session.line(line);
    if (this.session.inside) return printed;
    const { output, reason } = this.session.run(10_000);
    this.reason = reason;
    return printed === '' ? output : `${printed}\n${output}`;
  }
}

/** A whole session as it looks at a terminal: prompts, what is typed, what is printed. */
export function transcript(kernel: Kernel, lines: readonly string[], options?: XmonOptions): string {
  const typist = new Typist(kernel, options);
  const shown: string[] = [typist.enter()];
  for (const line of lines) {
    shown.push(`${typist.session.prompt}${line}`);
    const printed = typist.type(line);
    if (printed !== '') shown.push(printed);
    if (!typist.session.inside) shown.push(`(${typist.reason})`);
  }
  return shown.join('\n');
}
